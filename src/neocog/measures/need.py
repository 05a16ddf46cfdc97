"""Need: about how many more seeds or test items would settle what two networks left open."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int, Real
from scipy import special

from neocog.measures.intervals import FEW_ITEMS, FEW_RUNS
from neocog.measures.pair import Pair
from neocog.measures.sources import Sources

LIKELY, EVEN, NEARLY_SURE = 0.90, 0.50, 0.975
MOST_SEEDS, MOST_ITEMS = 4, 6  # times as many more, at most
ITEM_STEPS, BOTH_STEPS = 56, 32
TINY, ENDLESS = 1e-30, 1e9  # stand in for 0 and for infinite degrees of freedom


@dataclass(frozen=True)
class Amount:
    """About how many more: with ``about`` an answer comes in 90 % of such cases.

    With ``low`` it comes in half of them, with ``high`` in 97.5 %. None: that would take more than can be foretold.
    """

    about: int
    low: int
    high: int | None


@dataclass(frozen=True)
class Need:
    """What would settle a pair: more seeds of each network, more test items, or both together.

    Args:
        seeds: more runs of each network; None where no more are needed.
        items: more test items; None likewise.
        possible: False where nothing within reach would: four times as many more seeds, six times as many more items.
    """

    seeds: Amount | None = None
    items: Amount | None = None
    possible: bool = True


def needed(pair: Pair, margin: float, alpha_beats: float, alpha_tie: float) -> Need | None:
    """The smallest change with which the pair is likely (90 %) to get an answer; None where nothing can be said.

    With the components of `neocog.measures.sources.Sources`, V' and nu' for the larger numbers follow, and the new
    difference is expected at th' ~ th + sqrt(V - V') t_nu. It is settled where |th'| exceeds
    t(nu', 1 - alpha/2) sqrt(V') or stays below margin - t(nu', 1 - alpha) sqrt(V'). Seeds alone are tried first (at
    most four times as many more), then items alone (only with five runs each; at most six times as many more), then
    both by a common factor.

    Args:
        pair: two networks with at least two runs each.
        margin: the difference that does not matter.
        alpha_beats: what the p value of "beats" must reach, corrections included.
        alpha_tie: what that of "tie" must reach.

    In the world of the acceptance tests its advice settled 80 % and more; ``benchmarks/verdicts.py`` repeats that.
    """
    if pair.sources is None:
        return None
    most = MOST_SEEDS * min(pair.runs)
    chance = _Chance(pair, pair.sources, margin, alpha_beats, alpha_tie)
    counts = np.arange(1, most + 1)
    seeds = _amounts(chance(counts, np.zeros(most)), counts)
    if seeds is not None:
        return Need(seeds=seeds[0])
    if min(pair.runs) >= FEW_RUNS:
        counts = np.unique(np.ceil(np.geomspace(0.05, MOST_ITEMS, ITEM_STEPS) * pair.items).astype(np.int64))
        items = _amounts(chance(np.zeros(len(counts)), counts), counts)
        if items is not None:
            return Need(items=items[0])
    factors = np.linspace(0, 1, BOTH_STEPS + 1)[1:]
    seed_counts = np.ceil(factors * most).astype(np.int64)
    item_counts = np.ceil(factors * MOST_ITEMS * pair.items).astype(np.int64)
    both = _amounts(chance(seed_counts, item_counts), seed_counts, item_counts)
    return Need(possible=False) if both is None else Need(seeds=both[0], items=both[1])


def _amounts(chances: Float64[np.ndarray, " steps"], *counts: Int[np.ndarray, " steps"]) -> list[Amount] | None:
    """The first steps that are likely enough, in each of the counts that rise together."""
    first = [int(np.argmax(chances >= level)) for level in (LIKELY, EVEN, NEARLY_SURE)]
    if chances[first[0]] < LIKELY:
        return None
    sure = chances[first[2]] >= NEARLY_SURE
    return [
        Amount(int(count[first[0]]), int(count[first[1]]), int(count[first[2]]) if sure else None) for count in counts
    ]


@dataclass(frozen=True)
class _Chance:
    """The chance that so many more seeds and items give an answer, from what is known now."""

    pair: Pair
    sources: Sources
    margin: float
    alpha_beats: float
    alpha_tie: float

    def __call__(
        self, seeds: Real[np.ndarray, " steps"], items: Real[np.ndarray, " steps"]
    ) -> Float64[np.ndarray, " steps"]:
        pair, sources = self.pair, self.sources
        n = pair.items + items
        runs = [count + seeds for count in pair.runs]
        parts = [(own + rest / n) / count for own, rest, count in zip(sources.seeds, sources.rest, runs, strict=True)]
        variance = sources.items / n + parts[0] + parts[1]
        spread = sum(part**2 / (count - 1) for part, count in zip(parts, runs, strict=True))
        freedom = np.minimum(variance**2 / np.maximum(spread, TINY), ENDLESS)
        few = pair.differing * n / pair.items < FEW_ITEMS
        variance = np.where(few, np.maximum(variance, 2 * (pair.span / n) ** 2), variance)
        error, moves = np.sqrt(variance), np.sqrt(np.maximum(TINY, pair.variance - variance))
        beats = np.where(few, np.inf, special.stdtrit(freedom, 1 - self.alpha_beats / 2) * error)
        tie = np.maximum(0.0, self.margin - special.stdtrit(freedom, 1 - self.alpha_tie) * error)
        found = self._outside(beats, moves) + 1.0 - self._outside(tie, moves)
        return np.where(tie >= beats, 1.0, found)

    def _outside(
        self, bound: Float64[np.ndarray, " steps"], moves: Float64[np.ndarray, " steps"]
    ) -> Float64[np.ndarray, " steps"]:
        """P(|difference + moves t| > bound)."""
        freedom = min(self.pair.freedom, ENDLESS)
        above = special.stdtr(freedom, (self.pair.difference - bound) / moves)
        return above + special.stdtr(freedom, (-self.pair.difference - bound) / moves)


def thresholds(p: Float64[np.ndarray, " tests"], alpha: float) -> Float64[np.ndarray, " tests"]:
    """What each p value would have to reach under Holm's correction, the others staying as they are."""
    ranks = np.empty(len(p))
    ranks[np.argsort(p, kind="stable")] = np.arange(len(p))
    return alpha / (len(p) - ranks)
