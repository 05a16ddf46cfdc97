"""Elements of an SVG as text: everything that is not markup already is escaped."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from neocog.core.errors import plain

WIDTH: Final = 360  # of every drawing: a phone shows it at its own size, a wide screen enlarges it
SERIES: Final = 8  # colours and shapes before they repeat
TEXT: Final = 12.0
BOLD: Final = 1.12  # how much wider bold letters are

_BREAKS = re.compile(r"[^ \n/_,]*[ \n/_,]*")  # a line may end after one of these

Attribute = str | float | None


def element(tag: str, /, *children: str, **attributes: Attribute) -> Markup:
    """``<tag ...>children</tag>``: ``class_`` gives ``class``, other underscores give hyphens, None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(clean(child)) for child in children)
    return Markup(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")


def join(parts: Sequence[str]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def clean(text: str) -> str:
    """Text from outside without control and bidirectional characters; markup stays as it is."""
    return text if isinstance(text, Markup) else plain(text)


def drawing(*children: str, height: float, alt: str, interactive: bool = False, width: float = WIDTH) -> str:
    """The root element. ``interactive`` drawings hold buttons, so they are groups, not images, to a screen reader.

    Only a drawing that is looked at by itself, and not on a page, is wider than a phone.
    """
    return str(
        element(
            "svg",
            *children,
            class_="figure",
            viewBox=f"0 0 {round(width)} {round(height)}",
            role="group" if interactive else "img",
            aria_label=alt,
        )
    )


def label(
    words: str,
    x: float,
    y: float,
    *,
    anchor: str = "start",
    kind: str = "",
    room: float | None = None,
    turned: bool = False,
) -> Markup:
    """A line of text; what exceeds ``room`` units is cut, and stays readable in full by pointing at it."""
    words = clean(words)
    bold = kind.startswith("strong")
    shown = words if room is None else clip(words, room, TEXT * BOLD if bold else TEXT)
    return element(
        "text",
        shown,
        element("title", words) if shown != words else Markup(""),
        class_=kind or None,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        transform=f"rotate(-90 {_attribute(x)} {_attribute(y)})" if turned else None,
    )


def width_of(words: str, size: float = TEXT) -> float:
    """About how wide a line of text will be at most: letters are measured in a wide font."""
    return sum(_letter(c) for c in words) * size


def clip(words: str, room: float, size: float = TEXT) -> str:
    """The beginning of a text that fits into ``room``, with an ellipsis where something is missing."""
    if width_of(words, size) <= room:
        return words
    left = room - size * 0.8
    kept = 0
    while left >= 0 and kept < len(words):
        left -= _letter(words[kept]) * size
        kept += 1
    return words[: max(0, kept - 1)].rstrip() + "…"


def wrap(words: str, room: float, lines: int, size: float = TEXT) -> list[str]:
    """A text in at most so many lines that fit into ``room``; the last one is cut if need be."""
    done: list[str] = []
    line = ""
    for word in _BREAKS.findall(words):
        longer = line + word
        if line and width_of(longer.rstrip(), size) > room:
            done.append(line)
            line = word
        else:
            line = longer
    done.append(line)
    if len(done) > lines:
        done = [*done[: lines - 1], "".join(done[lines - 1 :])]
    return [clip(line.strip(), room, size) for line in done if line.strip()]


def marker(series: int, x: float, y: float, size: float = 5.0, *, hollow: bool = False) -> Markup:
    """The sign of a series: its own shape, in its own colour."""
    corners = _SHAPES[series % SERIES]
    kind = "hollow" if hollow else "mark"
    if corners is None:
        return element("circle", class_=kind, cx=x, cy=y, r=size)
    where = " ".join(f"{_attribute(x + size * dx)},{_attribute(y + size * dy)}" for dx, dy in corners)
    return element("polygon", class_=kind, points=where)


def series_class(series: int) -> str:
    """The CSS class that gives a series its colour and the dashes of its lines."""
    return f"s{series % SERIES}"


_SHAPES: tuple[tuple[tuple[float, float], ...] | None, ...] = (
    None,
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.2), (1.15, 0.85), (-1.15, 0.85)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    ((0, 1.2), (1.15, -0.85), (-1.15, -0.85)),
    (
        *((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)),
        *((0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    ),
    ((1.2, 0), (-0.85, 1.15), (-0.85, -1.15)),
    ((0, -1.25), (1.19, -0.39), (0.73, 1.01), (-0.73, 1.01), (-1.19, -0.39)),
)


@cache
def _letter(character: str) -> float:
    if character in "iljtfrI.,:;'|!()[]- \u00a0":
        return 0.38
    if character in "mwMW%—@+=−" or ord(character) > 0x2E80:
        return 0.9
    return 0.7 if character.isupper() else 0.63 if character.isdigit() else 0.61


def _attribute(value: str | float | None) -> str:
    if isinstance(value, str):
        return clean(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
