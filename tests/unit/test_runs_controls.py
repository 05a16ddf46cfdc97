"""Does this data need a CNN? On data where it does, on data where it cannot, and with a planted leak."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.catalogue import Spec
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.data.controls import shuffled_labels
from neocog.data.images import ImageData, ImagePart
from neocog.report.page import page
from neocog.runs.budget import Budget
from neocog.runs.compare import compare
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.control_plan import ControlPlan
from neocog.runs.controls import Controls, load_controls
from neocog.runs.load import load
from neocog.runs.results import load_comparison
from neocog.runs.setup import reopen_data
from neocog.runs.train import evaluate

CNN = "simple-cnn[maps=16,width=24]"
SETTINGS = {"plan.evaluations": 3}
OPTIONS: dict[str, Any] = {"looks": 1, "controls": True, "processes": 1, "settings": SETTINGS}
SIDE = 14


def bars(items: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """A bar somewhere in noise: it lies or it stands. Which pixels are neighbours is everything."""
    random = np.random.default_rng(0)
    images = random.integers(0, 50, (items, SIDE, SIDE)).astype(np.uint8)
    labels = np.arange(items) % 2
    for image, label in zip(images, labels):
        row, column = random.integers(0, SIDE), random.integers(0, SIDE - 4)
        (image if label else image.T)[row, column : column + 5] += 200
    return images, labels


def alike(items: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Every pixel for itself, given the class: which pixels are neighbours means nothing."""
    random = np.random.default_rng(1)
    labels = np.arange(items) % 2
    means = 120 + random.normal(0, 14, (2, 8, 8))
    return (means[labels] + random.normal(0, 60, (items, 8, 8))).clip(0, 255).astype(np.uint8), labels


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("bars") / "bars.npz"
    images, labels = bars()
    np.savez(path, images=images, labels=labels)
    return str(path)


@pytest.fixture(scope="module")
def result(stored: str, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    into = tmp_path_factory.mktemp("controls") / "c"
    return compare(stored, CNN, into=into, budget="steps=200", seeds=5, keep=False, **OPTIONS)


@pytest.fixture(scope="module")
def found(result: Comparison) -> Controls:
    found = load_controls(result.folder)
    assert found is not None
    return found


def test_where_neighbours_are_everything_a_cnn_is_needed(result: Comparison, found: Controls) -> None:
    assert found.need == "yes" and found.at_chance is True, found
    assert found.sentence.startswith(f"These data need a CNN: {CNN} beats an MLP of equal size by ")
    assert found.cnn == CNN and found.mlp.startswith("mlp[widths=")
    assert found.shares == {"main": 1, "matched": 2, "permuted": 2, "shuffled": 1}
    assert [(each.label, each.pixels) for each in found.scores] == [
        (label, pixels) for label in (CNN, found.mlp) for pixels in ("in place", "permuted")
    ]
    answers = {(pair.a, pair.b): pair.answer for pair in found.pairs}
    assert answers[CNN, found.mlp] == answers[CNN, f"{CNN}, pixels permuted"] == "a"
    assert answers[found.mlp, f"{found.mlp}, pixels permuted"] in ("tie", "unknown")
    assert any(line.startswith("Without sharing weights") for line in found.lines)


def test_where_they_mean_nothing_none_is_needed(tmp_path: Path) -> None:
    compare(alike(), f"mlp[widths=24],{CNN}", budget="steps=60", seeds=2, into=tmp_path / "c", **OPTIONS)
    found = load_controls(tmp_path / "c")
    assert found is not None and found.need in ("no", "unknown") and found.at_chance is True, found
    answers = {(pair.a, pair.b): pair.answer for pair in found.pairs}
    assert answers[CNN, f"{CNN}, pixels permuted"] != "a"


def test_a_leak_turns_shuffled_labels_red(
    stored: str, result: Comparison, found: Controls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test part's own images get into training, with their true labels."""

    def leaking(data: ImageData, seed: int) -> ImageData:
        dealt, true = shuffled_labels(data, seed), data.test
        images = np.concatenate([np.asarray(dealt.train.images), *[np.asarray(true.images)] * 4])
        labels = np.concatenate([dealt.train.labels, *[true.labels] * 4])
        return replace(dealt, train=ImagePart(images, labels, [""] * len(labels)))

    monkeypatch.setattr("neocog.runs.control_runs.shuffled_labels", leaking)
    shutil.copytree(result.folder, tmp_path / "c")
    shutil.rmtree(tmp_path / "c" / "controls" / "shuffled")
    compare(None, into=tmp_path / "c", controls=True, processes=1)
    red = load_controls(tmp_path / "c")
    assert red is not None and red.at_chance is False and red.need == "unknown", red
    assert "a leak or a bug" in red.sentence and "above chance" in red.sentence
    assert red.pairs == found.pairs  # nothing else was trained again


def test_it_goes_on_where_it_was_and_trains_nothing_twice(result: Comparison, found: Controls, tmp_path: Path) -> None:
    shutil.copytree(result.folder, tmp_path / "c")
    (tmp_path / "c" / "controls.json").unlink()
    shutil.rmtree(next((tmp_path / "c" / "controls" / "permuted" / "arms").glob("mlp*/seed-1")))
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "c").rglob("history.jsonl")}
    compare(None, into=tmp_path / "c", controls=True, processes=1)
    assert load_controls(tmp_path / "c") == found
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())


