"""Calibration of trained runs: fitted on validation, measured on test, used when asked for."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.errors import DataProblem, UsageProblem
from neocog.measures.calibration import tempered
from neocog.report.page import page
from neocog.runs.calibrate import calibrate
from neocog.runs.calibration import FILE, load_calibration
from neocog.runs.compare import compare
from neocog.runs.comparison import Comparison
from neocog.runs.folder import RunFolder
from neocog.runs.load import load
from neocog.runs.results import load_comparison
from neocog.runs.train import train


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    into = tmp_path_factory.mktemp("calibrate") / "both"
    settings = {"descent.rate": 0.3}
    return compare("digits", "linear,mlp", budget="steps=60", seeds=2, into=into, settings=settings, processes=1)


@pytest.fixture
def folder(compared: Comparison, tmp_path: Path) -> Path:
    return Path(shutil.copytree(compared.folder, tmp_path / "both"))


def too_sure(run_folder: Path, factor: float = 2.0) -> None:
    """Make a run say its probabilities as if its logits were so much larger."""
    kept = RunFolder(run_folder)
    records = {part: kept.record(part) for part in ("val", "test")}
    for record in records.values():
        record["probabilities"] = tempered(record["probabilities"], 1 / factor).astype(np.float32)
    kept.write_records(records)


def test_the_temperature_is_that_of_validation_and_helps_on_test(folder: Path) -> None:
    before = calibrate(folder)
    for path in folder.glob("arms/*/seed-*"):
        too_sure(path)
    after = calibrate(folder)
    for own, spoilt in zip(before.networks, after.networks, strict=True):
        for one, other in zip(own.runs, spoilt.runs, strict=True):
            assert other.temperature == pytest.approx(2 * one.temperature, rel=0.02)
            assert other.after.log_loss == pytest.approx(one.after.log_loss, rel=0.03)
            assert other.before.log_loss > other.after.log_loss
            assert other.covered == pytest.approx(one.covered, abs=0.02)


def test_nothing_is_fitted_on_the_test_part(folder: Path) -> None:
    first = calibrate(folder)
    for path in folder.glob("arms/*/seed-*"):
        kept = RunFolder(path)
        test = kept.record("test")
        test["labels"] = (test["labels"] + 1) % 10
        kept.write_records({"val": kept.record("val"), "test": test})
    second = calibrate(folder)
    for own, other in zip(first.networks, second.networks, strict=True):
        assert [(one.temperature, one.threshold) for one in own.runs] == [
            (one.temperature, one.threshold) for one in other.runs
        ]
        assert other.covered < 0.3 < own.covered


def test_what_is_written_is_read_again(folder: Path) -> None:
    assert load_calibration(folder) is None
    found = calibrate(folder, coverage=0.8, make_sets="aps")
    assert load_calibration(folder) == found
    assert [each.label for each in found.networks] == ["linear", "mlp"] and found.coverage == 0.8
    one = load_calibration(folder / "arms" / "mlp" / "seed-1")
    assert one is not None and one.networks[0].runs == (found.networks[1].runs[1],)
    (folder / FILE).write_text("{")
    with pytest.raises(DataProblem) as caught:
        load_calibration(folder)
    assert caught.value.code == "calibration-damaged"


def test_few_validation_items_are_told(folder: Path) -> None:
    found = calibrate(folder)
    assert found.val_items == 180 and "only 180 items" in found.notes[0]
    assert found.low < 0.87 and found.high > 0.93
    everything = calibrate(folder, coverage=0.999)
    assert everything.networks[0].size == 10 and "too small" in everything.notes[-1]
    assert load_calibration(folder) == everything


def test_answers_use_it_when_asked_and_stay_the_same(folder: Path) -> None:
    for path in folder.glob("arms/*/seed-*"):
        too_sure(path, 3.0)  # so that the temperature is far from 1
    calibrate(folder)
    predictor = load(folder)
    images = np.random.default_rng(0).integers(0, 255, (20, 8, 8), dtype=np.uint8)
    plain, asked = predictor.predict(images), predictor.predict(images, calibrated="true")
    assert [each["label"] for each in plain] == [each["label"] for each in asked]
    how = predictor.calibrated
    assert how is not None
    said = np.array([list(each["probabilities"].values()) for each in plain])
    again = np.array([list(each["probabilities"].values()) for each in asked])
    assert again == pytest.approx(tempered(said, how.temperature), abs=1e-5)
    assert np.abs(again - said).max() > 0.05
    assert all("set" not in each and "calibrated" not in each for each in plain)
    for each in asked:
        assert each["calibrated"] is True and each["label"] == each["set"][0] and each["coverage"] == 0.9


def test_without_a_calibration_it_cannot_be_asked_for(folder: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        load(folder).predict(np.zeros((1, 8, 8), np.uint8), calibrated=True)
    assert caught.value.code == "calibration-missing" and "neocog calibrate" in caught.value.help


def test_the_report_shows_before_and_after(folder: Path) -> None:
    assert 'id="calibration"' not in page(load_comparison(folder))
    found = calibrate(folder)
    text = page(load_comparison(folder))
    assert 'id="calibration"' in text and "calibration-before" in text and "calibration-after" in text
    for network in found.networks:
        assert found.sentence(network).split(",")[0].replace("\u00a0", " ") in text.replace("\u00a0", " ")


def test_runs_that_came_later_are_told(folder: Path) -> None:
    calibrate(folder)
    settings = {"descent.rate": 0.3}
    compare("digits", "linear,mlp", budget="steps=60", seeds=3, into=folder, settings=settings, processes=1)
    assert "Not calibrated yet, in part or whole: " in page(load_comparison(folder))


def test_what_cannot_be_calibrated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        calibrate(tmp_path / "nothing")
    assert caught.value.code == "run-missing"
    train("seasons", "linear", task="forecast", budget="steps=2", into=tmp_path / "other")
    with pytest.raises(UsageProblem) as caught:
        calibrate(tmp_path / "other")
    assert caught.value.code == "calibration-needs-probabilities"
    for wrong, code in (({"coverage": 1.0}, "coverage-range"), ({"make_sets": "raps"}, "sets-unknown")):
        with pytest.raises(UsageProblem) as caught:
            calibrate(tmp_path / "other", **wrong)
        assert caught.value.code == code


def test_on_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.png")
    assert run(["calibrate", str(folder), "--sets", "aps"]) == 0
    said = capsys.readouterr().out
    assert "would be seen by chance" in said and "Sets that should hold the truth in 90" in said.replace("\u00a0", " ")
    assert run(["report", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["calibration"]
    assert told["sets"] == "aps" and len(told["networks"]) == 2 and len(told["sentences"]) == 2
    alone = str(folder / "arms" / "linear" / "seed-0")
    assert run(["calibrate", alone, "--coverage", "80", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"] == 0.8
    assert run(["predict", alone, str(tmp_path / "a.png"), "--set", "calibrated=true"]) == 0
    shown = capsys.readouterr()
    assert "80 % set: " in shown.out and "Probabilities are calibrated" in shown.err
    assert run(["predict", alone, str(tmp_path / "a.png")]) == 0
    shown = capsys.readouterr()
    assert "set:" not in shown.out and "Not calibrated, though it could be" in shown.err
