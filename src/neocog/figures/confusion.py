"""The confusion matrix: what each class was taken for; its cells open the very images."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int
from markupsafe import Markup

from neocog.figures.figure import Figure, Picture, Table
from neocog.figures.numbers import compact, count, percent
from neocog.figures.svg import WIDTH, clean, drawing, element, label, width_of

MOST_CLASSES = 12  # more would be too small to read on a phone
MOST_PAIRS = 15  # of the table, once there are too many classes to list every cell
TOP = 30.0
OTHERS = "all others"


def confusion_matrix(
    key: str,
    title: str,
    counts: Int[np.ndarray, "k k"],
    classes: Sequence[str],
    *,
    pictures: Mapping[tuple[int, int], Sequence[Picture]] | None = None,
    finding: str = "",
) -> Figure:
    """Rows are the true classes, columns the answers; colour goes by the share of the row.

    With more than 12 classes the 12 with most errors are drawn and the rest are counted together.

    Args:
        key: unique name on the page.
        title: what one should see.
        counts: items of class (row) that were taken for class (column).
        classes: names, in the order of rows and columns.
        pictures: images of some cells, by (row, column): such a cell is a button that opens them.
        finding: the words for those who cannot see it; by default the overall share and the worst confusions.
    """
    kept = _kept(counts)
    shown, names = _gathered(counts, classes, kept)
    widest = max(width_of(clean(name)) for name in names)
    left = min(110.0, 12 + widest)
    size = (WIDTH - left - 4) / len(names)
    turned = widest > size
    head = TOP + (min(104.0, 10 + widest) if turned else 14)
    alt = finding or _finding(counts, classes)
    galleries: dict[str, Sequence[Picture]] = {}
    parts: list[str] = [
        label("taken for →", left + (WIDTH - left) / 2, 14, anchor="middle", kind="axis"),
        label("true class ↓", 2, 14, kind="axis"),
    ]
    for i, name in enumerate(names):
        middle = (i + 0.5) * size
        x, anchor = left + middle + (4 if turned else 0), "start" if turned else "middle"
        parts.append(label(name, x, head - 6, anchor=anchor, room=head - TOP if turned else None, turned=turned))
        parts.append(label(name, left - 6, head + middle + 4, anchor="end", room=left - 10))
    totals = np.maximum(1, shown.sum(axis=1))
    for i, j in np.ndindex(*shown.shape):
        gallery = ""
        if pictures and i < len(kept) and j < len(kept) and pictures.get((kept[i], kept[j])):
            gallery = f"{key}-{kept[i]}-{kept[j]}"
            galleries[gallery] = pictures[kept[i], kept[j]]
        place = (left + j * size, head + i * size, size)
        share = float(shown[i, j] / totals[i])
        held = len(galleries.get(gallery, ()))
        opens = (gallery, f": {held} of the images" if held < shown[i, j] else "")
        parts.append(_cell(place, int(shown[i, j]), share, i == j, opens, (names[i], names[j])))
    svg = drawing(*parts, height=head + size * len(names) + 4, alt=alt, interactive=bool(galleries))
    return Figure(key, title, svg, alt, _table(counts, classes), galleries)


def _kept(counts: np.ndarray) -> list[int]:
    """The classes to draw: all, or those with most errors, in their own order."""
    if len(counts) <= MOST_CLASSES:
        return list(range(len(counts)))
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diagonal(counts)
    return sorted(int(i) for i in np.argsort(-errors, kind="stable")[:MOST_CLASSES])


def _gathered(counts: np.ndarray, classes: Sequence[str], kept: Sequence[int]) -> tuple[np.ndarray, list[str]]:
    if len(kept) == len(classes):
        return counts, list(classes)
    gather = np.zeros((len(kept) + 1, len(classes)), dtype=np.int64)
    gather[-1] = 1
    gather[-1, kept] = 0
    gather[range(len(kept)), kept] = 1
    return gather @ counts @ gather.T, [*(classes[i] for i in kept), OTHERS]


def _cell(
    place: tuple[float, float, float],
    number: int,
    share: float,
    right: bool,
    opens: tuple[str, str],
    names: tuple[str, str],
) -> Markup:
    (x, y, size), (gallery, some) = place, opens
    level = 0 if number == 0 else 1 + min(4, int(share * 5 if right else share * 14))
    kind = f"{'r' if right or not level else 'w'}{level}"
    parts: list[str] = [element("rect", class_=f"cell {kind}", x=x, y=y, width=size, height=size, rx=3.0)]
    if number:
        words = count(number) if number < 1000 or size > 34 else compact(float(f"{number:.1g}"))
        on = "value on-deep" if level >= 4 else "value"
        parts.append(label(words, x + size / 2, y + size / 2 + 4, anchor="middle", kind=on))
    if not gallery:
        return element("g", *parts)
    says = {"aria_haspopup": "dialog", "aria_label": f"{number} of class {names[0]} taken for {names[1]}{some}"}
    return element("g", *parts, role="button", tabindex=0, data_gallery=gallery, **says)


def _pairs(counts: np.ndarray) -> list[tuple[int, int]]:
    """The confusions, most frequent first."""
    wrong = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[: int((wrong > 0).sum())]
    return [(int(i // len(counts)), int(i % len(counts))) for i in order]


def _finding(counts: np.ndarray, classes: Sequence[str]) -> str:
    total = max(1, int(counts.sum()))
    right = int(np.trace(counts))
    said = f"{count(right)} of {count(total)} ({percent(right / total)}) were taken for what they are."
    worst = [f"{classes[i]} for {classes[j]} ({_times(int(counts[i, j]))})" for i, j in _pairs(counts)[:3]]
    return f"{said} Most often mistaken: {', '.join(worst)}." if worst else f"{said} Nothing was mistaken."


def _times(number: int) -> str:
    return "once" if number == 1 else f"{count(number)} times"


def _table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    if len(counts) <= MOST_CLASSES:
        rows = [(name, *(count(int(n)) for n in row)) for name, row in zip(classes, counts, strict=True)]
        return Table(("true class, taken for", *classes), rows)
    totals = np.maximum(1, counts.sum(axis=1))
    pairs = _pairs(counts)[:MOST_PAIRS]
    listed = [
        (classes[i], classes[j], count(int(counts[i, j])), percent(float(counts[i, j] / totals[i]))) for i, j in pairs
    ]
    return Table(("true class", "taken for", "times", "share of the class"), listed)
