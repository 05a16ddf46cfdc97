"""Conformal sets: for each item the classes that it may be, so that the truth is among them as often as was asked.

Legend: n items, C classes. Split conformal prediction: a threshold is taken from items that were not trained on; for
new items like those, P(truth in the set) >= coverage, whatever the network is.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Float64, Int
from scipy import stats

Scores = Callable[[Float[np.ndarray, "n C"]], Float64[np.ndarray, "n C"]]


def least_ambiguous(probabilities: Float[np.ndarray, "n C"]) -> Float64[np.ndarray, "n C"]:
    """How strange each class is for each item: 1 - p. Gives the smallest sets on average, to hard items too.

    Source: Sadinle, Lei and Wasserman 2019 (LAC), as in Angelopoulos and Bates 2021 (arXiv 2107.07511), section 1.
    """
    return 1.0 - probabilities.astype(np.float64)


def adaptive(probabilities: Float[np.ndarray, "n C"]) -> Float64[np.ndarray, "n C"]:
    """How strange each class is: the probability of all classes at least as likely as it; 0 for the likeliest.

    Hard items get larger sets, and no set is empty; on average the sets are larger than those of `least_ambiguous`.

    Source: Romano, Sesia and Candes 2020 (APS), as in Angelopoulos and Bates 2021 (arXiv 2107.07511), section 2.1,
    without randomisation. The 0 is ours: the likeliest class is always in, so that a network that is right more often
    than was asked gets sets of one, and covers more.
    """
    exact = probabilities.astype(np.float64)
    order = np.argsort(-exact, axis=1, kind="stable")
    found = np.empty_like(exact)
    np.put_along_axis(found, order, np.cumsum(np.take_along_axis(exact, order, axis=1), axis=1), axis=1)
    best = order[:, :1]
    np.put_along_axis(found, best, 0.0, axis=1)
    return found


SETS: dict[str, Scores] = {"lac": least_ambiguous, "aps": adaptive}


def threshold(strangeness: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"], *, coverage: float = 0.9) -> float:
    """The ceil((n + 1) coverage)-th smallest strangeness of the truth; infinite where n is too small for that.

    Args:
        strangeness: of items that were neither trained on nor are to be judged.
        labels: what was right.
        coverage: wanted, above 0 and below 1.

    Source: Angelopoulos and Bates 2021 (arXiv 2107.07511), equation 1 and figure 2: the finite-sample quantile.
    """
    of_truth = np.sort(strangeness[np.arange(len(labels)), labels])
    rank = rank_of(len(of_truth), coverage)
    return math.inf if rank > len(of_truth) else float(of_truth[rank - 1])


def sets(strangeness: Float[np.ndarray, "n C"], threshold: float) -> Bool[np.ndarray, "n C"]:
    """Which classes are in each item's set: those no stranger than the threshold. A set may be empty (`lac`)."""
    return strangeness <= threshold


def rank_of(calibrating: int, coverage: float) -> int:
    """Which of the ordered scores is the threshold: ceil((n + 1) coverage)."""
    return math.ceil((calibrating + 1) * coverage - 1e-9)


def coverage_range(calibrating: int, judged: int, coverage: float, *, level: float = 0.95) -> tuple[float, float]:
    """Between which shares the measured coverage lies in ``level`` of all cases, if all is as it should be.

    Over choices of the calibrating items the coverage of new ones follows Beta(k, n + 1 - k), k = ceil((n + 1)
    coverage); measured on finitely many it is beta-binomial. Scores without ties are assumed; ties raise coverage.

    Args:
        calibrating: items the threshold was taken from.
        judged: items it is measured on.
        coverage: wanted.
        level: of the interval.

    Source: Angelopoulos and Bates 2021 (arXiv 2107.07511), section 3.2 and appendix C.
    """
    rank = rank_of(calibrating, coverage)
    if rank > calibrating:
        return 1.0, 1.0
    law = stats.betabinom(judged, rank, calibrating + 1 - rank)
    low, high = law.ppf([(1 - level) / 2, (1 + level) / 2])
    return float(low / judged), float(high / judged)
