"""Rolling conformal correction: intervals widened (or narrowed) by how far recent truths lay outside."""

import math
from bisect import bisect_left, insort

import numpy as np
from jaxtyping import Float, Int

MEMORY = 500


def rolling_correction(
    low: Float[np.ndarray, "n h c"],
    high: Float[np.ndarray, "n h c"],
    truth: Float[np.ndarray, "n h c"],
    origins: Int[np.ndarray, "n"],
    *,
    coverage: float,
    memory: int = MEMORY,
) -> Float[np.ndarray, "n h c"]:
    """What to add to the upper and take from the lower end of each interval; it may be negative.

    Every step of the horizon and every channel has a correction of its own: of the last ``memory`` forecasts whose
    truth at that step is known at the origin, the ``ceil((m + 1) coverage)``-th smallest of ``max(low - y, y - high)``.
    Nothing later than the origin is used. Before enough truths are known (``m < coverage / (1 - coverage)``) the
    correction is the largest seen, and before any it is 0. Missing truths (NaN) are never remembered.

    Source: Romano, Patterson and Candes 2019, arXiv:1905.03222, equations 6 to 8, with the calibration set replaced by
    a sliding window of the past; series are not exchangeable, so that coverage is measured, not guaranteed.

    Args:
        low: lower ends, for each forecast, step and channel.
        high: upper ends.
        truth: what came.
        origins: the moment of each forecast, rising; step h is known at ``origin + h + 1``.
        coverage: wanted, such as 0.9.
        memory: how many truths are remembered.
    """
    outside = np.maximum(low - truth, truth - high)
    found = np.zeros_like(outside)
    for step in range(low.shape[1]):
        known = np.searchsorted(origins + step + 1, origins, side="right")
        for channel in range(low.shape[2]):
            found[:, step, channel] = _rolling(outside[:, step, channel], known, coverage, memory)
    return found


def _rolling(
    scores: Float[np.ndarray, "n"], known: Int[np.ndarray, "n"], coverage: float, memory: int
) -> Float[np.ndarray, "n"]:
    """For each place the quantile of the scores before ``known`` there, the last ``memory`` of them."""
    held: list[float] = []
    in_order: list[float] = []
    result = np.zeros(len(scores))
    taken = 0
    for place, end in enumerate(known):
        for score in scores[taken:end]:
            if not math.isnan(score):
                insort(held, float(score))
                in_order.append(float(score))
                if len(in_order) > memory:
                    del held[bisect_left(held, in_order[-memory - 1])]
        taken = max(taken, int(end))
        if held:
            rank = math.ceil((len(held) + 1) * coverage)
            result[place] = held[min(rank, len(held)) - 1]
    return result
