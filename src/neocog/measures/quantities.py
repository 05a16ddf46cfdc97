"""Quantities in words: how a difference of scores is written for a person."""

import math
from collections.abc import Sequence

POINTS = "points"
MOST_DECIMALS = 4


def quantity(difference: float, low: float, high: float, unit: str = POINTS) -> str:
    """Such as ``2.1 points (1.4 to 2.8)``. Fractions become percentage points if the unit is ``points``.

    As many decimals are written as tell the ends of the interval from 0 and its half-width to two figures.
    """
    scale = _scale(unit)
    digits = _decimals((high - low) / 2 * scale, [low * scale, high * scale])
    shown = [_fixed(value * scale, digits) for value in (difference, low, high)]
    return f"{shown[0]}{_named(unit)} ({shown[1]} to {shown[2]})"


def size(value: float, unit: str = POINTS) -> str:
    """Such as ``0.5 points``."""
    return f"{value * _scale(unit):.3g}{_named(unit)}"


def several(names: Sequence[str]) -> str:
    """Such as ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def probability(p: float) -> str:
    """Such as ``p = 0.07`` or ``p < 0.0001``."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def _scale(unit: str) -> float:
    return 100.0 if unit == POINTS else 1.0


def _named(unit: str) -> str:
    return f" {unit}" if unit else ""


def _decimals(half_width: float, ends: Sequence[float]) -> int:
    figures = 1 if half_width <= 0 else math.ceil(-math.log10(half_width / 2.5))
    digits = min(max(1, figures), MOST_DECIMALS)
    while digits < MOST_DECIMALS and any(end != 0 and float(f"{end:.{digits}f}") == 0 for end in ends):
        digits += 1
    return digits


def _fixed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text