def test_its_runs_are_runs_like_others(stored: str, result: Comparison) -> None:
    """They answer, are scored and are opened again with the pixels in their order and the labels as they were dealt."""
    moved = load_comparison(result.folder / "controls" / "permuted").arms[0].finished[0]
    scored = evaluate(moved.folder, stored, keep=False)["scores"]["accuracy"]
    assert scored > moved.scores["accuracy"] - 0.05  # all images, of which it was trained on most
    predictor = load(moved.folder)
    assert predictor.like.preparation.permuted == 0  # type: ignore[attr-defined]
    images, labels = bars()
    right = np.mean([int(each["label"]) == label for each, label in zip(predictor.predict(images), labels)])
    assert right == pytest.approx(scored, abs=1e-9)
    plain = replace(predictor.like, preparation=replace(predictor.like.preparation, permuted=None))  # type: ignore[attr-defined, type-var]
    predictor._like = plain
    there = np.mean([int(each["label"]) == label for each, label in zip(predictor.predict(images), labels)])
    assert there != right  # the control: without the order it answers otherwise
    for control in ("permuted", "shuffled"):
        for seed in load_comparison(result.folder / "controls" / control).arms[0].finished:
            opened = load(seed.folder)
            print_ = opened.facts["data"]["fingerprint"]
            data = reopen_data(opened.experiment, print_, keep=False, progress=Silent())
            assert data.fingerprint == print_
            assert control == "permuted" or opened.experiment.data.shuffled == seed.seed


def test_the_report_and_the_command_line_say_it(
    result: Comparison, found: Controls, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page(load_comparison(result.folder))
    assert "Does this data need a CNN?" in text and "These data need a CNN: " in text and 'id="controls"' in text
    assert "pixels in another order" in text and "majority class" in text
    assert run(["report", str(result.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["controls"]["sentence"] == found.sentence and told["controls"]["need"] == "yes"
    assert told["baseline"]["answer"] in ("0", "1") and told["baseline"]["low"] < 0.5 < told["baseline"]["high"]
    assert run(["report", str(result.folder)]) == 0
    said = capsys.readouterr().out
    assert found.sentence in said and "majority class" in said


def test_the_majority_class_is_in_the_table_without_controls_and_in_no_pair(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (200, 6, 6)).astype(np.uint8)
    labels = np.repeat([0, 1, 2], [30, 120, 50])
    alone = compare((images, labels), "linear", budget="steps=2", seeds=1, into=tmp_path / "c", processes=1)
    assert alone.baseline is not None and alone.baseline.answer == "1" and alone.verdicts == ()
    counts = alone.data.counts["test"]
    share = counts["1"] / sum(counts.values())
    each = alone.baseline.interval
    assert each.mean == pytest.approx(share) and each.low < share < each.high and each.seeds_error is None
    assert load_controls(tmp_path / "c") is None and "Does this data need a CNN?" not in page(alone)
    assert [row["label"] for row in alone.leaderboard()] == ["linear"]


def test_a_common_size_is_kept_and_gone_on_with(tmp_path: Path) -> None:
    into = tmp_path / "c"
    options: dict[str, Any] = {"budget": "steps=2", "processes": 1, "keep": False}
    first = compare("digits", "linear,mlp", seeds=1, match="parameters=9000", into=into, **options)
    labels = {arm.label for arm in first.arms}
    assert len(labels) == 2 and "mlp" not in labels and first.match["target"] == 9000
    again = compare("digits", "mlp,simple-cnn", seeds=1, into=into, processes=1)
    assert labels < {arm.label for arm in again.arms} and len(again.arms) == 3
    assert all(abs(arm.parameters - 9000) < 300 for arm in again.arms if arm.network != "linear")
    assert len(again.match["lines"]) == 3 and ComparisonFolder(into).facts().match == again.match
    assert "Common size" in page(again)
    with pytest.raises(UsageProblem) as caught:
        compare("digits", "mlp", match="macs", into=into)
    assert caught.value.code == "comparison-differs"


@pytest.mark.parametrize(
    ("data", "networks", "options", "code"),
    [
        ("digits", "linear,mlp", {"seeds": 2}, "controls-without-cnn"),
        ("digits", "locally-connected", {"seeds": 2}, "controls-without-cnn"),
        ("digits", "simple-cnn", {"seeds": 1}, "controls-single-run"),
        ("digits", "simple-cnn", {"seeds": 2, "permuted": 3}, "controls-data"),
        ("seasons", "linear", {"seeds": 2, "task": "forecast"}, "controls-data"),
    ],
)
def test_what_cannot_be_controlled_is_refused_before_training(
    data: str, networks: str, options: dict[str, Any], code: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare(data, networks, budget="steps=2", controls=True, into=tmp_path / "c", keep=False, **options)
    assert caught.value.code == code and not list(tmp_path.rglob("run.json"))


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    assert load_controls(tmp_path) is None
    (tmp_path / "controls.json").write_text('{"format": 2}')
    with pytest.raises(DataProblem) as caught:
        load_controls(tmp_path)
    assert caught.value.code == "controls-damaged"


def test_every_network_has_the_same_part_of_a_time() -> None:
    plan = ControlPlan(5, ("a", "b", "c"), {"a": "m", "b": "n", "c": "m"}, (Spec("mlp"), Spec("mlp", {"widths": 9})))
    assert plan.parts == {"main": 5, "matched": 3, "permuted": 4, "shuffled": 1}
    own = plan.main_budget(Budget.parse("100s"), elapsed=9)
    assert own.timed and own.amount == pytest.approx(9 + 91 * 5 / 13)
    assert plan.sentence.endswith("main 5, matched 3, permuted 4, shuffled 1.")


def test_a_time_that_is_too_short_is_told_with_the_parts(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare("digits", "simple-cnn", budget="1s", seeds=2, controls=True, into=tmp_path / "c", keep=False)
    assert caught.value.code == "budget-too-small" and "1 of 6 parts" in caught.value.where[0]
