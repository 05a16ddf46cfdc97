"""Evidence and Section: what a section is made from, and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.figure import Figure
from neocog.runs.comparison import Comparison


@dataclass(frozen=True)
class Evidence:
    """A comparison and the figures that its task draws of it."""

    comparison: Comparison
    figures: Sequence[Figure] = ()


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Args:
        key: its anchor, unique on the page.
        title: its heading.
        html: its body.
        figures: the figures in it; the page takes their galleries from here.
    """

    key: str
    title: str
    html: Markup
    figures: Sequence[Figure] = ()
