"""Curves: a number that changes while something runs, with the spread over repeated runs as a band."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from neocog.figures.axes import Axis, Scale, Show, bottom_axis, left_axis, spanning
from neocog.figures.figure import Figure, Table
from neocog.figures.svg import WIDTH, clean, clip, drawing, element, join, label, marker, series_class, width_of

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 12.0, 26.0, 220.0
MOST_PLACES = 150  # of one curve
TABLE_ROWS = 6

Line = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Curve:
    """One line of the figure: ``runs`` are (x, y) of each repetition, which the line averages.

    The band spans them, or goes from the one to the other line of ``band``, such as the ends of an interval. ``beyond``
    is where it is expected to go, which is drawn dotted.
    """

    label: str
    runs: Sequence[Line]
    series: int | None = None
    band: tuple[Line, Line] | None = None
    beyond: Line | None = None


def curves(
    key: str,
    title: str,
    lines: Sequence[Curve],
    x: Axis,
    y: Axis,
    *,
    finding: str = "",
    mark: tuple[float, str] | None = None,
) -> Figure:
    """Lines over steps, time or a setting; the band runs from the lowest to the highest repetition.

    Where repetitions share no places on the x axis they are drawn as thin lines, one by one.

    Args:
        key: unique name on the page.
        title: what one should see.
        lines: what to draw; values that are not finite are left out.
        x: what the lines run over.
        y: what they show.
        finding: the words for those who cannot see it; by default where each line ends.
        mark: a place on the x axis to point out, and what it is.
    """
    means = [_spread(line) for line in lines]
    runs = [run for line in lines for run in (*line.runs, *([line.beyond] if line.beyond else []))]
    across = _across([value for xs, _ in runs for value in xs], x)
    edges = [edge for line in lines for edge in line.band or ()]
    values = [value for _, ys in [*runs, *edges] for value in ys]
    up = spanning([*values, *y.holds], BOTTOM, TOP, within=y.within)
    parts: list[str] = [
        label(y.label, 4, 13, kind="axis"),
        left_axis(up, LEFT, RIGHT, y.tick(up)),
        bottom_axis(across, (TOP, BOTTOM), x.tick(across), x.label),
    ]
    series = [i if line.series is None else line.series for i, line in enumerate(lines)]
    drawn = list(zip(lines, means, series, strict=True))
    parts += [_band(low, high, xs, s, across, up) for _, (xs, _, low, high), s in drawn if len(xs) > 1]
    parts += [_line(line, mean[0], mean[1], s, across, up) for line, mean, s in drawn]
    if mark is not None:
        parts.append(_mark(mark, across))
    height, legend = _legend(lines, means, series, BOTTOM + 52, y.show)
    alt = finding or _finding(lines, means, y.show)
    return Figure(key, title, drawing(*parts, legend, height=height, alt=alt), alt, _table(lines, means, x, y))


def _across(values: Sequence[float], axis: Axis) -> Scale:
    """A logarithmic axis has air at its ends; an even one begins and ends with the lines."""
    if axis.log:
        return spanning(values, LEFT, RIGHT, log=True)
    finite = [value for value in values if math.isfinite(value)]
    return Scale(min(finite, default=0.0), max(finite, default=1.0), LEFT, RIGHT)


def _finding(lines: Sequence[Curve], means: Sequence[tuple[np.ndarray, ...]], show: Show) -> str:
    ends = [show(float(mean[-1])) if len(mean) else "has no values" for _, mean, _, _ in means]
    return f"Where the lines end: {'; '.join(f'{line.label} {end}' for line, end in zip(lines, ends, strict=True))}."


def _spread(line: Curve) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The x that all repetitions have, and mean, lowest and highest y there."""
    found = [{float(x): float(y) for x, y in zip(*run, strict=True) if math.isfinite(y)} for run in line.runs]
    shared = sorted(set.intersection(*(set(run) for run in found))) if found else []
    if len(shared) > MOST_PLACES:
        shared = [shared[round(i)] for i in np.linspace(0, len(shared) - 1, MOST_PLACES)]
    ys = np.array([[run[x] for x in shared] for run in found]).reshape(len(found), len(shared))
    if not shared:
        none = np.zeros(0)
        return none, none, none, none
    low, high = ys.min(axis=0), ys.max(axis=0)
    if line.band is not None:
        low, high = (np.interp(shared, xs, edge) for xs, edge in line.band)
    return np.array(shared), ys.mean(axis=0), low, high


