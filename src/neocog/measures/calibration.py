"""Calibration: whether stated probabilities are right, how much of the error is chance, and one number to mend them.

Legend: n items, C classes. Labels are class numbers 0 to C - 1; probabilities sum to 1 in each row.
"""

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy import optimize

from neocog.measures.classification import BINS

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures outside are not given: where all items are right, or no better than guessed, there is no best one."""

_TINY = float(np.finfo(np.float32).smallest_subnormal)  # what a float32 softmax can say at least, besides 0
_CHUNK = 4_000_000


def temperature(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> float:
    """The temperature T with which softmax(log p / T) has the smallest log-loss; above 1: the network was too sure.

    The log-loss is convex in 1/T, so that its derivative, mean(E[z] - z_label) with z = log p, has one root, which is
    bracketed and solved to a relative 1e-9. Use items that were not trained on.

    Args:
        probabilities: what the network said, n >= 1; a 0 counts as the smallest number that float32 has.
        labels: what was right.

    Returns:
        T, from 0.05 to 20; an end of that range where the log-loss still falls there.

    Source: Guo et al. 2017 (arXiv 1706.04599), section 4.2. They divide logits; logarithms of probabilities differ
    from logits by a constant in each row, so that the result is the same.
    """
    logs = _logs(probabilities)
    chosen = logs[np.arange(len(labels)), labels]

    def slope(log_inverse: float) -> float:
        weights = _softmax(logs * np.exp(log_inverse))
        return float(np.mean(np.sum(weights * logs, axis=1) - chosen))

    least, most = -np.log(HIGHEST), -np.log(LOWEST)
    if slope(least) >= 0:
        return HIGHEST
    if slope(most) <= 0:
        return LOWEST
    return float(np.exp(-optimize.brentq(slope, least, most, xtol=1e-10, rtol=1e-12)))


def tempered(probabilities: Float[np.ndarray, "n C"], temperature: float) -> Float64[np.ndarray, "n C"]:
    """The probabilities at another temperature: softmax(log p / T). The likeliest class stays the likeliest."""
    return _softmax(_logs(probabilities) / temperature)


def errors_by_chance(
    probabilities: Float[np.ndarray, "n C"], *, bins: int = BINS, draws: int = 400, seed: int = 0
) -> Float64[np.ndarray, " draws"]:
    """Expected calibration errors of a *perfectly* calibrated network with these confidences, on as many items.

    The expected calibration error is never 0 on few items: within a bin, the share that is right differs from the
    mean confidence by chance. Each draw lets every item be right with exactly the probability that was stated; their
    mean is what would be seen by chance, and an error beyond their 95th percentile is more than that.

    Args:
        probabilities: as for `neocog.measures.classification.reliability`, whose bins these are.
        bins: of equal width.
        draws: how many; the mean of 400 is known to about a twentieth of their spread.
        seed: of the draws.

    Source: the resampling of Broecker and Smith 2007 (Weather and Forecasting 22:651), summed to one number.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    edges = np.linspace(0.0, 1.0, bins + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    order = np.argsort(places, kind="stable")
    confidences, starts = confidences[order], np.unique(places[order], return_index=True)[1]
    random = np.random.default_rng(seed)
    found = np.empty(draws)
    step = max(1, _CHUNK // len(confidences))
    for first in range(0, draws, step):
        some = min(step, draws - first)
        right = random.random((some, len(confidences)), dtype=np.float32) < confidences
        gaps = np.add.reduceat(right - confidences, starts, axis=1)
        found[first : first + some] = np.abs(gaps).sum(axis=1) / len(confidences)
    return found


def _logs(probabilities: Float[np.ndarray, "n C"]) -> Float64[np.ndarray, "n C"]:
    return np.log(np.maximum(probabilities.astype(np.float64), _TINY))


def _softmax(logits: Float64[np.ndarray, "n C"]) -> Float64[np.ndarray, "n C"]:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
