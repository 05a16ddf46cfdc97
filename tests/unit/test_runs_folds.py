"""Comparisons by folds: trained once per fold, judged by the corrected test, the same after an interruption."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from neocog.cli.main import run
from neocog.core.errors import DataProblem, TrainingProblem, UsageProblem
from neocog.measures.folds import WHAT_IT_HOLDS_FOR, fold_interval, fold_verdicts
from neocog.measures.sentences import sentence
from neocog.report.folds import fold_figure, score_figure, write_folds
from neocog.runs.compare import compare
from neocog.runs.compare_folds import compare_folds
from neocog.runs.folder import RunFolder
from neocog.runs.folds import FoldComparison, load_folds

NETWORKS = "linear,mlp[widths=4]"
SETTINGS = {"descent.rate": 0.02}


def save(path: Path, **parts: np.ndarray) -> str:
    np.savez(path, **parts)  # type: ignore[arg-type]
    return str(path)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    labels = np.arange(66) % 2
    images = np.random.default_rng(0).integers(0, 200, (66, 6, 6)) + 40 * labels[:, None, None]
    return save(tmp_path_factory.mktemp("own") / "own.npz", images=images.astype(np.uint8), labels=labels)


@pytest.fixture(scope="module")
def found(own: str, tmp_path_factory: pytest.TempPathFactory) -> FoldComparison:
    into = tmp_path_factory.mktemp("found") / "folds"
    return compare_folds(
        own, NETWORKS, folds=3, repeats=2, budget="steps=4", into=into, settings=SETTINGS, processes=1, keep=False
    )


def runs_of(folder: Path, label: str) -> list[RunFolder]:
    """The runs of a network, repeat by repeat."""
    slug = "linear" if label == "linear" else "mlp-*"
    names = [f"repeat-{repeat}-fold-{fold}" for repeat in (1, 2) for fold in (1, 2, 3)]
    return [RunFolder(next((folder / name / "arms").glob(f"{slug}/seed-*"))) for name in names]


def test_the_answer_is_that_of_the_kept_scores(found: FoldComparison) -> None:
    kept = {
        arm.label: np.array(
            [each.facts()["test_scores"]["accuracy"] for each in runs_of(found.folder, arm.label)]
        ).reshape(2, 3)
        for arm in found.ranked
    }
    expected = fold_verdicts(kept, margin=0.005)
    assert list(found.verdicts) == expected and found.sentence == sentence(expected)
    for arm in found.ranked:
        assert arm.interval == fold_interval(kept[arm.label], within=(0.0, 1.0))
        assert np.array(arm.scores) == pytest.approx(kept[arm.label])
    assert found.items == 66 and found.repeats == 2
    assert [row["label"] for row in found.leaderboard()] == [arm.label for arm in found.ranked]


def test_every_item_is_tested_once_in_each_repeat_by_a_run_with_its_own_seed(found: FoldComparison) -> None:
    for label in ("linear", "mlp[widths=4]"):
        runs = runs_of(found.folder, label)
        assert [each.experiment().plan.seed for each in runs] == [0, 1, 2, 3, 4, 5]
        places = [(each.experiment().data.repeat, each.experiment().data.fold) for each in runs]
        assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
        assert [len(each.record("test")["labels"]) for each in runs] == [22] * 6
        assert len({each.facts()["data"]["fingerprint"] for each in runs}) == 6
        assert {each.experiment().plan.steps for each in runs} == {4}


def test_after_an_interruption_it_comes_to_the_same(found: FoldComparison, tmp_path: Path) -> None:
    cut = tmp_path / "folds"
    shutil.copytree(found.folder, cut)
    shutil.rmtree(cut / "repeat-2-fold-3")
    shutil.rmtree(cut / "repeat-2-fold-2/arms/linear")
    half = load_folds(cut)
    assert half.repeats == 1 and "1 of 2 repeats is whole" in half.notes[0] and str(cut) in half.notes[0]
    assert [len(arm.per_fold) for arm in half.ranked] == [3, 3]
    with pytest.raises(AssertionError):  # the control: half of it is not the whole
        assert half.verdicts == found.verdicts
    again = compare_folds(None, into=cut, processes=1, keep=False)
    assert again.verdicts == found.verdicts and again.repeats == 2 and again.notes == ()
    assert [arm.scores for arm in again.arms] == [arm.scores for arm in found.arms]
    assert again.plan.seconds > found.plan.seconds
    shutil.rmtree(cut / "repeat-1-fold-2")
    with pytest.raises(TrainingProblem) as caught:
        load_folds(cut)
    assert caught.value.code == "folds-unfinished" and str(cut) in caught.value.help


def test_a_folder_goes_on_with_its_own_only(found: FoldComparison, own: str) -> None:
    into = found.folder
    for asked in (
        {"folds": 4},
        {"repeats": 3},
        {"networks": "linear"},
        {"budget": "steps=5"},
        {"data": "digits"},
        {"data": own, "val": 0.3},
        {"settings": {"descent.rate": 0.5}},
    ):
        with pytest.raises(UsageProblem) as caught:
            compare_folds(**{"data": None, "into": into, "keep": False, **asked})
        assert caught.value.code == "comparison-differs", asked
    assert load_folds(into) == found


def test_a_network_that_lacks_a_run_is_told_and_left_out(found: FoldComparison, tmp_path: Path) -> None:
    folder = tmp_path / "folds"
    shutil.copytree(found.folder, folder)
    runs_of(folder, "linear")[1].note({"outcome": "DIVERGED", "reason": "It blew up."})
    left = load_folds(folder)
    assert [arm.label for arm in left.ranked] == ["mlp[widths=4]"] and left.verdicts == ()
    assert left.failed[0].failure == "1 of its 6 runs have no result: It blew up."
    assert "linear has no result" in write_folds(left, tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"folds": 1}, "folds-range"),
        ({"repeats": 0}, "folds-range"),
        ({"test": 0.3}, "folds-options"),
        ({"fold": 1}, "folds-options"),
        ({"data": (np.zeros((4, 8, 8)), [0, 1, 0, 1])}, "folds-data"),
        ({"data": "seasons", "task": "forecast"}, "folds-data"),
        ({"folds": 90}, "folds-too-many"),
        ({"budget": "0.1s"}, "budget-too-small"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    asked: dict[str, object], code: str, own: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare_folds(**{"data": own, "networks": "linear", "into": tmp_path / "folds", "keep": False, **asked})
    assert caught.value.code == code and not (tmp_path / "folds").exists()
    if code == "budget-too-small":
        assert "10 runs of each network" in caught.value.where[-1]


def test_the_report_draws_every_fold_and_says_what_it_holds_for(found: FoldComparison, tmp_path: Path) -> None:
    text = write_folds(found, tmp_path / "r.html").read_text("utf-8")
    assert WHAT_IT_HOLDS_FOR in text and text.count(WHAT_IT_HOLDS_FOR) == 1
    assert found.chosen is not None and f"Use {found.chosen.label}" in text
    assert len(fold_figure(found).table.rows) == 12
    dots = {row[0]: row[4].split(", ") for row in score_figure(found).table.rows}
    assert set(dots) == {arm.label for arm in found.ranked} and {len(each) for each in dots.values()} == {6}


@pytest.mark.parametrize("there", ["comparison.json", "sizes.json"])
def test_a_folder_of_another_kind_is_left_alone(there: str, own: str, tmp_path: Path) -> None:
    (tmp_path / there).write_text("{}")
    with pytest.raises(UsageProblem) as caught:
        compare_folds(own, "linear", into=tmp_path, keep=False)
    assert caught.value.code == "comparison-differs" and [each.name for each in tmp_path.iterdir()] == [there]


def test_a_damaged_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "folds.json").write_text("[")
    with pytest.raises(DataProblem) as caught:
        load_folds(tmp_path)
    assert caught.value.code == "folds-unreadable"


def test_on_the_command_line(found: FoldComparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "folds"
    shutil.copytree(found.folder, into)
    assert run(["compare", "--into", str(into), "--json", "--quiet", "--no-cache"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["folds"], told["repeats"], told["data"]["items"]) == (3, 2, 66)
    assert told["holds_for"] == WHAT_IT_HOLDS_FOR and Path(told["report"]).is_file()
    assert told["verdicts"][0]["difference"] == pytest.approx(found.verdicts[0].difference)
    assert run(["report", str(into), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.count("From repeated cross-validation") == 1 and "tested once on every item" in said
    for flag in (["--seeds", "3"], ["--looks", "2"], ["--sizes", "all"]):
        assert run(["compare", "digits", "--folds", "3", *flag]) == 2
        assert "folds-without-effect" in capsys.readouterr().err


def test_a_small_test_part_offers_folds_once(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "plain"
    flags = ["--networks", NETWORKS, "--budget", "steps=2", "--seeds", "2", "--into", str(into), "--no-cache"]
    assert run(["compare", own, *flags, "--set", "descent.rate=0.02", "--set", "data.val=0.2"]) == 0
    printed = capsys.readouterr()
    command = (
        f"neocog compare {own} --networks 'linear,mlp[widths=4]' --budget steps=2 --set data.val=0.2 "
        "--set descent.rate=0.02 --folds 5 --repeats 2"
    )
    assert printed.out.count(command) == 1 and (printed.out + printed.err).count("--folds") == 1
    assert (into / "report.html").read_text("utf-8").count("--folds") == 1


def test_data_with_a_test_part_are_not_offered_what_they_cannot_have(tmp_path: Path) -> None:
    labels = np.arange(40) % 2
    images = np.random.default_rng(0).integers(0, 255, (40, 6, 6)).astype(np.uint8)
    own = save(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    result = compare(own, "linear", budget="steps=1", seeds=2, into=tmp_path / "plain", processes=1, keep=False)
    (note,) = [note for note in result.notes if "test part has only" in note]
    assert "--folds" not in note
    with pytest.raises(UsageProblem, match="folds-test-part"):
        compare_folds(own, "linear", budget="steps=1", into=tmp_path / "folds", keep=False)
