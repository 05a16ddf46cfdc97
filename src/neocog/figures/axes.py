"""Scales and axes: from values to places on the drawing."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.numbers import compact, decimal, percent, points
from neocog.figures.svg import element, join, label

Show = Callable[..., str]  # writes a number


@dataclass(frozen=True)
class Axis:
    """What an axis shows.

    Args:
        label: the quantity, with its unit.
        show: writes a value, on the axis and in the table.
        log: whether equal ratios are equally far apart.
        within: values the axis never leaves, such as (0, 1) for a share.
        holds: values it always shows, so that several figures can be compared.
    """

    label: str
    show: Show = compact
    log: bool = False
    within: tuple[float, float] | None = None
    holds: tuple[float, ...] = ()

    def tick(self, scale: "Scale") -> Show:
        """Writes ticks like values, but with no more decimals than they need."""
        if self.show is percent or self.show is points:
            return lambda value: self.show(value, digits_for(scale, 100))
        if self.show is decimal:
            return lambda value: decimal(value, digits_for(scale))
        return self.show


@dataclass(frozen=True)
class Scale:
    """Maps ``low`` to ``start`` and ``high`` to ``end``, evenly or by ratio (``log``)."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; what lies outside is put at the nearer end."""
        low, high, value = self._even(self.low), self._even(self.high), self._even(value)
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values to write on the axis."""
        return _log_ticks(self.low, self.high, about) if self.log else _even_ticks(self.low, self.high, about)

    def _even(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value


def spanning(
    values: Sequence[float], start: float, end: float, *, log: bool = False, within: tuple[float, float] | None = None
) -> Scale:
    """A scale that holds all finite values with some air at both ends, but never leaves ``within``."""
    held = [float(v) for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(held), max(held)) if held else ((1.0, 10.0) if log else (0.0, 1.0))
    if log:
        air = max(1.15, (high / low) ** 0.12)
        return Scale(low / air, high * air, start, end, log=True)
    air = 0.06 * (high - low) or 0.02 * abs(high) or 0.5
    low, high = low - air, high + air
    if within is not None:
        low, high = max(low, within[0]), min(high, within[1])
    return Scale(low, high, start, end)


def bottom_axis(scale: Scale, span: tuple[float, float], show: Show, title: str, *, about: int = 5) -> Markup:
    """Vertical grid lines with their values under them, and the axis title below. Needs 36 units under ``span``."""
    top, bottom = span
    parts: list[str] = []
    taken = -math.inf
    for tick in scale.ticks(about):
        x, words = scale(tick), show(tick)
        half = 3.6 * len(words)
        parts.append(element("line", class_="grid", x1=x, x2=x, y1=top, y2=bottom))
        if x - half > taken + 6:
            anchor = "end" if x + half > 358 else "start" if x - half < 2 else "middle"
            parts.append(label(words, x, bottom + 15, anchor=anchor, kind="tick"))
            taken = x + half
    parts.append(label(title, (scale.start + scale.end) / 2, bottom + 31, anchor="middle", kind="axis"))
    return join(parts)


def left_axis(scale: Scale, left: float, right: float, show: Show, *, about: int = 5) -> Markup:
    """Horizontal grid lines with their values at the left."""
    parts: list[str] = []
    for tick in scale.ticks(about):
        y = scale(tick)
        parts.append(element("line", class_="grid", x1=left, x2=right, y1=y, y2=y))
        parts.append(label(show(tick), left - 5, y + 4, anchor="end", kind="tick"))
    return join(parts)


def digits_for(scale: Scale, factor: float = 1.0) -> int:
    """How many decimals the ticks of an even scale need, once they are multiplied by ``factor``."""
    ticks = scale.ticks()
    step = (ticks[1] - ticks[0]) * factor if len(ticks) > 1 else factor
    return max(0, _is_quarter(step) - math.floor(math.log10(step) + 1e-9))


def _is_quarter(step: float) -> bool:
    return abs(step / 10 ** math.floor(math.log10(step) + 1e-9) - 2.5) < 1e-6


def _even_ticks(low: float, high: float, about: int) -> list[float]:
    if not high > low:
        return [low]
    rough = (high - low) / about
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def _log_ticks(low: float, high: float, about: int) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for multiples in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
        ticks = [m * 10.0**e for e in range(first, last + 1) for m in multiples if low <= m * 10.0**e <= high]
        if len(ticks) >= 3:
            return ticks[:: max(1, math.ceil(len(ticks) / (about + 2)))]
    return [tick for tick in _even_ticks(low, high, about) if tick > 0]
