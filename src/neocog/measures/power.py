"""Power: what a comparison can settle, before anything is trained."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float64
from scipy import special

from neocog.core.errors import UsageProblem
from neocog.measures.sources import Runs, Sources

DRAWS = 2000
POWER = 0.8
BISECTIONS = 40


@dataclass(frozen=True)
class Plan:
    """A comparison that is planned.

    Args:
        sources: what varies, from a pilot or assumed (`usual_sources`).
        runs: of each of the two networks, at least 2.
        items: in the test part, at least 2.
        alpha: accepted chance of a wrong answer, already divided by the number of comparisons and looks.

    Raises:
        UsageProblem: ``plan-range``.
    """

    sources: Sources
    runs: Runs
    items: int
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if min(self.runs) < 2 or self.items < 2 or not 0 < self.alpha < 1:
            raise UsageProblem(
                "plan-range",
                f"{self.runs[0]} and {self.runs[1]} runs, {self.items} items, alpha {self.alpha}",
                help="plan at least two runs of each network and two items, and an alpha between 0 and 1",
            )


def power(plan: Plan, difference: float, margin: float = 0.0) -> float:
    """The chance of an answer, "beats" or "tie", where the true difference is ``difference``.

    The rule of `neocog.measures.verdict.verdicts` is averaged over 2,000 draws of what the runs' variances will be
    found to be (chi-square with R - 1 degrees of freedom); the found difference is normal around the true one. Good
    to about 6 points of a hundred where ``plan.sources`` is known; from a single pilot it is only a range.
    """
    return _power(_Bounds.of(plan), _error(plan), difference, margin)


def _power(bounds: "_Bounds", error: float, difference: float, margin: float) -> float:
    tie = np.maximum(0.0, margin - bounds.tie)
    beats = np.maximum(bounds.beats, tie)
    outside = _above(beats, difference, error) + _above(beats, -difference, error)
    within = 1.0 - _above(tie, difference, error) - _above(tie, -difference, error)
    return float(np.mean(outside + np.maximum(0.0, within)))


def smallest_difference(plan: Plan, chance: float = POWER) -> float:
    """The smallest true difference that is called "beats" with this chance."""
    bounds, error = _Bounds.of(plan), _error(plan)
    return _smallest(lambda size: _power(bounds, error, size, 0.0), chance, 100 * error)


def smallest_margin(plan: Plan, chance: float = POWER) -> float:
    """The smallest margin within which two networks that are equally good are called a tie with this chance."""
    bounds, error = _Bounds.of(plan), _error(plan)

    def tie(margin: float) -> float:
        within = np.maximum(0.0, margin - bounds.tie)
        return float(np.mean(1.0 - 2 * _above(within, 0.0, error)))

    return _smallest(tie, chance, 100 * error)


@dataclass(frozen=True)
class _Bounds:
    """What |difference| must exceed for "beats", and what must be left of the margin for "tie", draw by draw."""

    beats: Float64[np.ndarray, " draws"]
    tie: Float64[np.ndarray, " draws"]

    @classmethod
    def of(cls, plan: Plan) -> "_Bounds":
        sources, runs, items = plan.sources, plan.runs, plan.items
        parts = np.array(sources.of_runs(runs, items))[:, None] * _chances(runs)
        rests = sum(rest / count for rest, count in zip(sources.rest, runs, strict=True)) / items
        variance = np.maximum(parts.sum(axis=0) + sources.items / items, sources.items / items + rests)
        spread = (parts**2 / (np.array(runs)[:, None] - 1)).sum(axis=0)
        freedom = np.minimum(variance**2 / np.maximum(spread, 1e-300), 1e9)
        error = np.sqrt(variance)
        return cls(
            special.stdtrit(freedom, 1 - plan.alpha / 2) * error, special.stdtrit(freedom, 1 - plan.alpha) * error
        )


@cache
def _chances(runs: Runs) -> Float64[np.ndarray, "two draws"]:
    """Found variances as multiples of the true ones."""
    generator = np.random.default_rng(0)
    return np.stack([generator.chisquare(count - 1, DRAWS) / (count - 1) for count in runs])


def _error(plan: Plan) -> float:
    return float(np.sqrt(plan.sources.variance(plan.runs, plan.items)))


def _above(bound: Float64[np.ndarray, " draws"], mean: float, error: float) -> Float64[np.ndarray, " draws"]:
    """P(N(mean, error^2) > bound)."""
    return special.ndtr((mean - bound) / max(error, 1e-300))


def _smallest(chance_of: Callable[[float], float], wanted: float, high: float) -> float:
    low = 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if chance_of(middle) >= wanted else (middle, high)
    return high
