"""DeLong's test: the areas under the ROC curves of two trained models on the same items."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Real

from neocog.core.errors import UsageProblem
from neocog.measures.jackknife import placements
from neocog.measures.student import t_quantile, t_tail


@dataclass(frozen=True)
class DeLong:
    """Two areas and their difference.

    Args:
        areas: of a and of b.
        covariance: of the two areas.
        difference: a - b.
        error: its standard error.
        low: lower end of its interval.
        high: upper end.
        p: of "no difference", two-sided; 1 where the two order the items alike.
    """

    areas: tuple[float, float]
    covariance: Float64[np.ndarray, "2 2"]
    difference: float
    error: float
    low: float
    high: float
    p: float


def delong(
    a: Real[np.ndarray, " n"], b: Real[np.ndarray, " n"], positive: Bool[np.ndarray, " n"], *, alpha: float = 0.05
) -> DeLong:
    """Compare two scores of the same items, of which some are positive.

    Use it where each network was trained once: it says nothing about the same networks trained again. For several
    seeds give `neocog.measures.jackknife.auc_items` of every run to `neocog.measures.verdict.verdicts`.

    Raises:
        UsageProblem: ``auc-one-class``: there are fewer than two positive, or two negative items.

    Source: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44:837), worked out by midranks.
    """
    of_positive, of_negative = zip(placements(a, positive), placements(b, positive))
    m, k = len(of_positive[0]), len(of_negative[0])
    if min(m, k) < 2:
        raise UsageProblem(
            "auc-one-class", f"{m} positive and {k} negative items", help="give at least two of each for an error"
        )
    covariance = np.cov(np.stack(of_positive)) / m + np.cov(np.stack(of_negative)) / k
    first, second = (float(part.mean()) for part in of_positive)
    difference = first - second
    error = math.sqrt(max(0.0, float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])))
    half = t_quantile(1 - alpha / 2, math.inf) * error
    p = min(1.0, 2 * t_tail(abs(difference) / error, math.inf)) if error > 0 else float(difference == 0)
    return DeLong((first, second), covariance, difference, error, difference - half, difference + half, p)
