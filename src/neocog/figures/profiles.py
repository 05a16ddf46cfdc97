"""Profiles: what each group is like, column by column, beside all items."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import compact, count
from neocog.figures.svg import WIDTH, drawing, element, label

LEFT, TOP, HIGH = 110.0, 34.0, 24.0
SHOWN = 8  # groups that fit beside each other
_STEPS = (0.25, 0.75, 1.5)  # standard deviations from the mean at which the colour changes


def profiles(
    key: str, title: str, values: Float[np.ndarray, "n d"], groups: Int[np.ndarray, " n"], columns: Sequence[str]
) -> Figure:
    """The median of every column in every group; coloured by how far the group's mean is from that of all.

    Blue is below the mean of all items, orange above, in standard deviations of all items. The drawing shows the eight
    largest groups; the table has all.

    Args:
        key: unique name on the page.
        title: what one should see.
        values: the items' numbers as they stood.
        groups: the group of each item.
        columns: their names.
    """
    names, sizes = np.unique(groups, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    medians = {int(name): np.median(values[groups == name], axis=0) for name in names}
    spread = values.std(0)
    apart = {
        int(name): (values[groups == name].mean(0) - values.mean(0)) / np.where(spread > 0, spread, 1.0)
        for name in names
    }
    shown = [int(names[place]) for place in order[:SHOWN]]
    wide = (WIDTH - LEFT) / max(1, len(shown))
    parts: list[str] = []
    for place, name in enumerate(shown):
        middle = LEFT + (place + 0.5) * wide
        parts.append(label(f"{name}", middle, 13, anchor="middle", kind="strong"))
        parts.append(label(count(int(sizes[names == name][0])), middle, 28, anchor="middle", kind="tick", room=wide))
        for row in range(len(columns)):
            x, y, far = LEFT + place * wide, TOP + row * HIGH, float(apart[name][row])
            parts.append(element("rect", class_=f"cell {_colour(far)}", x=x, y=y, width=wide, height=HIGH))
            deep = " on-deep" if abs(far) >= _STEPS[2] else ""
            words = compact(float(medians[name][row]))
            parts.append(label(words, x + wide / 2, y + 16, anchor="middle", kind=f"value{deep}", room=wide))
    for row, column in enumerate(columns):
        parts.append(label(column, LEFT - 6, TOP + row * HIGH + 16, anchor="end", room=LEFT - 8))
    strongest = {name: max(range(len(columns)), key=lambda c: abs(apart[name][c])) for name in shown}
    said = [
        f"group {name} ({count(int(sizes[names == name][0]))}) is {'high' if apart[name][c] > 0 else 'low'} in "
        f"{columns[c]}"
        for name, c in strongest.items()
    ]
    alt = f"Medians of each group: {'; '.join(said)}."
    rows = [
        (str(name), count(int(sizes[names == name][0])), *(compact(float(v)) for v in medians[int(name)]))
        for name in names[order]
    ]
    table = Table(("group", "items", *(f"{column}, median" for column in columns)), rows)
    return Figure(key, title, drawing(*parts, height=TOP + HIGH * len(columns) + 6, alt=alt), alt, table)


def _colour(far: float) -> str:
    strength = sum(abs(far) >= step for step in _STEPS)
    if strength == 0:
        return "r0"
    return f"w{strength + 1}" if far > 0 else f"r{strength + 1}"
