"""Numbers as a person reads them, for labels and tables."""

import math
from collections.abc import Callable

NOTHING = "–"
_SPACE = "\u00a0"  # keeps a number and its unit on one line


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction as a percentage: 0.9723 gives "97.2 %"."""
    return f"{100 * fraction:.{digits}f}{_SPACE}%" if math.isfinite(fraction) else NOTHING


def points(fraction: float, digits: int = 1) -> str:
    """A difference of fractions in percentage points, with its sign: 0.021 gives "+2.1"."""
    if not math.isfinite(fraction):
        return NOTHING
    text = f"{100 * fraction:+.{digits}f}".replace("-", "−")
    return text if any(c in "123456789" for c in text) else text[1:]


def decimal(value: float, digits: int = 3) -> str:
    """A plain number with that many decimals."""
    return f"{value:.{digits}f}".replace("-", "−") if math.isfinite(value) else NOTHING


def count(value: float) -> str:
    """A whole number with thousands set apart: 61706 gives "61,706"."""
    return f"{value:,.0f}" if math.isfinite(value) else NOTHING


def compact(value: float) -> str:
    """A number in little room: 61706 gives "61.7k", 0.0123 gives "0.0123"."""
    if not math.isfinite(value):
        return NOTHING
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            return f"{value / size:.3g}{unit}".replace("-", "−")
    return f"{value:.3g}".replace("e-0", "e-").replace("-", "−")


def interval(low: float, high: float, show: Callable[[float], str]) -> str:
    """Both ends, with the unit said once where that is enough: "95.9 to 98.8" of percentages."""
    ends = [show(low), show(high)]
    return " to ".join(end.removesuffix(f"{_SPACE}%") for end in ends)


def seconds(value: float) -> str:
    """A length of time: "0.4 ms", "3.2 s", "4 min 10 s"."""
    if not math.isfinite(value):
        return NOTHING
    if value and abs(value) < 0.1:
        return f"{1000 * value:.3g}{_SPACE}ms"
    if value < 100:
        return f"{value:.3g}{_SPACE}s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60}{_SPACE}min{_SPACE}{whole % 60}{_SPACE}s"
    return f"{whole // 3600}{_SPACE}h{_SPACE}{whole % 3600 // 60}{_SPACE}min"
