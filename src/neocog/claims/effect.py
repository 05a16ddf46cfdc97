"""Effect: how large something is, with an interval, and the numbers behind it; and the ways to reach one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Shaped

from neocog.measures.intervals import arm_interval
from neocog.measures.verdict import verdicts
from neocog.measures.welch import Spread, difference_of_runs, mean_of_runs

Places = Sequence[tuple[float, float]]
Sides = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Effect:
    """One quantity, positive in the direction that its claim predicts.

    Args:
        value: in the claim's unit; accuracies are fractions.
        low: lower end of its 95 % interval.
        high: upper end.
        over: what the interval is over, in words, such as "seeds and test items"; empty for what is counted.
        sides: what was set against each other: one number per run, by name.
        lines: curves worth a look, (x, y) by name; ``x`` and ``y`` name their axes.
        notes: what else was seen, in sentences.
    """

    value: float
    low: float
    high: float
    over: str
    sides: Sides = field(default_factory=dict)
    lines: Mapping[str, Places] = field(default_factory=dict)
    x: str = ""
    y: str = ""
    notes: Sequence[str] = ()


def between_items(scores: Mapping[str, Shaped[np.ndarray, "..."]]) -> Effect:
    """The first side less the second, over seeds and test items, by the method of ``compare``.

    Args:
        scores: two sides, each with one row per run and one column per test item; the larger, the more of the effect.
    """
    (found,) = verdicts(scores)
    sides = {name: tuple(values.mean(axis=1).tolist()) for name, values in scores.items()}
    return Effect(found.difference, found.low, found.high, "seeds and test items", sides)


def of_items(name: str, scores: Shaped[np.ndarray, "..."]) -> Effect:
    """One side alone, over seeds and test items: what the same runs lose or gain on each item."""
    found = arm_interval(scores)
    return Effect(
        found.mean, found.low, found.high, "seeds and test items", {name: tuple(scores.mean(axis=1).tolist())}
    )


def between_runs(sides: Sides) -> Effect:
    """The first side less the second, over seeds alone (Welch)."""
    first, second = sides.values()
    return _of(difference_of_runs(first, second), sides)


def of_runs(name: str, values: Sequence[float]) -> Effect:
    """One number per run, over seeds alone."""
    return _of(mean_of_runs(values), {name: tuple(values)})


def counted(value: float, sides: Sides) -> Effect:
    """What is counted, not sampled: it has no interval."""
    return Effect(value, value, value, "", sides)


def _of(found: Spread, sides: Sides) -> Effect:
    return Effect(*found, "seeds", {name: tuple(float(value) for value in values) for name, values in sides.items()})
