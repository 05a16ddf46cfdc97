"""Pair: what is known of two networks before the number of comparisons is taken into account."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from neocog.measures.components import ROUNDING, Components
from neocog.measures.intervals import FEW_ITEMS, FEW_RUNS, MOST_OF_THE_VARIANCE
from neocog.measures.mcnemar import mcnemar_exact
from neocog.measures.sources import Sources
from neocog.measures.student import t_quantile, t_tail

Over = Literal["seeds and items", "seeds"]


@dataclass(frozen=True)
class Pair:
    """Two networks, a and b, on the same items.

    Args:
        a: label of one network.
        b: label of the other.
        difference: mean of a - mean of b.
        variance: V, of the difference.
        freedom: nu, of V.
        seeds_error: standard error from the choice of seeds; None if one of the networks has a single run.
        items_error: standard error from the choice of items.
        differing: number of items on which the two differ.
        p_beats: of "no difference", alone.
        p_tie: of "a difference of at least the margin", alone.
        widest: the network on whose few, widely differing runs the answer rests, or empty.
        runs: numbers of runs.
        runs_of_widest: of the network whose runs add most.
        items: number of items n.
        span: range of the scores; 1 where they lie within [0, 1].
        exact: whether p_beats is McNemar's.
        sources: where the variance comes from; None where it cannot be told, or seeds alone were asked about.
    """

    a: str
    b: str
    difference: float
    variance: float
    freedom: float
    seeds_error: float | None
    items_error: float
    differing: int
    p_beats: float
    p_tie: float
    widest: str
    runs: tuple[int, int]
    runs_of_widest: int
    items: int
    span: float
    exact: bool
    sources: Sources | None

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return math.sqrt(self.variance)

    def half(self, alpha: float) -> float:
        """Half the width of its interval of level 1 - alpha."""
        return t_quantile(1 - alpha / 2, self.freedom) * self.error


def pair_of(labels: tuple[str, str], a: Components, b: Components, margin: float, over: Over) -> Pair:
    """Compare two networks; V, nu and the tests are those of `neocog.measures.verdict.verdicts`."""
    n = a.items
    gap = a.item_means - b.item_means
    span = _span(a, b)
    difference = a.mean - b.mean
    items_variance = float(gap.var(ddof=1)) / n
    seeds = a.runs_variance + b.runs_variance
    interaction = a.interaction_variance + b.interaction_variance
    variance = seeds
    if over == "seeds and items":
        variance = max(seeds + max(0.0, items_variance - interaction), items_variance)
    differing = int(np.count_nonzero(np.abs(gap) > ROUNDING * span))
    if differing < FEW_ITEMS or variance <= (ROUNDING * span) ** 2:
        variance = max(variance, 2 * span**2 / n**2)
    spread = sum(part.runs_variance**2 / (part.runs - 1) for part in (a, b) if part.runs > 1)
    freedom = variance**2 / spread if spread > 0 else math.inf
    error = math.sqrt(variance)
    exact = a.runs == b.runs == 1 and a.binary and b.binary
    if differing < FEW_ITEMS:
        p_beats = 1.0
    elif exact:
        p_beats = mcnemar_exact(int(np.count_nonzero(gap > 0)), int(np.count_nonzero(gap < 0)))
    else:
        p_beats = min(1.0, 2 * t_tail(abs(difference) / error, freedom))
    widest, most = (labels[0], a) if a.runs_variance >= b.runs_variance else (labels[1], b)
    rests = most.runs < FEW_RUNS and most.runs_variance > MOST_OF_THE_VARIANCE * variance
    several = min(a.runs, b.runs) > 1
    return Pair(
        a=labels[0],
        b=labels[1],
        difference=difference,
        variance=variance,
        freedom=freedom,
        seeds_error=math.sqrt(a.seeds_variance + b.seeds_variance) if several else None,
        items_error=math.sqrt(items_variance),
        differing=differing,
        p_beats=p_beats,
        p_tie=t_tail((margin - abs(difference)) / error, freedom) if abs(difference) < margin else 1.0,
        widest=widest if rests else "",
        runs=(a.runs, b.runs),
        runs_of_widest=most.runs,
        items=n,
        span=span,
        exact=exact,
        sources=Sources.of(a, b, items_variance) if several and over == "seeds and items" else None,
    )


def _span(a: Components, b: Components) -> float:
    low, high = min(a.low, b.low), max(a.high, b.high)
    return 1.0 if low >= 0 and high <= 1 else (high - low) or 1.0
