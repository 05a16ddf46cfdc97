"""Boxes drawn into a picture, so that right, missed and wrong ones differ in line and letter, not in colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from neocog.core.errors import plain
from neocog.figures.png import PixelArray, visible

PLAIN, RIGHT, MISSED, WRONG = "plain", "right", "missed", "wrong"
COLOURS: Final = {PLAIN: "#ffd24a", RIGHT: "#41d0ff", MISSED: "#ffffff", WRONG: "#ff7a3c"}
_DASHES: Final = {MISSED: (5, 4), WRONG: (2, 3)}
_SMALLEST, _TEXT = 320, 11


@dataclass(frozen=True)
class Drawn:
    """A box to draw: its edges in pixels of the picture, a few words, and what kind it is."""

    edges: tuple[float, ...]
    words: str = ""
    kind: str = PLAIN


def with_boxes(pixels: PixelArray, boxes: Sequence[Drawn], *, top: int | None = None) -> bytes:
    """The picture with its boxes as PNG bytes; a small one is enlarged by a whole factor first.

    Right and plain boxes have whole lines, missed ones dashes, wrong ones dots; each lies on a dark line, so that it
    shows on any picture.

    Args:
        pixels: height x width x channels, 8 or 16 bits.
        boxes: drawn in this order.
        top: the value shown as full brightness; by default 255, or 65535 for 16 bits.
    """
    return _png(_drawn(Pillow.fromarray(visible(pixels, top)).convert("RGB"), boxes))


def png_with_boxes(png: bytes, boxes: Sequence[Drawn]) -> bytes:
    """The same for a picture that is PNG bytes already."""
    with Pillow.open(BytesIO(png), formats=("PNG",)) as picture:
        return _png(_drawn(picture.convert("RGB"), boxes))


def _drawn(picture: Pillow.Image, boxes: Sequence[Drawn]) -> Pillow.Image:
    factor = max(1, _SMALLEST // max(picture.size))
    how = Pillow.Resampling.NEAREST
    picture = picture.resize((picture.width * factor, picture.height * factor), how) if factor > 1 else picture
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_TEXT)
    for box in boxes:
        edges = [round(edge * factor) for edge in box.edges]
        for width, colour in ((3, "#101418"), (1, COLOURS[box.kind])):
            _outline(draw, edges, colour, width, _DASHES.get(box.kind) if width == 1 else None)
    for box in boxes:
        if box.words:
            _say(draw, font, box, factor, picture.size)
    return picture


def _outline(
    draw: ImageDraw.ImageDraw, edges: Sequence[int], colour: str, width: int, dashes: tuple[int, int] | None
) -> None:
    left, top, right, bottom = edges
    sides = (
        (left, top, right, top),
        (right, top, right, bottom),
        (left, bottom, right, bottom),
        (left, top, left, bottom),
    )
    for x0, y0, x1, y1 in sides:
        if dashes is None:
            draw.line((x0, y0, x1, y1), fill=colour, width=width)
            continue
        on, off = dashes
        for start in range(0, max(abs(x1 - x0), abs(y1 - y0)) + 1, on + off):
            dx, dy = (1, 0) if y0 == y1 else (0, 1)
            reach = min(start + on - 1, max(abs(x1 - x0), abs(y1 - y0)))
            draw.line((x0 + dx * start, y0 + dy * start, x0 + dx * reach, y0 + dy * reach), fill=colour, width=width)


def _say(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    box: Drawn,
    factor: int,
    size: tuple[int, int],
) -> None:
    words = plain(box.words).replace("\n", " ")
    wide, high = font.getlength(words) + 4, _TEXT + 3
    x = min(max(0, round(box.edges[0] * factor)), max(0, size[0] - round(wide)))
    above = round(box.edges[1] * factor) - high
    y = above if above >= 0 else min(round(box.edges[1] * factor) + 2, size[1] - high)
    draw.rectangle((x, y, x + wide, y + high), fill="#101418")
    draw.text((x + 2, y + 1), words, fill=COLOURS[box.kind], font=font)


def _png(picture: Pillow.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()
