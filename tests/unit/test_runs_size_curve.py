"""Comparisons with few training images and with more."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.errors import DataProblem, UsageProblem
from neocog.data.open import open_images
from neocog.data.readers.choice import DataChoice
from neocog.data.split import few_of_each
from neocog.report.sizes import conclusions, size_figure, write_sizes
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.size_curve import SizeCurve, compare_sizes, load_sizes, parse_sizes


@pytest.fixture(scope="module")
def curve(tmp_path_factory: pytest.TempPathFactory) -> SizeCurve:
    folder = tmp_path_factory.mktemp("curve") / "sizes"
    settings = {"descent.rate": 0.05}
    return compare_sizes(
        "digits", "linear,mlp[widths=8]", sizes="all,2", budget="steps=60", seeds=2, into=folder, settings=settings
    )


def test_a_larger_part_includes_the_smaller_and_classes_are_even() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 5])
    rows = np.arange(0, 85, 2)
    small, large = (few_of_each(rows, labels, count, 0) for count in (2, 10))
    assert set(small) < set(large) <= set(rows)
    assert np.bincount(labels[small]).tolist() == [2, 2, 2]
    assert np.bincount(labels[large]).tolist() == [10, 10, 3]
    assert (np.diff(large) > 0).all()
    assert set(small) != set(few_of_each(rows, labels, 2, 1))


def test_only_the_training_part_is_smaller() -> None:
    few, every = (open_images(DataChoice(per_class=count), keep=False) for count in (3, None))
    assert len(few.train) == 30 and set(few.train.names) < set(every.train.names)
    assert few.test.names == every.test.names and few.val.names == every.val.names
    assert few.fingerprint != every.fingerprint
    assert any("at most 3 of each class" in note for note in few.notes)


def test_more_images_help_and_the_figure_shows_it(curve: SizeCurve) -> None:
    assert [(point.size, point.items) for point in curve.points] == [("2", 20), ("all", 1258)]
    for label in curve.labels:
        few, many = (curve.arm(label, point) for point in curve.points)
        assert few is not None and many is not None and few.interval is not None and many.interval is not None
        assert few.interval.mean < many.interval.mean
    table = size_figure(curve).table
    assert table.columns == ("", "training images of a class", "mean", "low", "high")
    arm = curve.arm("linear", curve.points[0])
    assert arm is not None and arm.interval is not None
    row = next(row for row in table.rows if row[:2] == ("linear", "2"))
    shown = [float(cell.removesuffix("%").strip()) for cell in row[2:]]
    ends = (arm.interval.mean, arm.interval.low, arm.interval.high)
    assert shown == pytest.approx([100 * value for value in ends], abs=0.051)


def test_the_report_says_whom_to_use_where(curve: SizeCurve, tmp_path: Path) -> None:
    text = write_sizes(curve, tmp_path / "r.html").read_text("utf-8")
    for point, line in zip(curve.points, conclusions(curve), strict=True):
        assert point.comparison.chosen is not None
        assert line.startswith(f"With {'2 training' if point.size == '2' else 'all 1,258'}")
        assert point.comparison.chosen.label in line and f'id="size-{point.size}"' in text


def test_it_goes_on_with_more_seeds_and_another_size(curve: SizeCurve) -> None:
    again = compare_sizes(None, sizes="2,4", budget="steps=60", seeds=2, into=curve.folder, networks="linear")
    assert [point.size for point in again.points] == ["2", "4"]
    assert [point.size for point in load_sizes(curve.folder).points] == ["2", "4", "all"]
    before = curve.arm("linear", curve.points[0])
    after = again.arm("linear", again.points[0])
    assert before is not None and after is not None and before.interval == after.interval


def test_a_share_that_is_too_small_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare_sizes("digits", "linear", sizes="2,all", budget="0.1s", into=tmp_path / "sizes")
    assert caught.value.code == "budget-too-small" and "divided among 2 sizes" in caught.value.where[0]


def test_without_data_a_folder_goes_on_with_its_own(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = np.arange(80) % 2
    images = (random.integers(0, 100, (80, 6, 6)) + 100 * labels[:, None, None]).astype(np.uint8)
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    into, own = tmp_path / "sizes", str(tmp_path / "own.npz")
    settings = {"descent.rate": 0.02}
    compare_sizes(own, "linear", sizes="2", budget="steps=3", seeds=2, into=into, settings=settings, val=0.2)
    again = compare_sizes(None, sizes="2,5,all", into=into)
    names = {point.comparison.data.name for point in again.points}
    assert names == {again.points[0].comparison.data.name} and [p.items for p in again.points] == [4, 10, 48]
    assert [[arm.label for arm in point.comparison.arms] for point in again.points] == [["linear"]] * 3
    rates = {best.experiment.descent.rate for best in (point.comparison.best for point in again.points)}
    assert rates == {0.02} and {point.comparison.budget for point in again.points} == {"steps=3"}
    for data, options in (("digits", {"val": 0.2}), (own, {})):
        with pytest.raises(UsageProblem) as caught:
            compare_sizes(data, "linear", sizes="7", budget="steps=3", into=into, **options)
        assert caught.value.code == "comparison-differs"


def test_a_time_is_divided_once(curve: SizeCurve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str | None] = []

    def stand_in(data: object, *, budget: str | None, **asked: object) -> Comparison:
        given.append(budget)
        return curve.points[0].comparison

    monkeypatch.setattr("neocog.runs.size_curve.compare", stand_in)
    compare_sizes("digits", "linear", sizes="2,4", budget="90s", into=tmp_path / "new", started=perf_counter())
    assert [float((share or "")[:-1]) for share in given] == pytest.approx([45, 90], abs=1)  # the first took no time
    shutil.copytree(curve.folder, tmp_path / "begun")
    begun = ComparisonFolder(tmp_path / "begun" / "size-2")
    begun.write(replace(begun.facts(), budget="45s"))
    given.clear()
    compare_sizes(None, sizes="2,3,5", into=tmp_path / "begun")
    assert given == [None, "45s", "45s"]


def test_only_images_with_classes_have_sizes(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare_sizes("seasons", "linear", task="forecast", budget="steps=3", into=tmp_path / "sizes")
    assert caught.value.code == "sizes-data" and not (tmp_path / "sizes").exists()


@pytest.mark.parametrize("sizes", ["", "0,all", "ten", "10,10", "10,010", "-3", "1.5"])
def test_what_is_no_size_is_refused(sizes: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_sizes(sizes)
    assert caught.value.code == "sizes-malformed"


def test_data_in_memory_and_damaged_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare_sizes((np.zeros((4, 8, 8)), [0, 1, 0, 1]), into=tmp_path)
    assert caught.value.code == "sizes-data"
    (tmp_path / "sizes.json").write_text("[")
    with pytest.raises(DataProblem) as damaged:
        load_sizes(tmp_path)
    assert damaged.value.code == "sizes-unreadable"


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = str(tmp_path / "sizes")
    command = ["compare", "digits", "--networks", "linear,mlp[widths=8]", "--sizes", "2,all", "--seeds", "2"]
    assert run([*command, "--budget", "steps=20", "--into", into, "--json", "--no-cache", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["size"] for each in told["sizes"]] == ["2", "all"] and len(told["conclusions"]) == 2
    assert Path(told["report"]).is_file() and Path(told["sizes"][0]["report"]).is_file()
    assert run(["report", into, "--quiet"]) == 0
    assert "all" in capsys.readouterr().out
