"""Jackknife: scores that are no means of items, item by item.

Accuracy is a mean over items; macro F1, balanced accuracy and the area under the ROC curve are not. Their
*pseudo-values* stand in: item i gets n theta - (n - 1) theta_(-i), theta_(-i) being the score without item i. Their
mean is the score (up to a bias of order 1/n), their variance is that of the score, and
`neocog.measures.verdict.verdicts` takes them as it takes any score of items. All are worked out in closed form, none
by scoring n times.

Source: Tukey 1958 (Annals of Mathematical Statistics 29:614).

Legend: n items, C classes.
"""

import numpy as np
from jaxtyping import Bool, Float, Float64, Int, Real
from scipy import stats

from neocog.core.errors import UsageProblem
from neocog.measures.classification import balanced_accuracy, confusion_matrix, macro_f1


def macro_f1_items(
    predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], classes: int
) -> Float64[np.ndarray, " n"]:
    """Pseudo-values of `macro_f1`.

    Items of one true class and one prediction are alike, so that at most C^2 scores are worked out. Without an item, a
    class may be left with no label and no prediction; it is then left out, as everywhere.
    """
    _at_least_two(len(labels))
    confusion = confusion_matrix(predicted, labels, classes)
    hits, totals = np.diagonal(confusion).astype(np.float64), confusion.sum(axis=0) + confusion.sum(axis=1)
    present = totals > 0
    scores = np.divide(2 * hits, totals, out=np.zeros(classes), where=present)
    true, said = np.nonzero(confusion)
    total, count = np.full(len(true), scores.sum()), np.full(len(true), int(present.sum()))
    right = true == said
    for where, fewer_hits, fewer in ((true, right, 1 + right), (said, right, 1)):
        left = totals[where] - fewer
        without = np.divide(2 * (hits[where] - fewer_hits), left, out=np.zeros(len(where)), where=left > 0)
        changed = ~right if where is said else np.ones(len(where), dtype=bool)
        total += np.where(changed, without - scores[where], 0.0)
        count -= changed & (left == 0)
    return _spread(macro_f1(confusion), total / count, confusion, true, said, predicted, labels)


def balanced_accuracy_items(
    predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], classes: int
) -> Float64[np.ndarray, " n"]:
    """Pseudo-values of `balanced_accuracy`; a class whose only item is left out is left out with it."""
    _at_least_two(len(labels))
    confusion = confusion_matrix(predicted, labels, classes)
    hits, totals = np.diagonal(confusion).astype(np.float64), confusion.sum(axis=1)
    present = totals > 0
    shares = np.divide(hits, totals, out=np.zeros(classes), where=present)
    true, said = np.nonzero(confusion)
    left = totals[true] - 1
    without = np.divide(hits[true] - (true == said), left, out=np.zeros(len(true)), where=left > 0)
    count = int(present.sum()) - (left == 0)
    if count.min() == 0:
        raise _one_class()
    total = shares.sum() - shares[true] + without
    return _spread(balanced_accuracy(confusion), total / count, confusion, true, said, predicted, labels)


def auc(scores: Real[np.ndarray, " n"], positive: Bool[np.ndarray, " n"]) -> float:
    """The area under the ROC curve: the chance that a positive item scores higher than a negative one (ties: half).

    Raises:
        UsageProblem: ``auc-one-class``: there is no positive, or no negative item.
    """
    of_positive, _ = placements(scores, positive)
    return float(of_positive.mean())


def auc_items(scores: Real[np.ndarray, " n"], positive: Bool[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Pseudo-values of `auc`, in O(n log n), from at least two items of each kind.

    Raises:
        UsageProblem: ``auc-one-class``: there are fewer than two positive, or two negative items.
    """
    of_positive, of_negative = placements(scores, positive)
    m, k = len(of_positive), len(of_negative)
    if min(m, k) < 2:
        raise _too_few(m, k)
    area = float(of_positive.mean())
    values = np.empty(m + k)
    values[positive] = area + (m + k - 1) / (m - 1) * (of_positive - area)
    values[~positive] = area + (m + k - 1) / (k - 1) * (of_negative - area)
    return values


def macro_auc_items(
    probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """Pseudo-values of the mean over classes of `auc`, each class against the rest; classes without items are left out.

    Raises:
        UsageProblem: ``auc-one-class``: a class has a single item, or all items but one.
    """
    present = np.unique(labels)
    return np.mean([auc_items(probabilities[:, label], labels == label) for label in present], axis=0)


def placements(
    scores: Real[np.ndarray, " n"], positive: Bool[np.ndarray, " n"]
) -> tuple[Float64[np.ndarray, " m"], Float64[np.ndarray, " k"]]:
    """For each positive item the share of negatives below it, for each negative that of positives above it.

    Source: Sun and Xu 2014 (IEEE Signal Processing Letters 21:1389): by midranks.

    Raises:
        UsageProblem: ``auc-one-class``: there is no positive, or no negative item.
    """
    m, k = int(positive.sum()), int((~positive).sum())
    if min(m, k) < 1:
        raise _too_few(m, k)
    ranks = stats.rankdata(scores)
    of_positive = (ranks[positive] - stats.rankdata(scores[positive])) / k
    of_negative = 1.0 - (ranks[~positive] - stats.rankdata(scores[~positive])) / m
    return of_positive, of_negative


def _spread(
    score: float,
    without: Float64[np.ndarray, " cells"],
    confusion: Int[np.ndarray, "C C"],
    true: Int[np.ndarray, " cells"],
    said: Int[np.ndarray, " cells"],
    predicted: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
) -> Float64[np.ndarray, " n"]:
    """From the score without one item of a cell to the pseudo-value of every item."""
    n = len(labels)
    cells = np.zeros(confusion.shape)
    cells[true, said] = n * score - (n - 1) * without
    return cells[labels, predicted]


def _at_least_two(n: int) -> None:
    if n < 2:
        raise UsageProblem("jackknife-items", f"{n} items", help="give at least two: one is left out at a time")


def _one_class() -> UsageProblem:
    return UsageProblem("jackknife-items", "there is a single item", help="give at least two items of some class")


def _too_few(positive: int, negative: int) -> UsageProblem:
    return UsageProblem(
        "auc-one-class",
        f"{positive} positive and {negative} negative items",
        help="give at least one of each for an area under the ROC curve, and two of each for its error",
    )
