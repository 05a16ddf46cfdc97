"""Intervals over repeated runs alone, for numbers that come once per run rather than once per test item."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neocog.core.errors import UsageProblem
from neocog.measures.student import t_quantile


class Spread(NamedTuple):
    """A mean, or a difference of means, with the ends of its interval."""

    value: float
    low: float
    high: float


def mean_of_runs(values: Sequence[float], *, alpha: float = 0.05) -> Spread:
    """The mean of one number per run, with Student's interval for its expectation over new runs.

    Raises:
        UsageProblem: ``runs-too-few``, under two runs; ``scores-not-finite``.
    """
    mean, variance = _moments(values)
    half = t_quantile(1 - alpha / 2, len(values) - 1) * math.sqrt(variance)
    return Spread(mean, mean - half, mean + half)


def difference_of_runs(first: Sequence[float], second: Sequence[float], *, alpha: float = 0.05) -> Spread:
    """Mean of ``first`` - mean of ``second``, with Welch's interval; runs are not paired.

    Use it for what one trained network has one number of: a gap between two parts, a gradient. Where there is a score
    per test item, ``verdicts`` says more.

    Raises:
        UsageProblem: ``runs-too-few``, under two runs on either side; ``scores-not-finite``.

    Source: Welch 1947 (Biometrika 34:28), degrees of freedom as in Satterthwaite 1946. Runs that do not vary at all
    give an interval without width.
    """
    (mean_a, a), (mean_b, b) = _moments(first), _moments(second)
    spread = a**2 / (len(first) - 1) + b**2 / (len(second) - 1)
    freedom = (a + b) ** 2 / spread if spread > 0 else math.inf
    half = t_quantile(1 - alpha / 2, freedom) * math.sqrt(a + b)
    return Spread(mean_a - mean_b, mean_a - mean_b - half, mean_a - mean_b + half)


def _moments(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and the variance of the mean."""
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) < 2:
        raise UsageProblem(
            "runs-too-few", f"{len(numbers)} run tells nothing of how runs vary", help="Give two runs or more."
        )
    if not np.isfinite(numbers).all():
        raise UsageProblem(
            "scores-not-finite",
            f"{np.count_nonzero(~np.isfinite(numbers)):,} of the {numbers.size:,} numbers are not finite.",
            help="Leave out the runs that diverged.",
        )
    return float(numbers.mean()), float(numbers.var(ddof=1)) / len(numbers)
