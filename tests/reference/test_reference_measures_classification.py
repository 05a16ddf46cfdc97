"""Scores of a classifier against scikit-learn and scipy."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from neocog.measures import classification as ours
from neocog.measures.holm import holm
from neocog.measures.intervals import wilson
from neocog.measures.mcnemar import mcnemar_exact

EXACT = {"rel": 1e-9, "abs": 1e-9}


def draw(seed: int, n: int, classes: int, absent: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(absent, classes, n)
    logits = generator.normal(size=(n, classes)) * 2
    logits[np.arange(n), labels] += 1.5
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize(("n", "classes", "absent"), [(40, 3, 0), (500, 10, 0), (60, 12, 4), (5, 10, 0)])
def test_counts(n: int, classes: int, absent: int) -> None:
    probabilities, labels = draw(n, n, classes, absent)
    predicted = probabilities.argmax(axis=1)
    confusion = ours.confusion_matrix(predicted, labels, classes)
    assert np.array_equal(confusion, metrics.confusion_matrix(labels, predicted, labels=range(classes)))
    assert ours.accuracy(predicted, labels) == pytest.approx(metrics.accuracy_score(labels, predicted), **EXACT)
    theirs = metrics.recall_score(labels, predicted, labels=np.unique(labels), average="macro")
    assert ours.balanced_accuracy(confusion) == pytest.approx(theirs, **EXACT)
    theirs = metrics.f1_score(labels, predicted, average="macro", zero_division=0)
    assert ours.macro_f1(confusion) == pytest.approx(theirs, **EXACT)


@pytest.mark.parametrize("classes", [2, 10])
def test_probabilities(classes: int) -> None:
    probabilities, labels = draw(1, 300, classes)
    probabilities[0] = np.eye(classes)[(labels[0] + 1) % classes]
    theirs = metrics.log_loss(labels, probabilities, labels=range(classes))
    assert ours.log_loss(probabilities, labels) == pytest.approx(theirs, **EXACT)
    truth = np.eye(classes)[labels]
    theirs = metrics.mean_squared_error(truth, probabilities) * classes
    assert ours.brier_score(probabilities, labels) == pytest.approx(theirs, **EXACT)


def test_calibration_error_against_loops() -> None:
    probabilities, labels = draw(2, 700, 10)
    total = 0.0
    for k in range(15):
        inside = [i for i in range(700) if k / 15 < max(probabilities[i]) <= (k + 1) / 15]
        if inside:
            right = sum(int(np.argmax(probabilities[i]) == labels[i]) for i in inside) / len(inside)
            sure = sum(max(probabilities[i]) for i in inside) / len(inside)
            total += abs(right - sure) * len(inside) / 700
    assert ours.expected_calibration_error(probabilities, labels) == pytest.approx(total, **EXACT)


def test_holm() -> None:
    for seed in range(20):
        p = np.random.default_rng(seed).random(seed + 1) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], **EXACT)


def test_wilson() -> None:
    for right, n in [(0, 5), (5, 5), (90, 100), (1, 360), (3, 7)]:
        theirs = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
        assert wilson(right, n) == (pytest.approx(theirs.low, **EXACT), pytest.approx(theirs.high, **EXACT))
        assert wilson(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), **EXACT)


def test_mcnemar() -> None:
    for b, c in [(6, 0), (3, 9), (9, 3), (40, 61), (2, 2)]:
        theirs = mcnemar([[100, b], [c, 10]], exact=True).pvalue
        assert mcnemar_exact(b, c) == pytest.approx(min(1.0, theirs), **EXACT)
        assert mcnemar_exact(b, c) == pytest.approx(stats.binomtest(b, b + c).pvalue, **EXACT)
