"""Scores of a classifier, from numpy arrays.

Legend: n items, C classes. Labels and predictions are class numbers 0 to C - 1; probabilities sum to 1 in each row.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int, Int64

from neocog.measures.intervals import wilson

BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """The items whose confidence (the largest probability) is above ``low`` and at most ``high``.

    Args:
        low: lower edge.
        high: upper edge.
        count: number of items, at least 1.
        confidence: their mean confidence.
        accuracy: the share of them that is right.
        accuracy_low: lower end of its 95 % interval (Wilson).
        accuracy_high: upper end.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float


@dataclass(frozen=True)
class Reliability:
    """How often a classifier is right when it is so sure: the bins that hold items, and how many there are in all."""

    bins: tuple[ReliabilityBin, ...]
    edges: int

    @property
    def count(self) -> int:
        """Number of items in all bins."""
        return sum(part.count for part in self.bins)

    @property
    def error(self) -> float:
        """The expected calibration error: mean |accuracy - confidence| over items."""
        return sum(part.count * abs(part.accuracy - part.confidence) for part in self.bins) / self.count


def accuracy(predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> float:
    """The share of items that are right, for n >= 1."""
    return float(np.mean(predicted == labels))


def confusion_matrix(
    predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], classes: int
) -> Int64[np.ndarray, "classes classes"]:
    """Numbers of items by true class (rows) and predicted class (columns)."""
    cells = labels.astype(np.int64) * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def balanced_accuracy(confusion: Int[np.ndarray, "C C"]) -> float:
    """The mean over classes of the share that is right; classes without items are left out."""
    totals = confusion.sum(axis=1)
    present = totals > 0
    return float(np.mean(np.diagonal(confusion)[present] / totals[present]))


def macro_f1(confusion: Int[np.ndarray, "C C"]) -> float:
    """The mean over classes of F1 = 2 hits / (true + predicted).

    A class that is neither among the labels nor among the predictions is left out; one that is never hit counts 0.
    """
    totals = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = totals > 0
    return float(np.mean(2 * np.diagonal(confusion)[present] / totals[present]))


def log_losses(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """For each item, minus the natural logarithm of the probability of its class.

    Probabilities are first clipped to [eps, 1 - eps] with the eps of their own type, as scikit-learn does, so that
    one confident mistake costs much (15.9 in float32) but not infinitely much.
    """
    eps = np.finfo(probabilities.dtype).eps
    chosen = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.clip(chosen, eps, 1 - eps).astype(np.float64))


def log_loss(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> float:
    """The mean of `log_losses`: 0 is best, log(C) is what guessing all classes alike costs."""
    return float(np.mean(log_losses(probabilities, labels)))


def brier_scores(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """For each item, the squared distance of its probabilities from the truth (1 for its class, 0 elsewhere): 0 to 2.

    Source: Brier 1950 (Monthly Weather Review 78:1), as he wrote it; for two classes some halve it.
    """
    truth = np.zeros(probabilities.shape, dtype=np.float64)
    truth[np.arange(len(labels)), labels] = 1.0
    return np.square(probabilities.astype(np.float64) - truth).sum(axis=1)


def brier_score(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> float:
    """The mean of `brier_scores`."""
    return float(np.mean(brier_scores(probabilities, labels)))


def reliability(
    probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"], bins: int = BINS
) -> Reliability:
    """Confidence against accuracy in ``bins`` bins of equal width; an edge belongs to the bin below it.

    Source: Guo et al. 2017 (arXiv 1706.04599), section 2.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    hits = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0.0, 1.0, bins + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    filled = []
    for place in np.unique(places):
        inside = places == place
        count, right = int(inside.sum()), int(hits[inside].sum())
        low, high = wilson(right, count)
        filled.append(
            ReliabilityBin(
                low=float(edges[place]),
                high=float(edges[place + 1]),
                count=count,
                confidence=float(confidences[inside].mean()),
                accuracy=right / count,
                accuracy_low=low,
                accuracy_high=high,
            )
        )
    return Reliability(bins=tuple(filled), edges=bins + 1)


def expected_calibration_error(
    probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"], bins: int = BINS
) -> float:
    """Mean |accuracy - confidence| over items, by bins of confidence: 0 is best.

    It is not 0 for a perfectly calibrated classifier on few items; compare it only between equal test sets.
    """
    return reliability(probabilities, labels, bins).error
