"""A contact sheet: labelled images in a grid, as one PNG for looking at outside a browser."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from jaxtyping import UInt8, UInt16
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from neocog.core.errors import plain
from neocog.figures.png import visible

PAPER, INK = "#ffffff", "#191c20"
GAP, TEXT = 12, 14


def contact_sheet(
    images: Sequence[UInt8[np.ndarray, "_ _ _"] | UInt16[np.ndarray, "_ _ _"]],
    labels: Sequence[str],
    *,
    columns: int = 8,
    tile: int = 112,
    title: str = "",
    top: int | None = None,
) -> bytes:
    """A grid of images with a line of text under each; small images are enlarged by whole factors, without smoothing.

    Args:
        images: height x width x channels each, 8 or 16 bits; sizes may differ.
        labels: one line per image; it is cut to the tile's width.
        columns: images per row.
        tile: pixels of the square each image is fitted into.
        title: a line above the grid.
        top: the value shown as full brightness; by default 255, or 65535 for 16 bits.

    Raises:
        ValueError: not one label per image.
    """
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images, but {len(labels)} labels")
    font = ImageFont.load_default(TEXT)
    head = GAP + (TEXT + GAP if title else 0)
    down = tile + TEXT + 6 + GAP
    rows = -(-len(images) // columns)
    sheet = Pillow.new("RGB", (GAP + (tile + GAP) * min(columns, max(1, len(images))), head + down * rows), PAPER)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((GAP, GAP - 2), _cut(plain(title), sheet.width - 2 * GAP, font), fill=INK, font=font)
    for i, (pixels, words) in enumerate(zip(images, labels, strict=True)):
        x, y = GAP + (i % columns) * (tile + GAP), head + (i // columns) * down
        picture = _fitted(Pillow.fromarray(visible(pixels, top)).convert("RGBA"), tile)
        sheet.paste(picture, (x + (tile - picture.width) // 2, y + (tile - picture.height) // 2), picture)
        draw.text((x, y + tile + 3), _cut(plain(words).replace("\n", " "), tile, font), fill=INK, font=font)
    buffer = BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()


def _fitted(picture: Pillow.Image, tile: int) -> Pillow.Image:
    longer = max(picture.size)
    if longer > tile:
        picture.thumbnail((tile, tile))
        return picture
    factor = tile // longer
    return picture.resize((picture.width * factor, picture.height * factor), Pillow.Resampling.NEAREST)


def _cut(words: str, room: float, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    if font.getlength(words) <= room:
        return words
    while words and font.getlength(words + "...") > room:
        words = words[:-1]
    return words + "..."
