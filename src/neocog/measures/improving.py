"""Improving: whether a score was still rising when training ended."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHARE = 0.2
FEWEST_LOOKS = 4
ERRORS = 2.0


@dataclass(frozen=True)
class LateGain:
    """What the last looks gained over those before them; ``error`` is the standard error of ``gain``."""

    gain: float
    error: float
    looks: int
    improving: bool


def late_gain(curves: Sequence[Sequence[float]], margin: float) -> LateGain | None:
    """Whether a network was still improving at the cut-off, from its validation scores; None if that cannot be told.

    The gain is the mean score of the last fifth of the looks (two at least) less that of as many before them, averaged
    over seeds. It counts as improving if it is at least the margin, and more than twice its standard error: the larger
    one of what the spread of the gains over seeds gives and of what the scatter from look to look, within those looks,
    gives.

    Args:
        curves: of each seed, the scores at its looks, in order, evenly spaced; the higher the better. Seeds with fewer
            than 4 looks tell nothing.
        margin: a gain that does not matter, above 0 or 0.
    """
    parts = [_last_two(np.asarray(curve, dtype=float)) for curve in curves if len(curve) >= FEWEST_LOOKS]
    if not parts:
        return None
    gains = np.array([late.mean() - before.mean() for before, late in parts])
    scatter = [part.var(ddof=1) / len(part) for pair in parts for part in pair]
    of_looks = math.sqrt(sum(scatter)) / len(parts)
    of_seeds = float(gains.std(ddof=1)) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
    gain, error = float(gains.mean()), max(of_looks, of_seeds)
    rising = gain >= margin and gain > ERRORS * error
    return LateGain(gain, error, min(len(late) for _, late in parts), rising)


def _last_two(curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = max(2, round(SHARE * len(curve)))
    return curve[-2 * size : -size], curve[-size:]
