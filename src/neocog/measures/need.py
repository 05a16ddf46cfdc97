"""Need: about how many more seeds or test items would settle what two networks left open."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from neocog.measures.intervals import FEW_ITEMS, FEW_RUNS
from neocog.measures.pair import Pair
from neocog.measures.student import t_quantile, t_tail

LIKELY, EVEN, NEARLY_SURE = 0.90, 0.50, 0.975
MOST_SEEDS, MOST_ITEMS = 4, 6  # times as many more, at most
STEPS_PER_DOUBLING = 8


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


IMPOSSIBLE = Need(possible=False)


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
    few, most = min(pair.runs), MOST_SEEDS * min(pair.runs)

    def chance(seeds: int, items: int) -> float:
        runs = (pair.runs[0] + seeds, pair.runs[1] + seeds)
        return _chance(pair, runs, pair.items + items, margin, alpha_beats, alpha_tie)

    seeds = _amount(lambda more: chance(more, 0), range(1, most + 1))
    if seeds is not None:
        return Need(seeds=seeds)
    items = _steps(pair.items, MOST_ITEMS)
    if few >= FEW_RUNS:
        more_items = _amount(lambda more: chance(0, more), items)
        if more_items is not None:
            return Need(items=more_items)
    factors = np.linspace(0, 1, 4 * STEPS_PER_DOUBLING + 1)[1:]
    both = [(max(1, math.ceil(factor * most)), math.ceil(factor * MOST_ITEMS * pair.items)) for factor in factors]
    place = _amount(lambda step: chance(*both[step]), range(len(both)))
    if place is None:
        return IMPOSSIBLE
    amounts = [
        Amount(both[place.about][k], both[place.low][k], None if place.high is None else both[place.high][k])
        for k in (0, 1)
    ]
    return Need(seeds=amounts[0], items=amounts[1])


def _steps(items: int, times: int) -> list[int]:
    """Numbers of more items, rising by about a tenth, up to ``times`` as many."""
    grid = np.geomspace(0.05 * items, times * items, STEPS_PER_DOUBLING * 7)
    return sorted({math.ceil(value) for value in grid})


def _amount(chance: Callable[[int], float], tried: "range | list[int]") -> Amount | None:
    chances = {more: chance(more) for more in tried}
    first = {
        level: next((more for more, found in chances.items() if found >= level), None)
        for level in (EVEN, LIKELY, NEARLY_SURE)
    }
    about = first[LIKELY]
    return None if about is None else Amount(about, first[EVEN] or about, first[NEARLY_SURE])


def _chance(
    pair: Pair, runs: tuple[int, int], items: int, margin: float, alpha_beats: float, alpha_tie: float
) -> float:
    """The chance that so many runs and items give an answer, from what is known now."""
    assert pair.sources is not None
    variance, freedom = pair.sources.variance(runs, items), pair.sources.freedom(runs, items)
    differing = pair.differing * items / pair.items
    if differing < FEW_ITEMS:
        variance = max(variance, 2 * (pair.span / items) ** 2)
    error, moves = math.sqrt(variance), math.sqrt(max(0.0, pair.variance - variance))
    beats = math.inf if differing < FEW_ITEMS else t_quantile(1 - alpha_beats / 2, freedom) * error
    tie = max(0.0, margin - t_quantile(1 - alpha_tie, freedom) * error)
    if tie >= beats:
        return 1.0
    return _outside(pair, beats, moves) + 1.0 - _outside(pair, tie, moves)


def _outside(pair: Pair, bound: float, moves: float) -> float:
    """P(|difference + moves t| > bound)."""
    if math.isinf(bound):
        return 0.0
    if moves == 0:
        return float(abs(pair.difference) > bound)
    above = t_tail((bound - pair.difference) / moves, pair.freedom)
    return above + t_tail((bound + pair.difference) / moves, pair.freedom)


def thresholds(p: Float64[np.ndarray, " tests"], alpha: float) -> Float64[np.ndarray, " tests"]:
    """What each p value would have to reach under Holm's correction, the others staying as they are."""
    ranks = np.empty(len(p))
    ranks[np.argsort(p, kind="stable")] = np.arange(len(p))
    return alpha / (len(p) - ranks)
