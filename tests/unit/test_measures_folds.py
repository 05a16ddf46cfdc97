"""Verdicts over folds against the usual mistake: the t test that takes folds for independent."""

import math

import numpy as np
import pytest

from neocog.core.errors import UsageProblem
from neocog.data.split import Split, split_rows
from neocog.measures.folds import WHAT_IT_HOLDS_FOR, fold_interval, fold_verdicts, small_test_part
from neocog.measures.sentences import sentence
from neocog.measures.student import t_quantile, t_tail


def naive_p(a: np.ndarray, b: np.ndarray) -> float:
    """The paired t test over folds, uncorrected."""
    gaps = (a - b).ravel()
    error = gaps.std(ddof=1) / math.sqrt(len(gaps))
    return 2 * t_tail(abs(gaps.mean()) / error, len(gaps) - 1)


def test_an_interval_is_worked_out_by_hand_and_wider_than_the_naive_one() -> None:
    scores = np.array([[0.8, 0.9, 0.7, 0.8], [0.9, 0.8, 0.8, 0.7]])
    found = fold_interval(scores)
    variance = scores.var(ddof=1)
    half = t_quantile(0.975, 7) * math.sqrt((1 / 8 + 1 / 3) * variance)
    assert found.mean == pytest.approx(0.8) and (found.low, found.high) == pytest.approx((0.8 - half, 0.8 + half))
    naive = t_quantile(0.975, 7) * math.sqrt(variance / 8)
    assert half / naive == pytest.approx(math.sqrt(1 + 8 / 3))
    assert found.seeds_error is None and found.note == ""


def test_an_interval_stays_where_scores_can_lie_and_says_when_it_knows_nothing() -> None:
    near = fold_interval(np.array([[0.99, 1.0, 0.9]]), within=(0.0, 1.0))
    assert near.high == 1.0 and 0.0 <= near.low < near.mean
    alike = fold_interval(np.ones((2, 5)))
    assert alike.mean == 1.0 and math.isnan(alike.low) and math.isnan(alike.high) and "not known" in alike.note
    with pytest.raises(UsageProblem, match="folds-shape"):
        fold_interval(np.ones((2, 1)))


def test_the_naive_test_is_wrong_where_folds_share_what_they_share() -> None:
    """The model in which the correction is exact: fold differences that correlate by 1/k, with no difference at all."""
    random = np.random.default_rng(0)
    corrected = naive = 0
    trials, k, repeats = 1500, 5, 2
    for _ in range(trials):
        common = random.normal(0, math.sqrt(1 / k))
        b = np.zeros((repeats, k))
        a = common + random.normal(0, math.sqrt(1 - 1 / k), (repeats, k))
        corrected += fold_verdicts({"a": a, "b": b}, margin=0.0)[0].answer != "unknown"
        naive += naive_p(a, b) <= 0.05
    assert 0.035 <= corrected / trials <= 0.065 and naive / trials >= 0.20


def test_equal_classifiers_really_cross_validated() -> None:
    """Two classifiers by nearest mean, each on its own half of the measurements of 60 items: equally good ones."""
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], 30)
    divisions = [
        [split_rows(labels, None, Split(folds=5, fold=fold, repeat=repeat, val=0.0)) for fold in range(5)]
        for repeat in range(2)
    ]
    corrected = naive = 0
    trials = 300
    for _ in range(trials):
        values = random.normal(0, 1, (60, 8)) + 0.5 * labels[:, None]
        scores = {
            name: np.array([[accuracy(values[:, half], labels, *fold[::2]) for fold in folds] for folds in divisions])
            for name, half in (("a", slice(0, 4)), ("b", slice(4, 8)))
        }
        corrected += fold_verdicts(scores, margin=0.0)[0].answer in ("a", "b")
        naive += naive_p(scores["a"], scores["b"]) <= 0.05
    assert corrected / trials <= 0.09 and naive / trials >= 0.15


def accuracy(values: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    means = [values[train][labels[train] == label].mean(0) for label in (0, 1)]
    nearer = [((values[test] - mean) ** 2).sum(1) for mean in means]
    return float(((nearer[1] < nearer[0]) == labels[test]).mean())


def test_open_pairs_are_open_by_the_folds() -> None:
    random = np.random.default_rng(2)
    found = fold_verdicts({name: random.normal(0.8, 0.05, (2, 5)) for name in "abc"})
    assert "by these folds" in sentence(found) and "test set" not in sentence(found)
    assert all(verdict.notes[0] == WHAT_IT_HOLDS_FOR for verdict in found)


def test_the_offer_names_the_command() -> None:
    said = small_test_part(80, "neocog compare own --folds 5 --repeats 2")
    assert "`neocog compare own --folds 5 --repeats 2`" in said and "every item is tested" in said
    assert said.count(".") == 1 and "`" not in small_test_part(80)
