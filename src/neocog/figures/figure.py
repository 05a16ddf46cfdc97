"""Figure: a picture, the words for those who cannot see it, and the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """Numbers behind a figure, as text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """One image of a gallery: PNG bytes and what is to be said of it."""

    png: bytes
    caption: str


@dataclass(frozen=True)
class Figure:
    """One finished figure.

    Args:
        key: short kebab-case name, unique on its page.
        title: what one should see, as a sentence or a heading.
        svg: an inline ``<svg>`` element; colours are CSS classes, so that it follows light and dark.
        alt: the finding in words.
        table: the numbers behind it.
        galleries: pictures that an element of the SVG with ``data-gallery="name"`` opens.
    """

    key: str
    title: str
    svg: str
    alt: str
    table: Table
    galleries: Mapping[str, Sequence[Picture]] = field(default_factory=dict)
