"""Transfer: cached features equal the uncached run, adapters are merged, frozen bodies are as they were read."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from neocog.core.progress import Silent
from neocog.core.shapes import Image, Vector
from neocog.data.feature_source import FeatureSource
from neocog.data.image_source import ImageSource
from neocog.learners.on_features import HeadAlone
from neocog.networks import NETWORKS
from neocog.runs import build as building
from neocog.runs.predictor import Predictor
from neocog.runs.stop import Interrupted
from neocog.runs.train import resume, train


class Stopping(Silent):
    """Asks the run to stop at its first step; what comes before (decoding) is let be."""

    training = False

    def start(self, what: str, total: float, unit: str) -> None:
        self.training = unit == "steps"

    def advance(self, done: float, score: str = "") -> None:
        if self.training:
            signal.raise_signal(signal.SIGTERM)


OPTIONS = {"resnet": "depth=8,width=4", "simple-cnn": "maps=4,width=8", "lenet5": ""}
PLAIN: dict[str, Any] = {"augment": "none", "budget": "steps=6"}
FROZEN = {"descent.freeze": "backbone", "plan.evaluations": 3, "engine.precision": "fp32"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    save_file(NETWORKS["resnet"](Image(1, 8, 8), Vector(10), depth=8, width=4).state_dict(), tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def spec(name: str) -> str:
    return f"{name}[{OPTIONS[name]}]" if OPTIONS[name] else name


def body(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if not key.startswith("head.")}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("average", [None, 0.9])
def test_features_kept_give_the_same_run(
    name: str, average: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = {True: 0, False: 0}
    computed = FeatureSource._computed

    def counting(self: FeatureSource) -> Tensor:
        calls[True] += 1
        return computed(self)

    monkeypatch.setattr(FeatureSource, "_computed", counting)
    settings = FROZEN | ({} if average is None else {"plan.average": average})
    runs = {
        cached: train(
            "digits", spec(name), into=tmp_path / str(cached), settings={**settings, "start.cached": cached}, **PLAIN
        )
        for cached in (True, False)
    }
    assert calls[True] == 2, "once for the training part, once for the validation part"
    states = {cached: run.network.state_dict() for cached, run in runs.items()}
    assert states[True].keys() == states[False].keys()
    for key, value in states[False].items():
        torch.testing.assert_close(states[True][key], value, rtol=1e-4, atol=1e-5, msg=key)
    for score, value in runs[False].facts["test_scores"].items():
        assert runs[True].facts["test_scores"][score] == pytest.approx(value, abs=2e-3), score


def test_control_another_order_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**FROZEN, "start.cached": True}
    right = train("digits", spec("resnet"), into=tmp_path / "a", settings=settings, **PLAIN).network.state_dict()
    order = ImageSource.order
    monkeypatch.setattr(ImageSource, "order", lambda self, epoch, seed: order(self, epoch, seed).flip(0))
    other = train("digits", spec("resnet"), into=tmp_path / "b", settings=settings, **PLAIN).network.state_dict()
    assert not torch.allclose(right["head.output.weight"], other["head.output.weight"], rtol=1e-4, atol=1e-5)


def test_a_frozen_body_is_as_it_was_read_and_resume_is_exact(file: Path, tmp_path: Path) -> None:
    whole = train("digits", spec("resnet"), start=file, into=tmp_path / "whole", settings=FROZEN, **PLAIN)
    with pytest.raises(Interrupted):
        train(
            "digits", spec("resnet"), start=file, into=tmp_path / "cut", settings=FROZEN, progress=Stopping(), **PLAIN
        )
    file.unlink()
    again = resume(tmp_path / "cut").network.state_dict()
    expected = whole.network.state_dict()
    assert all(torch.equal(again[key], value) for key, value in expected.items())
    drawn = NETWORKS["resnet"](Image(1, 8, 8), Vector(10), depth=8, width=4)
    torch.manual_seed(5)
    read = NETWORKS["resnet"](Image(1, 8, 8), Vector(10), depth=8, width=4).state_dict()
    assert all(torch.equal(expected[key], value) for key, value in body(read).items())
    assert not torch.equal(expected["head.output.weight"], read["head.output.weight"])
    assert body(read).keys() == body(drawn.state_dict()).keys()


@pytest.mark.parametrize(
    ("settings", "augment", "kept"),
    [
        ({}, "none", True),
        ({"start.cached": False}, "none", False),
        ({}, "shift=0.1", False),
        ({"descent.freeze": "2"}, "none", False),
        ({"descent.unfreeze": 0.5}, "none", False),
        ({"start.rank": 2}, "none", False),
    ],
)
def test_when_features_are_kept(
    settings: dict[str, Any], augment: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []

    class Looked(HeadAlone):
        def __init__(self, network: Any) -> None:
            super().__init__(network)
            made.append(True)

    monkeypatch.setattr(building, "HeadAlone", Looked)
    options = {**PLAIN, "augment": augment, "budget": "steps=1"}
    train("digits", spec("resnet"), into=tmp_path / "run", settings=FROZEN | settings, **options)
    assert bool(made) is kept


def test_a_network_without_maps_is_frozen_without_keeping(tmp_path: Path) -> None:
    run = train("digits", "mlp[widths=8]", into=tmp_path / "run", settings=FROZEN, **PLAIN)
    fresh = train("digits", "mlp[widths=8]", into=tmp_path / "fresh", **(PLAIN | {"budget": "steps=1"}))
    assert run.network.state_dict().keys() == fresh.network.state_dict().keys()


def test_adapters_are_trained_saved_and_merged(file: Path, tmp_path: Path) -> None:
    settings = {**FROZEN, "descent.freeze": "none", "start.rank": 2, "descent.rate": 0.05}
    options = {"start": file, "settings": settings, **PLAIN}
    run = train("digits", spec("resnet"), into=tmp_path / "run", **options)
    assert run.experiment.descent.freeze == "backbone"
    torch.manual_seed(5)
    read = NETWORKS["resnet"](Image(1, 8, 8), Vector(10), depth=8, width=4).state_dict()
    found = run.network.state_dict()
    assert found.keys() == read.keys()
    key = "stages.stage1.0.conv1.weight"
    change = (found[key] - read[key]).reshape(4, -1)
    assert 0 < int(torch.linalg.matrix_rank(change, rtol=1e-4)) <= 2
    scores = run.facts["test_scores"]
    again = Predictor(run.folder)
    assert all(torch.equal(again.network.state_dict()[key], value) for key, value in found.items())
    record = run.folder.record("test")
    digits = again.task
    assert digits.scores(record) == scores
    with pytest.raises(Interrupted):
        train("digits", spec("resnet"), into=tmp_path / "cut", progress=Stopping(), **options)
    resumed = resume(tmp_path / "cut").network.state_dict()
    assert all(torch.equal(resumed[key], value) for key, value in found.items())
    second = train("digits", spec("resnet"), start=tmp_path / "run", into=tmp_path / "next", budget="steps=0")
    torch.testing.assert_close(second.network.state_dict()[key], found[key])
    assert np.isclose(second.facts["test_scores"]["accuracy"], scores["accuracy"], atol=0.01)
