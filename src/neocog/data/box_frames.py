"""Frames: where a picture lies within the prepared image, and how its boxes go there and back.

A frame is left, top, width and height of the picture in the prepared image, then the pixels of the original per pixel
across and down.
"""

import numpy as np
from jaxtyping import Float, Int, Shaped

from neocog.data.preparation import fit_to

STEP = 16  # sides of a canvas are multiples of the coarsest usual stride
LARGEST_COPY = 2 * 2**30  # bytes of images that are copied for a canvas that is no square


def canvas_for(sizes: Int[np.ndarray, "n 2"], longer: int, channels: int) -> tuple[int, int]:
    """Height and width of the smallest canvas that holds every image at that longer side.

    Where most of a square would be padding, time would go into nothing. Very large sets keep the square, in which they
    are decoded.
    """
    inner = np.array([_inner(h, w, (longer, longer)) for h, w in sizes.tolist()]).max(axis=0)
    high, wide = np.minimum(-(-inner // STEP) * STEP, longer)
    if len(sizes) * int(high) * int(wide) * channels > LARGEST_COPY:
        return longer, longer
    return int(high), int(wide)


def frames_for(sizes: Int[np.ndarray, "n 2"], canvas: tuple[int, int]) -> Float[np.ndarray, "n 6"]:
    """The frame of an image of each size (height, width) in a canvas, as ``fit_to`` puts it there."""
    found = np.zeros((len(sizes), 6), np.float32)
    for row, (high, wide) in enumerate(sizes.tolist()):
        inner = _inner(high, wide, canvas)
        top, left = (canvas[0] - inner[0]) // 2, (canvas[1] - inner[1]) // 2
        found[row] = left, top, inner[1], inner[0], wide / inner[1], high / inner[0]
    return found


def framed(edges: Float[np.ndarray, "k 4"], frame: Float[np.ndarray, "6"]) -> Float[np.ndarray, "k 4"]:
    """Edges in pixels of the original, in pixels of the prepared image."""
    scale = np.array([frame[4], frame[5]] * 2, np.float64)
    return (edges / scale + np.array([frame[0], frame[1]] * 2)).astype(np.float32)


def unframed(edges: Float[np.ndarray, "k 4"], frame: Float[np.ndarray, "6"]) -> Float[np.ndarray, "k 4"]:
    """The way back, clipped to the picture."""
    left, top, wide, high = (float(each) for each in frame[:4])
    inside = np.clip(edges - [left, top, left, top], 0, [wide, high, wide, high])
    return inside * np.array([frame[4], frame[5]] * 2, np.float64)


def on_canvas(square: Shaped[np.ndarray, "s s c"], size: tuple[int, int], canvas: tuple[int, int]) -> np.ndarray:
    """An image of that height and width that was fitted into a square, fitted into a canvas instead."""
    side = square.shape[0]
    high, wide = _inner(*size, (side, side))
    top, left = (side - high) // 2, (side - wide) // 2
    inner = square[top : top + high, left : left + wide]
    wanted = _inner(*size, canvas)
    if (high, wide) != wanted:
        return fit_to(np.ascontiguousarray(inner), canvas)
    put = np.zeros((*canvas, square.shape[2]), square.dtype)
    top, left = (canvas[0] - high) // 2, (canvas[1] - wide) // 2
    put[top : top + high, left : left + wide] = inner
    return put


def _inner(high: int, wide: int, canvas: tuple[int, int]) -> tuple[int, int]:
    """Height and width of an image of that size within a canvas, as ``fit_to`` makes them."""
    ratio = min(canvas[0] / high, canvas[1] / wide)
    return min(canvas[0], max(1, round(high * ratio))), min(canvas[1], max(1, round(wide * ratio)))
