"""The forecast plot: what was, what was forecast with its interval, and what came."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.axes import Axis, Scale, bottom_axis, left_axis, spanning
from neocog.figures.figure import Figure, Table
from neocog.figures.svg import WIDTH, drawing, element, join, label, series_class

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 12.0, 26.0, 220.0
LEGEND = 19.0


@dataclass(frozen=True)
class Ahead:
    """One forecast: it begins at ``start`` on the x axis; each sequence has one value per step."""

    start: int
    middle: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def forecast_plot(
    key: str,
    title: str,
    forecasts: Sequence[Ahead],
    known: Sequence[tuple[float, float]],
    x: Axis,
    y: Axis,
    *,
    finding: str = "",
) -> Figure:
    """Forecasts with their intervals as bands, over the values that are known, as a line.

    Args:
        key: unique name on the page.
        title: what one should see.
        forecasts: one or several, which should not overlap.
        known: places and values of what was, and of what came.
        x: time, in moments.
        y: what is forecast.
        finding: the words for those who cannot see it; by default the last step of the last forecast.
    """
    steps = [each.start + place for each in forecasts for place in range(len(each.middle))]
    values = [value for each in forecasts for value in (*each.low, *each.high)] + [value for _, value in known]
    places = [float(step) for step in steps] + [place for place, _ in known]
    across = Scale(min(places), max(places), LEFT, RIGHT)
    up = spanning([value for value in values if math.isfinite(value)], BOTTOM, TOP)
    parts: list[str] = [
        label(y.label, 4, 13, kind="axis"),
        left_axis(up, LEFT, RIGHT, y.tick(up)),
        bottom_axis(across, (TOP, BOTTOM), x.tick(across), x.label),
        _line([(place, value) for place, value in known if math.isfinite(value)], 1, across, up),
    ]
    for each in forecasts:
        runs = range(each.start, each.start + len(each.middle))
        edge = [*zip(runs, each.high, strict=True), *reversed(list(zip(runs, each.low, strict=True)))]
        points = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in edge)
        parts.append(element("g", element("polygon", class_="band", points=points), class_=series_class(0)))
        parts.append(_line(list(zip(runs, each.middle, strict=True)), 0, across, up))
    parts.append(_legend())
    last = forecasts[-1]
    alt = finding or (
        f"The last forecast ends at {y.show(last.middle[-1])}, between {y.show(last.low[-1])} "
        f"and {y.show(last.high[-1])}."
    )
    height = BOTTOM + 38 + 2 * LEGEND
    return Figure(key, title, drawing(*parts, height=height, alt=alt), alt, _table(forecasts, known, x, y))


def _line(places: Sequence[tuple[float, float]], series: int, across: Scale, up: Scale) -> Markup:
    path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in places)
    return element("g", element("polyline", class_="line", points=path), class_=series_class(series))


def _legend() -> Markup:
    parts: list[str] = []
    for place, words in enumerate(("forecast, with its interval", "what was, and what came")):
        y = BOTTOM + 50 + LEGEND * place
        sign = element("line", class_="line", x1=LEFT, x2=LEFT + 36, y1=y - 4, y2=y - 4)
        parts += [element("g", sign, class_=series_class(place)), label(words, LEFT + 44, y)]
    return join(parts)


def _table(forecasts: Sequence[Ahead], known: Sequence[tuple[float, float]], x: Axis, y: Axis) -> Table:
    came = dict(known)
    rows = [
        (
            x.show(each.start + place),
            *(y.show(value) for value in (each.middle[place], each.low[place], each.high[place])),
            y.show(came[each.start + place]) if each.start + place in came else "",
        )
        for each in forecasts
        for place in range(len(each.middle))
    ]
    return Table((x.label, "forecast", "low", "high", "came"), rows)
