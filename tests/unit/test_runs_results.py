"""A single run, read back for its report."""

from pathlib import Path

import pytest

from neocog.core.errors import DataProblem
from neocog.runs.folder import RunFolder
from neocog.runs.results import load_run
from neocog.runs.train import train
from table import tiny_data


def test_a_run_is_a_comparison_of_one(tmp_path: Path) -> None:
    predictor = train(tiny_data(), "mlp", budget="steps=20", into=tmp_path / "run")
    found = load_run(tmp_path / "run")
    (arm,) = found.arms
    assert arm.interval is not None
    assert arm.interval.mean == pytest.approx(predictor.facts["test_scores"]["accuracy"])
    assert found.chosen is arm and not found.verdicts
    assert arm.latency_ms > 0 and arm.macs > 0
    assert found.data.counts["test"] == {"bar": 8, "dot": 8, "frame": 8}
    assert list(found.samples.names) == list(tiny_data().test.names) and found.samples.pictures
    assert "<html" in found.report(tmp_path / "report.html").read_text("utf-8")


def test_a_run_without_a_score_is_refused(tmp_path: Path) -> None:
    train(tiny_data(), "mlp", budget="steps=4", into=tmp_path / "run")
    (tmp_path / "run" / "predictions.npz").unlink()
    RunFolder(tmp_path / "run").note({"outcome": "RUNNING"})
    with pytest.raises(DataProblem):
        load_run(tmp_path / "run")
