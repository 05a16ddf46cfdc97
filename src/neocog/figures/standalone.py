"""A figure as an SVG file of its own."""

from pathlib import Path

from neocog.core.durable import write_durably
from neocog.figures.figure import Figure
from neocog.figures.style import css
from neocog.figures.svg import element


def standalone(figure: Figure) -> str:
    """The figure as a complete SVG document with its colours inside; galleries cannot be opened there."""
    width, height = (float(part) for part in figure.svg.split('viewBox="', 1)[1].split('"', 1)[0].split()[2:])
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width:g}" height="{2 * height:g}"'
    start = figure.svg.index(">") + 1
    inside = str(element("title", figure.title)) + f"<style>{css()}svg {{ background: var(--paper); }}</style>"
    return figure.svg[:start].replace("<svg", size, 1) + inside + figure.svg[start:] + "\n"


def save(figure: Figure, path: str | Path) -> Path:
    """Write the figure as an ``.svg`` file, which browsers and drawing programs open; gives its path.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    write_durably(path, standalone(figure).encode("utf-8"))
    return path
