"""The area under a curve of scores over the strength of a change, item by item, and what is kept of the score."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float64

from neocog.measures.intervals import Interval, arm_interval


def level_weights(strengths: Sequence[float]) -> Float64[np.ndarray, " levels"]:
    """What each level weighs in the area: the trapezoid rule over strength, divided by the range; they sum to 1.

    Args:
        strengths: rising, the first 0.
    """
    steps = np.diff(np.asarray(strengths, dtype=np.float64))
    weights = np.zeros(len(strengths))
    weights[:-1] += steps / 2
    weights[1:] += steps / 2
    return weights / steps.sum()


def area_items(scores: Float[np.ndarray, "levels runs n"], strengths: Sequence[float]) -> Float64[np.ndarray, "runs n"]:
    """The area under each item's own curve; its mean over items is the area under the curve of means.

    With scores of 0 or 1 it is the item's mean score over strengths from 0 to the largest: 1 where it is right at
    every level.
    """
    return np.tensordot(level_weights(strengths), scores.astype(np.float64), axes=1)


def kept(
    intact: Float[np.ndarray, "runs n"], areas: Float[np.ndarray, "runs n"], *, alpha: float = 0.05
) -> Interval | None:
    """The area as a share of the intact score: 1 where nothing is lost; None where the intact score is 0.

    The interval is that of `arm_interval` for the linearised ratio k + (area - k intact) / mean(intact), item by item.

    Source: the ratio estimator and its variance by Taylor's linearisation: Cochran 1977, Sampling Techniques, 6.3.
    """
    base = float(intact.mean())
    if base == 0:
        return None
    ratio = float(areas.mean()) / base
    return arm_interval(ratio + (areas - ratio * intact) / base, alpha=alpha)


def half_strength(strengths: Sequence[float], means: Sequence[float], chance: float) -> float | None:
    """The strength at which half of the score above chance is lost, between levels by a straight line.

    None where it never is, or the intact score is not above chance.
    """
    half = chance + (means[0] - chance) / 2
    if means[0] <= chance:
        return None
    for i in range(1, len(means)):
        if means[i] <= half:
            share = (means[i - 1] - half) / (means[i - 1] - means[i])
            return float(strengths[i - 1] + share * (strengths[i] - strengths[i - 1]))
    return None
