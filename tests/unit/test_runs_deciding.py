"""A comparison decided by another score than accuracy: the leaderboard, the intervals and the verdicts follow it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

from neocog.cli.besides import BesidesFlags
from neocog.cli.going_on import compare_into
from neocog.cli.main import run
from neocog.core.errors import DataProblem, UsageProblem
from neocog.measures.intervals import arm_interval
from neocog.measures.verdict import verdicts
from neocog.report.page import page
from neocog.runs.clean_scores import clean_scores
from neocog.runs.compare import compare
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.deciding import named_score
from neocog.runs.results import load_comparison
from neocog.runs.sensitivity import sensitivity
from neocog.runs.size_curve import compare_sizes
from neocog.tasks import TASKS
from neocog.tasks.classify import Classify
from neocog.tasks.classify_scores import CLASSIFY_SCORES

NETWORKS = "linear,mlp[widths=4]"


def saved(path: Path, labels: np.ndarray) -> str:
    images = np.random.default_rng(0).integers(0, 200, (len(labels), 6, 6)) + 25 * labels[:, None, None]
    np.savez(path, images=images.astype(np.uint8), labels=labels)
    return str(path)


@pytest.fixture(scope="module")
def by_brier(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("deciding")
    own = saved(folder / "own.npz", np.arange(90) % 3)
    return compare(
        own, NETWORKS, budget="steps=6", seeds=2, score="Brier", into=folder / "c", processes=1, keep=False, test=0.4
    )


def decided_by(score: str, made: Comparison, into: Path) -> Comparison:
    """The same runs, as if they had been asked for by another score."""
    shutil.copytree(made.folder, into)
    folder = ComparisonFolder(into)
    folder.write(replace(folder.facts(), score=score))
    return load_comparison(into)


def by_its_definition(score: str, probabilities: np.ndarray, labels: np.ndarray) -> float:
    predicted = probabilities.argmax(1)
    match score:
        case "log-loss":
            return float(-np.log(probabilities[np.arange(len(labels)), labels].astype(np.float64)).mean())
        case "brier":
            return float(((probabilities - np.eye(3)[labels]) ** 2).sum(1).mean())
        case "macro-f1":
            return float(metrics.f1_score(labels, predicted, average="macro", zero_division=0))
        case "balanced-accuracy":
            return float(metrics.balanced_accuracy_score(labels, predicted))
    one = [metrics.roc_auc_score(labels == c, probabilities[:, c]) for c in range(3)]
    return float(np.mean(one))


@pytest.mark.parametrize("score", list(CLASSIFY_SCORES))
def test_everything_follows_the_score(score: str, by_brier: Comparison, tmp_path: Path) -> None:
    found = decided_by(score, by_brier, tmp_path / "c")
    scoring = CLASSIFY_SCORES[score]
    name, sign = scoring.headline.name, 1 if scoring.headline.higher_is_better else -1
    assert found.headline == scoring.headline
    items = {}
    for arm in found.ranked:
        for seed in arm.finished:
            record = seed.record
            expected = by_its_definition(score, record["probabilities"], record["labels"])
            assert seed.scores[name] == pytest.approx(expected, abs=1e-5) and name in seed.val_scores
        items[arm.label] = np.stack([scoring.items(seed.record) for seed in arm.finished])
        assert arm.interval == arm_interval(items[arm.label])
        assert arm.interval.mean == pytest.approx(np.mean([s.scores[name] for s in arm.finished]), abs=0.02)
    signed = {label: sign * each for label, each in items.items()}
    expected_verdicts = verdicts(signed, margin=found.margin, unit=scoring.headline.unit, looks=found.looks)
    assert list(found.verdicts) == expected_verdicts
    means = [sign * row[name] for row in found.leaderboard()]
    assert means == sorted(means, reverse=True) and {row["metric"] for row in found.leaderboard()} == {name}
    usual = decided_by("", by_brier, tmp_path / "usual")  # the control: by accuracy the differences are others
    assert usual.headline.name == "accuracy"
    assert abs(usual.verdicts[0].difference) != pytest.approx(abs(found.verdicts[0].difference), abs=1e-6) or (
        score == "balanced-accuracy"  # classes are as frequent as each other here
    )


def test_it_is_kept_and_told(by_brier: Comparison) -> None:
    assert by_brier.headline.name == "brier" and by_brier.margin == 0.005
    assert by_brier.outlook is None and by_brier.made["Decided by"].startswith("brier; each run kept the checkpoint")
    text = page(by_brier)
    assert "Brier score, with intervals" in text and "Decided by" in text
    again = compare(None, into=by_brier.folder, processes=1, keep=False)
    assert again.headline.name == "brier" and again.verdicts == by_brier.verdicts
    for other in ("accuracy", "log-loss"):
        with pytest.raises(UsageProblem) as caught:
            compare(None, into=by_brier.folder, score=other, keep=False)
        assert caught.value.code == "comparison-differs" and "score: there brier" in caught.value.where[1]


@pytest.mark.parametrize(("given", "kept"), [(None, None), ("accuracy", ""), ("macro_f1", "macro-f1"), ("AUC", "auc")])
def test_names_are_read_as_they_are_typed(given: str | None, kept: str | None) -> None:
    assert named_score(Classify, given) == kept


def test_what_is_no_score_is_told_with_what_was_meant() -> None:
    with pytest.raises(UsageProblem) as caught:
        named_score(Classify, "logloss")
    assert caught.value.code == "score-unknown" and "`log-loss`" in caught.value.help
    with pytest.raises(UsageProblem) as caught:
        named_score(TASKS["forecast"], "brier")
    assert caught.value.code == "score-unknown" and "brier" not in caught.value.where[0].split("known:")[1]


def test_an_area_needs_two_items_of_each_class(tmp_path: Path) -> None:
    own = saved(tmp_path / "own.npz", np.repeat([0, 1], [40, 4]))
    with pytest.raises(DataProblem) as caught:
        compare(own, "linear", budget="steps=2", score="auc", into=tmp_path / "c", keep=False)
    assert caught.value.code == "score-too-few-items" and not (tmp_path / "c").exists()


def test_on_the_command_line(by_brier: Comparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(by_brier.folder, tmp_path / "c")
    flags = ["--into", str(tmp_path / "c"), "--no-cache", "--quiet"]
    assert run(["compare", *flags, "--score", "brier", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["metric"] for row in told["leaderboard"]} == {"brier"}
    assert run(["compare", "digits", "--score", "brirer"]) == 2
    assert "`brier`" in capsys.readouterr().err
    assert run(["compare", "digits", "--folds", "3", "--score", "brier"]) == 2
    assert "folds-without-effect" in capsys.readouterr().err


@pytest.mark.parametrize("score", ["log-loss", "brier"])
def test_scores_without_what_leaked_go_by_the_score_too(by_brier: Comparison, tmp_path: Path, score: str) -> None:
    found = decided_by(score, by_brier, tmp_path / "c")
    clean = clean_scores(found, [0])
    assert clean is not None
    for each in clean.scores:
        arm = next(arm for arm in found.ranked if arm.label == each.label)
        kept = [{key: values[1:] for key, values in seed.record.items()} for seed in arm.finished]
        whole = np.mean([by_its_definition(score, record["probabilities"], record["labels"]) for record in kept])
        assert each.clean == pytest.approx(whole, rel=1e-5)
    assert len(found.verdicts) == len(clean.verdicts) == 1
    assert clean.verdicts[0].a == found.verdicts[0].a
    assert np.sign(clean.verdicts[0].difference) == np.sign(found.verdicts[0].difference)


def test_the_majority_class_has_no_value_by_another_score(by_brier: Comparison, tmp_path: Path) -> None:
    assert decided_by("log-loss", by_brier, tmp_path / "a").baseline is None
    assert decided_by("", by_brier, tmp_path / "b").baseline is not None


@pytest.mark.parametrize("besides", [{"controls": True}, {"sensitivity": True}, {"tune": 2}])
def test_what_goes_by_accuracy_is_refused_beside_another_score(besides: dict[str, bool], tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        compare("digits", "linear", score="log-loss", into=tmp_path / "c", **besides)  # type: ignore[arg-type]
    assert refused.value.code == "score-besides" and not (tmp_path / "c").exists()


def test_sensitivity_afterwards_is_refused_too(by_brier: Comparison) -> None:
    with pytest.raises(UsageProblem) as refused:
        sensitivity(by_brier.folder)
    assert refused.value.code == "score-besides"


def test_a_margin_in_going_on_is_in_the_unit_of_the_score_that_is_kept(by_brier: Comparison) -> None:
    usual = BesidesFlags()
    assert usual.by(str(by_brier.folder)) == "brier" and usual.by("nowhere") is None and usual.by(None) is None


@pytest.mark.parametrize("besides", [{"score": "brier"}, {"controls": True}, {"match": "macs"}])
def test_sizes_refuse_what_they_would_not_keep(besides: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        compare_sizes("digits", "linear", sizes="5,all", into=tmp_path / "c", **besides)
    assert refused.value.code == "sizes-besides" and not (tmp_path / "c").exists()


def test_going_on_asks_for_what_the_folder_does_not_keep(tmp_path: Path) -> None:
    run_folder = tmp_path / "c" / "arms" / "mlp" / "seed-0"
    flags = BesidesFlags(controls=True, sensitivity=True).flags
    assert compare_into(run_folder, flags) == f"compare --into {tmp_path / 'c'} --controls --sensitivity"
    inside = tmp_path / "c" / "controls" / "permuted" / "arms" / "mlp" / "seed-0"
    assert compare_into(inside, ["--controls"]) == f"compare --into {tmp_path / 'c'} --controls"
