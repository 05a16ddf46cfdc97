"""Pseudo-values against leaving out one item at a time, and what they are good for."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics

from neocog.core.errors import UsageProblem
from neocog.measures.classification import balanced_accuracy, confusion_matrix, macro_f1
from neocog.measures.jackknife import auc, auc_items, balanced_accuracy_items, macro_auc_items, macro_f1_items

EXACT = {"rel": 1e-9, "abs": 1e-9}


def left_out(score: Callable[[np.ndarray], float], n: int) -> np.ndarray:
    rows = np.arange(n)
    whole = score(rows)
    return np.array([n * whole - (n - 1) * score(np.delete(rows, i)) for i in range(n)])


def draw(seed: int, n: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, n)
    wrong = generator.random(n) < 0.3
    return np.where(wrong, generator.integers(0, classes, n), labels), labels


CASES = [(40, 3), (60, 10), (12, 8), (9, 20)]


@pytest.mark.parametrize(("n", "classes"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_macro_f1(n: int, classes: int, seed: int) -> None:
    predicted, labels = draw(seed, n, classes)
    expected = left_out(lambda rows: macro_f1(confusion_matrix(predicted[rows], labels[rows], classes)), n)
    assert macro_f1_items(predicted, labels, classes) == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize(("n", "classes"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_balanced_accuracy(n: int, classes: int, seed: int) -> None:
    predicted, labels = draw(seed, n, classes)
    expected = left_out(lambda rows: balanced_accuracy(confusion_matrix(predicted[rows], labels[rows], classes)), n)
    assert balanced_accuracy_items(predicted, labels, classes) == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("decimals", [1, 9], ids=["ties", "no ties"])
def test_auc(seed: int, decimals: int) -> None:
    generator = np.random.default_rng(seed)
    positive = generator.random(50) < 0.3
    scores = np.round(generator.normal(size=50) + positive, decimals)
    expected = left_out(lambda rows: metrics.roc_auc_score(positive[rows], scores[rows]), 50)
    assert auc(scores, positive) == pytest.approx(metrics.roc_auc_score(positive, scores), **EXACT)
    assert auc_items(scores, positive) == pytest.approx(expected, **EXACT)


def test_auc_over_classes() -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 15)
    powers = np.exp(generator.normal(size=(60, 4)) + 1.5 * np.eye(4)[labels])
    chances = powers / powers.sum(axis=1, keepdims=True)
    found = macro_auc_items(chances, labels)
    expected = metrics.roc_auc_score(labels, chances, multi_class="ovr")
    assert found.mean() == pytest.approx(expected, **EXACT)
    whole = left_out(
        lambda rows: np.mean([metrics.roc_auc_score(labels[rows] == c, chances[rows, c]) for c in range(4)]), 60
    )
    assert found == pytest.approx(whole, **EXACT)


def test_accuracy_would_be_its_own_pseudo_values() -> None:
    predicted, labels = draw(1, 30, 4)
    right = predicted == labels
    assert left_out(lambda rows: float(np.mean(right[rows])), 30) == pytest.approx(right.astype(float), **EXACT)


def test_what_cannot_be_left_out_is_named() -> None:
    one = np.zeros(1, dtype=np.int64)
    for measure in (macro_f1_items, balanced_accuracy_items):
        with pytest.raises(UsageProblem, match="jackknife-items"):
            measure(one, one, 2)
    for positive in ([True, False, False], [True, True, False], [False] * 3):
        with pytest.raises(UsageProblem, match="auc-one-class"):
            auc_items(np.arange(3.0), np.array(positive))
    assert auc(np.arange(3.0), np.array([False, False, True])) == 1.0
