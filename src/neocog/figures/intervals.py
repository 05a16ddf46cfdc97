"""The interval plot: one row per item, its estimate as a sign, its interval as a line, single runs as small dots."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.axes import Axis, Scale, Show, bottom_axis, spanning
from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import interval
from neocog.figures.svg import (
    BOLD,
    TEXT,
    WIDTH,
    clean,
    drawing,
    element,
    join,
    label,
    marker,
    series_class,
    width_of,
    wrap,
)

ROW, LINE = 44.0, 15.0  # a row, and what it gets more for each line of a long label
MOST_LINES = 4
LEFT, RIGHT = 14.0, WIDTH - 14.0


@dataclass(frozen=True)
class IntervalRow:
    """One estimate with its interval.

    ``dots`` are the single runs behind it; ``series`` chooses colour and shape (None: by position); ``note`` is a
    word on what it means, written with the numbers.
    """

    label: str
    middle: float
    low: float
    high: float
    dots: Sequence[float] = ()
    series: int | None = None
    note: str = ""


def interval_plot(
    key: str,
    title: str,
    rows: Sequence[IntervalRow],
    axis: Axis,
    *,
    finding: str = "",
    zero: float | None = None,
    margin: float = 0.0,
) -> Figure:
    """Estimates with their intervals, one under the other, on one axis.

    Use it for scores of several networks, and with ``zero`` for differences between them.

    Args:
        key: unique name on the page.
        title: what one should see.
        rows: top first.
        axis: what is estimated.
        finding: the words for those who cannot see it; by default the rows' numbers in words.
        zero: where to draw the line of no difference.
        margin: half-width of the grey band around ``zero`` in which differences do not matter.
    """
    scale, show = _scale(rows, axis, zero, margin), axis.show
    top, places = 8.0, [8.0]
    for row in rows:
        places.append(places[-1] + ROW + LINE * _lines_above(row, show))
    bottom = max(places[-1], top + ROW)
    parts: list[str] = []
    if zero is not None and margin > 0:
        x = scale(zero - margin)
        parts.append(element("rect", class_="margin", x=x, y=top, width=scale(zero + margin) - x, height=bottom - top))
    parts.append(bottom_axis(scale, (top, bottom), axis.tick(scale), axis.label))
    if zero is not None:
        parts.append(element("line", class_="zero", x1=scale(zero), x2=scale(zero), y1=top, y2=bottom))
    parts += [_row(row, i, places[i], scale, show) for i, row in enumerate(rows)]
    alt = finding or ". ".join(f"{row.label}: {_words(row, show)}" for row in rows)
    return Figure(key, title, drawing(*parts, height=bottom + 38, alt=alt), alt, _table(rows, show))


def _scale(rows: Sequence[IntervalRow], axis: Axis, zero: float | None, margin: float) -> Scale:
    values = [value for row in rows for value in (row.middle, row.low, row.high, *row.dots)]
    if zero is not None:
        values += [zero - margin, zero + margin]
    return spanning(values, LEFT, RIGHT, within=axis.within)


def _row(row: IntervalRow, place: int, top: float, scale: Scale, show: Show) -> Markup:
    series = place if row.series is None else row.series
    shift = LINE * _lines_above(row, show)
    y = top + 27 + shift
    parts: list[str] = []
    if place:
        parts.append(element("line", class_="grid", x1=LEFT, x2=RIGHT, y1=top, y2=top))
    for i, line in enumerate(_label_lines(row)):
        parts.append(label(line, LEFT, top + 15 + LINE * i, kind="strong halo"))
    parts.append(label(_words(row, show), RIGHT, top + 15 + shift, anchor="end", kind="value halo"))
    drawn: list[str] = []
    if math.isfinite(row.low) and math.isfinite(row.high):
        x1, x2 = scale(row.low), scale(row.high)
        drawn.append(element("line", class_="whisker", x1=x1, x2=x2, y1=y, y2=y))
        drawn += [element("line", class_="whisker", x1=x, x2=x, y1=y - 3.5, y2=y + 3.5) for x in (x1, x2)]
    drawn += [element("circle", class_="seed", cx=scale(dot), cy=y + 10, r=2.5) for dot in row.dots if dot == dot]
    if math.isfinite(row.middle):
        drawn.append(marker(series, scale(row.middle), y))
    return join([*parts, element("g", *drawn, class_=series_class(series))])


def _label_lines(row: IntervalRow) -> list[str]:
    return wrap(clean(row.label), RIGHT - LEFT, MOST_LINES, TEXT * BOLD)


def _lines_above(row: IntervalRow, show: Show) -> int:
    """How many lines of the label stand above the one that holds the numbers."""
    lines = _label_lines(row) or [""]
    last = width_of(lines[-1], TEXT * BOLD) + width_of(_words(row, show)) + 10
    return len(lines) - (last <= RIGHT - LEFT)


def _words(row: IntervalRow, show: Show) -> str:
    ends = f" ({interval(row.low, row.high, show)})" if math.isfinite(row.low) else ""
    return f"{show(row.middle)}{ends}" + (f", {row.note}" if row.note else "")


def _table(rows: Sequence[IntervalRow], show: Show) -> Table:
    columns = ["", "estimate", "low", "high"]
    runs = any(row.dots for row in rows)
    notes = any(row.note for row in rows)
    columns += ["single runs"] * runs + ["answer"] * notes
    return Table(
        tuple(columns),
        tuple(
            (row.label, show(row.middle), show(row.low), show(row.high))
            + ((", ".join(show(dot) for dot in row.dots),) if runs else ())
            + ((row.note,) if notes else ())
            for row in rows
        ),
    )
