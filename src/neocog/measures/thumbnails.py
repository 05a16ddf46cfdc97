"""Thumbnails: pictures of any size brought to one small square, so that they can be laid over each other."""

import numpy as np
from jaxtyping import Float, Float64, Shaped, UInt8

SIDE = 32  # pixels of a thumbnail
DARK = 10 / 255  # brighter than the noise that JPEG leaves in a black margin
_CHUNK_OF_VALUES = 2**22


def thumbnails(images: Shaped[np.ndarray, "n h w c"]) -> UInt8[np.ndarray, "n 32 32 k"]:
    """Each picture without its black margins, averaged down (or interpolated up) to 32 x 32, grey or RGB.

    A picture that was fitted into a square has black margins, whose width tells its proportions; without them a
    picture and a slightly cropped copy nearly coincide. Proportions are not kept. An alpha channel is left out.

    Args:
        images: 8 or 16 bits per value.
    """
    kept = 3 if images.shape[3] >= 3 else 1
    made = np.empty((len(images), SIDE, SIDE, kept), np.uint8)
    step = max(1, _CHUNK_OF_VALUES // max(1, int(np.prod(images.shape[1:]))))
    for start in range(0, len(images), step):
        some = images[start : start + step, :, :, :kept].astype(np.float32)
        some *= 255 / np.iinfo(images.dtype).max
        made[start : start + step] = np.rint(_squared(some)).clip(0, 255)
    return made


def grey(pictures: Shaped[np.ndarray, "n h w c"]) -> Float64[np.ndarray, "n h w"]:
    """The mean of the channels."""
    return pictures.mean(3, dtype=np.float64)


def averaging(
    starts: Float[np.ndarray, "n"], stops: Float[np.ndarray, "n"], pixels: int, side: int = SIDE
) -> Float[np.ndarray, "n side pixels"]:
    """Matrices that average the stretch from ``starts`` to ``stops`` (in pixels of a line) to ``side`` values.

    Where the stretch has fewer pixels than ``side``, each value is interpolated between two pixels instead.
    """
    width = (stops - starts)[:, None] / side
    middle = starts[:, None] + (np.arange(side) + 0.5) * width
    half = np.maximum(width, 1.0) / 2
    low, high = (middle - half)[:, :, None], (middle + half)[:, :, None]
    left = np.arange(pixels)
    covered = np.clip(np.minimum(high, left + 1) - np.maximum(low, left), 0, None)
    return covered / np.maximum(covered.sum(2, keepdims=True), 1e-9)


def _squared(some: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n 32 32 c"]:
    bright = some.max(3) > 255 * DARK
    rows = averaging(*_ends(bright.any(2)), some.shape[1])
    columns = averaging(*_ends(bright.any(1)), some.shape[2])
    planes = some.transpose(0, 3, 1, 2)
    small = rows[:, None].astype(np.float32) @ planes @ columns[:, None].astype(np.float32).swapaxes(2, 3)
    return small.transpose(0, 2, 3, 1)


def _ends(lit: Shaped[np.ndarray, "n pixels"]) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
    """First lit pixel, and the one after the last; all of a line that is dark, or as good as dark."""
    count = lit.shape[1]
    first, last = lit.argmax(1), count - lit[:, ::-1].argmax(1)
    hardly = lit.sum(1) < max(2, count // 8)
    return np.where(hardly, 0.0, first), np.where(hardly, float(count), last)
