"""The scatter: a score against a cost, with the front of those that nothing else beats on both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.axes import Axis, Scale, bottom_axis, left_axis, spanning
from neocog.figures.figure import Figure, Table
from neocog.figures.svg import BOLD, TEXT, WIDTH, clean, clip, drawing, element, label, marker, series_class, width_of

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 10.0, 26.0, 236.0
ROOM = 130.0  # for one label

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ScatterPoint:
    """One thing with a cost (``x``, above 0) and a score (``y``); ``low`` and ``high`` are the score's interval."""

    label: str
    x: float
    y: float
    low: float = math.nan
    high: float = math.nan
    series: int | None = None


def scatter(
    key: str,
    title: str,
    points: Sequence[ScatterPoint],
    cost: Axis,
    score: Axis,
    *,
    finding: str = "",
    higher_is_better: bool = True,
) -> Figure:
    """A score against a cost on a logarithmic axis; those on the Pareto front are filled, and joined by a line.

    Args:
        key: unique name on the page.
        title: what one should see.
        points: what to draw; a point without a finite score and cost above 0 is left out of the drawing.
        cost: the x axis, always logarithmic.
        score: the y axis.
        finding: the words for those who cannot see it; by default the front in words.
        higher_is_better: which way the score is better.
    """
    drawn = [i for i, p in enumerate(points) if math.isfinite(p.x) and p.x > 0 and math.isfinite(p.y)]
    best = pareto_front([points[i].x for i in drawn], [points[i].y for i in drawn], higher_is_better)
    front = {drawn[i] for i in best}
    across = spanning([points[i].x for i in drawn], LEFT + 10, RIGHT - 10, log=True)
    up = spanning([v for i in drawn for v in (points[i].y, points[i].low, points[i].high)], BOTTOM, TOP)
    parts: list[str] = [
        label(score.label, 4, 13, kind="axis"),
        left_axis(up, LEFT, RIGHT, score.tick(up)),
        bottom_axis(across, (TOP, BOTTOM), cost.show, cost.label, about=4),
    ]
    if len(front) > 1:
        ordered = sorted(front, key=lambda i: points[i].x)
        path = " ".join(f"{across(points[i].x):.1f},{up(points[i].y):.1f}" for i in ordered)
        parts.append(element("polyline", class_="rule", points=path))
    parts += [_mark(points[i], i, across, up, hollow=i not in front) for i in drawn]
    parts += _labels(points, drawn, front, across, up)
    names = [points[i].label for i in sorted(front, key=lambda i: points[i].x)]
    alt = finding or _finding(names, [points[i].label for i in drawn if i not in front], cost.label)
    table = _table(points, front, cost, score)
    return Figure(key, title, drawing(*parts, height=BOTTOM + 38, alt=alt), alt, table)


def pareto_front(costs: Sequence[float], scores: Sequence[float], higher_is_better: bool = True) -> list[int]:
    """Which items no other item beats on one of cost (lower is better) and score without losing on the other."""
    sign = 1.0 if higher_is_better else -1.0

    def beaten(i: int) -> bool:
        return any(
            costs[j] <= costs[i]
            and sign * scores[j] >= sign * scores[i]
            and (costs[j], scores[j]) != (costs[i], scores[i])
            for j in range(len(costs))
        )

    return [i for i in range(len(costs)) if not beaten(i)]


def _mark(point: ScatterPoint, place: int, across: Scale, up: Scale, *, hollow: bool) -> Markup:
    series = place if point.series is None else point.series
    x, drawn = across(point.x), list[str]()
    if math.isfinite(point.low) and math.isfinite(point.high):
        drawn.append(element("line", class_="thin", x1=x, x2=x, y1=up(point.low), y2=up(point.high)))
    drawn.append(marker(series, x, up(point.y), 5.5, hollow=hollow))
    return element("g", *drawn, class_=series_class(series))


def _labels(
    points: Sequence[ScatterPoint], drawn: Sequence[int], front: set[int], across: Scale, up: Scale
) -> list[Markup]:
    """Each label at the side of its point where it overlaps least with what is already there."""
    taken: list[Box] = [
        (across(points[i].x) - 7, up(points[i].y) - 7, across(points[i].x) + 7, up(points[i].y) + 7) for i in drawn
    ]
    done: list[Markup] = []
    for i in drawn:
        x, y = across(points[i].x), up(points[i].y)
        strong = "strong " if i in front else ""
        size = TEXT * BOLD if strong else TEXT
        words = clip(clean(points[i].label), ROOM, size)
        width = width_of(words, size)
        places = (
            (x + 10, y - TEXT / 2), (x - 10 - width, y - TEXT / 2), (x - width / 2, y - 22), (x - width / 2, y + 9),
            (x + 6, y - 20), (x + 6, y + 8), (x - 6 - width, y - 20), (x - 6 - width, y + 8),
        )  # fmt: skip
        boxes = [(left, top, left + width, top + TEXT + 1) for left, top in places]
        box = min(boxes, key=lambda b: _cost(b, taken))
        taken.append(box)
        done.append(label(words, box[0], box[1] + 10.5, kind=f"{strong}halo"))
    return done


def _cost(box: Box, taken: Sequence[Box]) -> float:
    left, top, right, bottom = box
    outside = max(0.0, LEFT - left) + max(0.0, right - WIDTH + 2) + max(0.0, 16 - top) + max(0.0, bottom - BOTTOM)
    overlaps = (max(0.0, min(right, r) - max(left, x)) * max(0.0, min(bottom, b) - max(top, y)) for x, y, r, b in taken)
    return 40 * outside + sum(overlaps)


def _finding(front: Sequence[str], beaten: Sequence[str], x_label: str) -> str:
    if not front:
        return "Nothing could be drawn."
    first = f"On the front, from cheap to costly in {x_label}: {', '.join(front)}."
    return f"{first} Beaten on both counts: {', '.join(beaten) or 'none'}."


def _table(points: Sequence[ScatterPoint], front: set[int], cost: Axis, score: Axis) -> Table:
    return Table(
        ("", cost.label, score.label, "on the front"),
        tuple((p.label, cost.show(p.x), score.show(p.y), "yes" if i in front else "no") for i, p in enumerate(points)),
    )
