"""The gallery: images in rows with a caption under each; a press on one shows it large."""

from base64 import b64encode
from collections.abc import Sequence

from markupsafe import Markup

from neocog.figures.figure import Figure, Picture, Table
from neocog.figures.numbers import count
from neocog.figures.png import size_of
from neocog.figures.svg import WIDTH, clean, drawing, element, label, wrap

GAP = 10.0
LINE = 14.0
SMALL = 64  # up to this many pixels an image is enlarged without smoothing: its pixels are what the network sees


def gallery(
    key: str, title: str, pictures: Sequence[Picture], *, columns: int = 4, lines: int = 3, finding: str = ""
) -> Figure:
    """Images side by side, small ones enlarged pixel by pixel.

    Args:
        key: unique name on the page.
        title: what one should see.
        pictures: in order; the caller limits their number.
        columns: images per row, 1 to 6.
        lines: room for each caption, in lines of text; the whole caption is in the table and in the large view.
        finding: the words for those who cannot see it.
    """
    size = (WIDTH - GAP * (columns - 1)) / columns
    captions = [wrap(clean(picture.caption), size + GAP / 2, lines) for picture in pictures]
    height = size + LINE * max(map(len, captions), default=0) + 10
    tiles = [
        _tile(key, picture, i, captions[i], (i % columns * (size + GAP), i // columns * height, size))
        for i, picture in enumerate(pictures)
    ]
    word = "image" if len(pictures) == 1 else "images"
    alt = finding or f"{count(len(pictures))} {word}, each with its caption."
    rows = -(-len(pictures) // columns)
    svg = drawing(*tiles, height=max(1.0, rows * height), alt=alt, interactive=bool(pictures))
    table = Table(("image", "caption"), [(str(i + 1), picture.caption) for i, picture in enumerate(pictures)])
    return Figure(key, title, svg, alt, table, {key: tuple(pictures)} if pictures else {})


def data_uri(png: bytes) -> str:
    """PNG bytes as an address that needs no network."""
    return "data:image/png;base64," + b64encode(png).decode("ascii")


def _tile(key: str, picture: Picture, place: int, caption: Sequence[str], where: tuple[float, float, float]) -> Markup:
    x, y, size = where
    kind = "picture" if max(size_of(picture.png)) <= SMALL else "picture photo"
    parts: list[str] = [
        element("rect", class_="tile", x=x + 0.5, y=y + 0.5, width=size - 1, height=size - 1, rx=2.0),
        element("image", class_=kind, href=data_uri(picture.png), x=x + 2, y=y + 2, width=size - 4, height=size - 4),
    ]
    for i, line in enumerate(caption):
        parts.append(label(line, x, y + size + LINE * (i + 1)))
    says = {"aria_haspopup": "dialog", "aria_label": picture.caption}
    return element("g", *parts, role="button", tabindex=0, data_gallery=key, data_start=place, **says)
