"""Components: where the scores of one network vary, by seed and by test item."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Shaped

from neocog.core.errors import UsageProblem

ROUNDING = 1e-12
"""Differences below this share of the range of the scores come from rounding."""


@dataclass(frozen=True)
class Components:
    """One network's scores (runs x items), taken apart.

    Args:
        mean: over all runs and items.
        item_means: over runs, for each item.
        runs: the number of runs R (seeds).
        between_runs: S, the sample variance of the run means; 0 for one run, where it is not known.
        interaction: E, the mean square of what neither the run nor the item explains; 0 for one run.
        low: the smallest score.
        high: the largest.
        binary: every score is 0 or 1.
    """

    mean: float
    item_means: Float64[np.ndarray, " items"]
    runs: int
    between_runs: float
    interaction: float
    low: float
    high: float
    binary: bool

    @property
    def items(self) -> int:
        """Number of test items n."""
        return len(self.item_means)

    @property
    def runs_variance(self) -> float:
        """S / R: what the choice of seeds adds to the variance of the mean, together with its share of E."""
        return self.between_runs / self.runs

    @property
    def interaction_variance(self) -> float:
        """E / (R n): the part of that which also shows in the item means, and must be counted once."""
        return self.interaction / (self.runs * self.items)

    @property
    def seeds_variance(self) -> float:
        """max(0, S - E/n) / R: what the choice of seeds alone adds to the variance of the mean."""
        return max(0.0, self.between_runs - self.interaction / self.items) / self.runs


def components(scores: Shaped[np.ndarray, "..."], label: str = "the network") -> Components:
    """Take one network's scores apart.

    Args:
        scores: one row per run, one column per test item; the larger the better.
        label: the network's name in messages.

    Raises:
        UsageProblem: not two-dimensional, no run, fewer than two items, or a score that is not a finite number.

    Source: two-way analysis of variance without replication; S and E are the mean squares of Obuchowski and Rockette
    (Hillis 2014, Statistics in Medicine 33:330), E with (R-1)(n-1) degrees of freedom.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise UsageProblem(
            "scores-shape",
            f"The scores of {label} have the shape {values.shape}.",
            help="One row per run and one column per test item are needed, at least one run and two items.",
        )
    if not np.isfinite(values).all():
        raise UsageProblem(
            "scores-not-finite",
            f"{np.count_nonzero(~np.isfinite(values)):,} of the {values.size:,} scores of {label} are not finite.",
            help="Leave out the runs that diverged; clip probabilities before their logarithm is taken.",
        )
    runs, items = values.shape
    item_means = values.mean(axis=0)
    run_means = values.mean(axis=1)
    mean = float(run_means.mean())
    between_runs = interaction = 0.0
    if runs > 1:
        residuals = values - run_means[:, None] - item_means[None, :] + mean
        between_runs = float(run_means.var(ddof=1))
        interaction = float(np.square(residuals).sum()) / ((runs - 1) * (items - 1))
    return Components(
        mean=mean,
        item_means=item_means,
        runs=runs,
        between_runs=between_runs,
        interaction=interaction,
        low=float(values.min()),
        high=float(values.max()),
        binary=bool(np.isin(values, (0.0, 1.0)).all()),
    )
