"""Groups: items that come together (of one patient, of one film) count as one item each."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float64, Shaped

from neocog.core.errors import UsageProblem


def by_group(
    scores: Float[np.ndarray, "runs items"], groups: Sequence[str] | Shaped[np.ndarray, " items"]
) -> Float64[np.ndarray, "runs groups"]:
    """One score per run and group, to be given to `neocog.measures.verdict.verdicts` in place of the items' scores.

    Items of one group tend to be right or wrong together; counted one by one they make intervals too narrow. With G
    groups, n items and a run's mean m over all items, group g of size n_g gets m + (G / n) (sum of its scores - n_g m):
    the linearised ratio estimator. Every run keeps its mean over *items*, and groups of one size get their own means.

    Args:
        scores: one row per run, one column per item.
        groups: the group of each item.

    Raises:
        UsageProblem: ``groups-items``: not one group per item, or fewer than two groups.

    Source: Cochran 1977, Sampling Techniques, section 9A.1 and equation 6.9 (clusters of unequal size).
    """
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    if place.shape != scores.shape[1:] or len(names) < 2:
        raise UsageProblem(
            "groups-items",
            f"{len(place):,} items are in {len(names):,} groups, and {scores.shape[-1]:,} were scored",
            help="name the group of every item; there must be at least two",
        )
    mean = scores.mean(axis=1, dtype=np.float64, keepdims=True)
    sums = np.stack([np.bincount(place, run, len(names)) for run in scores - mean])
    return mean + sums * len(names) / scores.shape[1]
