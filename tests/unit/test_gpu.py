"""The same on a GPU (pytest -m gpu)."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from neocog.fit.engine import Engine
from neocog.fit.history import Outcome
from neocog.fit.rules import rules_for
from neocog.runs.compare import compare
from neocog.runs.folder import RunFolder
from neocog.runs.predictor import Predictor
from neocog.runs.run import run, until
from neocog.tasks.classify import Classify
from runs_in_processes import tiny_experiment
from table import tiny_data

pytestmark = pytest.mark.gpu


def test_a_run_trains_resumes_and_predicts(tmp_path: Path) -> None:
    data = tiny_data()
    engine = Engine(device="cuda", precision="auto").resolve(rules_for("mlp", data.takes, "cuda"))
    experiment = replace(tiny_experiment(60), engine=engine)
    folder = RunFolder(tmp_path / "run")
    assert run(experiment, data, folder, watch=until(0.0)) is Outcome.OUT_OF_TIME
    assert run(experiment, data, folder) is Outcome.DONE
    predictor = Predictor(folder)
    assert next(predictor.network.parameters()).is_cuda
    answers = predictor.predict(data.test.images)
    assert len(answers) == len(data.test)


def test_every_network_is_compared(tmp_path: Path) -> None:
    result = compare(
        tiny_data(),
        list(Classify.networks),
        budget="steps=20",
        seeds=2,
        into=tmp_path / "c",
        device="cuda",
        settings={},
    )
    assert len(result.ranked) == len(Classify.networks)


def test_devices_are_found() -> None:
    assert torch.cuda.is_available()