def _band(low: np.ndarray, high: np.ndarray, x: np.ndarray, series: int, across: Scale, up: Scale) -> Markup:
    there = [f"{across(a):.1f},{up(b):.1f}" for a, b in zip(x, high, strict=True)]
    back = [f"{across(a):.1f},{up(b):.1f}" for a, b in zip(x[::-1], low[::-1], strict=True)]
    return element("g", element("polygon", class_="band", points=" ".join(there + back)), class_=series_class(series))


def _line(line: Curve, x: np.ndarray, mean: np.ndarray, series: int, across: Scale, up: Scale) -> Markup:
    drawn: list[str] = []
    if len(x) < 2:
        for xs, ys in line.runs:
            places = [(a, b) for a, b in zip(xs, ys, strict=True) if math.isfinite(b)]
            path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in places)
            drawn.append(element("polyline", class_="thin", points=path))
            drawn += [marker(series, across(a), up(b), 4) for a, b in places[-1:]]
    else:
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in zip(x, mean, strict=True))
        drawn.append(element("polyline", class_="line", points=path))
        for i in sorted({round(p) for p in np.linspace(0, len(x) - 1, min(5, len(x)))}):
            drawn.append(marker(series, across(x[i]), up(mean[i]), 4))
    if line.beyond is not None:
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in zip(*line.beyond, strict=True))
        drawn.append(element("polyline", class_="beyond", points=path))
    return element("g", *drawn, class_=series_class(series))


def _mark(mark: tuple[float, str], across: Scale) -> Markup:
    x = across(mark[0])
    anchor = "end" if x > WIDTH / 2 else "start"
    words = label(mark[1], x + (-5 if anchor == "end" else 5), TOP + 11, anchor=anchor, kind="strong")
    return join([element("line", class_="rule", x1=x, x2=x, y1=TOP, y2=BOTTOM), words])


def _legend(
    lines: Sequence[Curve], means: Sequence[tuple[np.ndarray, ...]], series: Sequence[int], top: float, show_y: Show
) -> tuple[float, Markup]:
    """A line per series with its sign, its name and where it ends; gives the height it reaches."""
    if len(lines) < 2:
        return top - 14, Markup("")
    parts: list[str] = []
    for i, (line, (_, mean, _, _), s) in enumerate(zip(lines, means, series, strict=True)):
        y = top + 19 * i
        end = f"ends at {show_y(float(mean[-1]))}" if len(mean) else ""
        sign = [
            element("line", class_="line", x1=LEFT, x2=LEFT + 36, y1=y - 4, y2=y - 4),
            marker(s, LEFT + 18, y - 4, 4),
        ]
        parts.append(element("g", *sign, class_=series_class(s)))
        name = clip(clean(line.label), RIGHT - LEFT - 54 - width_of(end))
        parts.append(label(name, LEFT + 44, y))
        parts.append(label(end, RIGHT, y, anchor="end", kind="quiet"))
    return top + 19 * len(lines) - 8, join(parts)


def _table(lines: Sequence[Curve], means: Sequence[tuple[np.ndarray, ...]], x: Axis, y: Axis) -> Table:
    ends = ("low", "high") if any(line.band for line in lines) else ("lowest run", "highest run")
    rows: list[tuple[str, ...]] = []
    for line, (xs, mean, low, high) in zip(lines, means, strict=True):
        for i in sorted({round(p) for p in np.linspace(0, len(xs) - 1, min(TABLE_ROWS, len(xs)))} if len(xs) else ()):
            numbers = (mean[i], low[i], high[i])
            rows.append((line.label, x.show(float(xs[i])), *(y.show(float(number)) for number in numbers)))
        if line.beyond is not None:
            end = (x.show(float(line.beyond[0][-1])), y.show(float(line.beyond[1][-1])))
            rows.append((f"{line.label}, expected", *end, "", ""))
    return Table(("", x.label, "mean", *ends), tuple(rows))
