"""Scores of items, items in groups, folds, stray runs, and the question about seeds alone."""

import numpy as np
import pytest

from neocog.core.errors import UsageProblem
from neocog.measures.folds import fold_verdicts, small_test_part
from neocog.measures.groups import by_group
from neocog.measures.item_scores import (
    absolute_error_items,
    accuracy_items,
    brier_items,
    log_loss_items,
    squared_error_items,
)
from neocog.measures.sentences import errors_sentence, ranks_sentence, whole
from neocog.measures.stray_runs import stray_run, stray_sentence
from neocog.measures.verdict import verdicts


def test_scores_of_items_by_hand() -> None:
    labels = np.array([0, 1])
    chances = np.array([[0.75, 0.25], [0.5, 0.5]])
    assert accuracy_items(np.array([0, 0]), labels).tolist() == [1.0, 0.0]
    assert log_loss_items(chances, labels) == pytest.approx(np.log([0.75, 0.5]))
    assert brier_items(chances, labels) == pytest.approx([-0.125, -0.5])
    predicted, true = np.array([[1.0, 3.0], [0.0, 0.0]]), np.array([[2.0, 5.0], [0.0, 0.0]])
    assert absolute_error_items(predicted, true).tolist() == [-1.5, 0.0]
    assert squared_error_items(predicted, true).tolist() == [-2.5, 0.0]
    assert absolute_error_items(np.array([1, 5]), np.array([3, 5])).tolist() == [-2.0, 0.0]


def test_groups_of_one_size_get_their_means() -> None:
    scores = np.arange(12.0).reshape(2, 6)
    found = by_group(scores, ["x", "y", "x", "y", "z", "z"])
    assert found == pytest.approx(np.array([[1, 2, 4.5], [7, 8, 10.5]]))


def test_groups_keep_the_mean_over_items_and_have_the_ratio_estimators_variance() -> None:
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 12, 100)
    scores = generator.random((3, 100))
    found = by_group(scores, groups)
    assert found.mean(axis=1) == pytest.approx(scores.mean(axis=1), rel=1e-12)
    sizes = np.bincount(groups)
    sums = np.array([scores[0][groups == g].sum() for g in range(12)])
    residuals = sums - sizes * scores[0].mean()
    by_hand = residuals.var(ddof=1) / sizes.mean() ** 2
    assert found[0].var(ddof=1) == pytest.approx(by_hand, rel=1e-12)
    assert by_group(scores, np.arange(100)) == pytest.approx(scores)


@pytest.mark.parametrize("groups", [["x"] * 6, ["x", "y"]])
def test_groups_that_are_none_are_named(groups: list[str]) -> None:
    with pytest.raises(UsageProblem, match="groups-items"):
        by_group(np.zeros((2, 6)), groups)


def test_folds_beat_tie_and_leave_open() -> None:
    generator = np.random.default_rng(1)
    base = generator.normal(0.9, 0.02, (10, 5))
    close = base + generator.normal(0, 0.001, (10, 5))
    arms = {"a": base + 0.1 + generator.normal(0, 0.01, (10, 5)), "b": base, "c": close}
    found = {(v.a, v.b): v for v in fold_verdicts(arms, margin=0.005)}
    assert found["a", "b"].answer == "a" and found["b", "c"].answer == "tie"
    (open_pair,) = fold_verdicts({"b": base, "d": base + generator.normal(0.005, 0.03, (10, 5))}, margin=0.0)
    assert open_pair.answer == "unknown" and "repeated cross-validation" in whole(open_pair)
    assert "cannot be told apart" in whole(open_pair) and "settle" not in whole(open_pair)


def test_folds_that_differ_alike_answer_nothing() -> None:
    (found,) = fold_verdicts({"a": np.ones((2, 5)), "b": np.zeros((2, 5))})
    assert found.answer == "unknown" and "nothing is answered" in found.notes[-1]


def test_folds_that_do_not_match_are_named() -> None:
    with pytest.raises(UsageProblem, match="folds-shape"):
        fold_verdicts({"a": np.ones((2, 5)), "b": np.ones((2, 4))})
    with pytest.raises(UsageProblem, match="folds-shape"):
        fold_verdicts({"a": np.ones((2, 1)), "b": np.ones((2, 1))})
    with pytest.raises(UsageProblem, match="scores-not-finite"):
        fold_verdicts({"a": np.full((2, 5), np.nan), "b": np.ones((2, 5))})


def test_a_small_test_part_is_told() -> None:
    assert small_test_part(500) == ""
    assert small_test_part(360).startswith("The test part has only 360 items")


def runs_of(*shares: float, items: int = 1000) -> np.ndarray:
    return np.array([[1.0] * round(share * items) + [0.0] * (items - round(share * items)) for share in shares])


def test_a_stray_run_is_named() -> None:
    scores = runs_of(0.93, 0.932, 0.71, 0.931)
    found = stray_run(scores, 0.005)
    assert found is not None and found.run == 2 and found.others == pytest.approx(0.931)
    said = stray_sentence("mlp", scores, [0, 1, 2, 4], 0.005, "points")
    assert said.startswith(
        "mlp: the run with seed 2 is far from its siblings (71 points against 93.1 points in the mean)"
    )
    assert said.endswith("ask about the median instead, 93.1 points.")


def test_ordinary_runs_are_not_called_stray() -> None:
    assert stray_run(runs_of(0.93, 0.931, 0.925, 0.934), 0.005) is None
    assert stray_run(runs_of(0.93, 0.7), 0.005) is None
    assert stray_run(runs_of(0.93, 0.93, 0.93, 0.935), 0.005) is None  # not by twice the margin
    generator = np.random.default_rng(0)
    called = 0
    for _ in range(200):
        chance = 0.9 + 0.01 * generator.standard_normal((5, 1))
        called += stray_run((generator.random((5, 500)) < chance).astype(float), 0.0) is not None
    assert called <= 200 * 0.05 + 2 * np.sqrt(200 * 0.05 * 0.95)


def test_seeds_alone_are_another_question() -> None:
    generator = np.random.default_rng(4)
    arms = {label: (generator.random((4, 300)) < share).astype(float) for label, share in (("a", 0.9), ("b", 0.8))}
    (both,), (seeds,) = verdicts(arms), verdicts(arms, over="seeds")
    assert seeds.difference == both.difference
    assert "this very test set" in " ".join(seeds.notes) and "this very test set" not in " ".join(both.notes)
    assert seeds.need is None
    with pytest.raises(UsageProblem, match="scores-single-run"):
        verdicts({"a": arms["a"][:1], "b": arms["b"]}, over="seeds")


def test_both_sources_of_error_and_places_are_told() -> None:
    generator = np.random.default_rng(5)
    arms = {label: (generator.random((3, 400)) < share).astype(float) for label, share in zip("abc", (0.95, 0.94, 0.6))}
    found = verdicts(arms)
    assert errors_sentence(found[0]).startswith("The choice of seeds makes the difference uncertain by ")
    assert errors_sentence(verdicts({"a": arms["a"][:1], "b": arms["b"][:1]})[0]) == ""
    assert ranks_sentence(found) == "Places that can be told: a 1 to 2, b 1 to 2, c 3."
    assert ranks_sentence(found[:1]) == ""
