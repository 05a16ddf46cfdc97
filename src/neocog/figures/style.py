"""The colours and lines of all figures: one style sheet, for light and dark."""

from functools import cache
from importlib.resources import files


@cache
def css() -> str:
    """The style sheet that every page with a figure needs once.

    It defines the page's colours as CSS variables too (``--paper``, ``--ink``, ``--muted`` ...).
    """
    return files("neocog.figures").joinpath("style.css").read_text(encoding="utf-8")
