"""The plane: items as points on two axes, each group with its own sign."""

import numpy as np
from jaxtyping import Float, Int

from neocog.figures.axes import Axis, bottom_axis, left_axis, spanning
from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import compact, count
from neocog.figures.svg import WIDTH, drawing, element, label, marker, series_class

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 10.0, 26.0, 276.0
MOST = 600  # points drawn


def plane(
    key: str,
    title: str,
    places: Float[np.ndarray, "n 2"],
    groups: Int[np.ndarray, " n"],
    across: Axis,
    up: Axis,
    *,
    finding: str = "",
) -> Figure:
    """Items on two axes, with the centre of each group by its number.

    Args:
        key: unique name on the page.
        title: what one should see.
        places: two coordinates per item; of more than 600 items every so manieth is drawn.
        groups: the group of each item; signs repeat after eight.
        across: the first coordinate.
        up: the second.
        finding: the words for those who cannot see it.
    """
    drawn = np.arange(0, len(places), max(1, -(-len(places) // MOST)))
    x = spanning(places[:, 0].tolist(), LEFT + 6, RIGHT - 6)
    y = spanning(places[:, 1].tolist(), BOTTOM - 6, TOP + 6)
    parts: list[str] = [
        label(up.label, 4, 13, kind="axis"),
        left_axis(y, LEFT, RIGHT, up.tick(y)),
        bottom_axis(x, (TOP, BOTTOM), across.tick(x), across.label),
    ]
    size = 2.2 if len(drawn) > 200 else 3.2
    for row in drawn:
        group = int(groups[row])
        sign = marker(group, x(float(places[row, 0])), y(float(places[row, 1])), size)
        parts.append(element("g", sign, class_=series_class(group)))
    rows = []
    for group in np.unique(groups).tolist():
        own = places[groups == group]
        centre = np.median(own, axis=0)
        left, down = x(float(centre[0])), y(float(centre[1]))
        parts.append(label(str(group), left, down + 4, anchor="middle", kind="strong halo"))
        rows.append((str(group), count(len(own)), compact(float(centre[0])), compact(float(centre[1]))))
    some = "" if len(drawn) == len(places) else f" {len(drawn):,} of them are drawn."
    alt = finding or f"{len(places):,} items in {len(rows)} groups on two axes.{some}"
    table = Table(("group", "items", f"{across.label}, median", f"{up.label}, median"), rows)
    return Figure(key, title, drawing(*parts, height=BOTTOM + 38, alt=alt), alt, table)
