"""Alignment: how alike two pictures are once one is laid over the other and made as bright.

Legend: n pairs, 32 x 32 pixels; places along a side are from 0 to 1.
"""

import numpy as np
from jaxtyping import Float32, Float64, Int64, Shaped
from scipy.ndimage import gaussian_filter

from neocog.measures.picture_hash import CROPS
from neocog.measures.thumbnails import SIDE

STEPS = 5
FURTHEST = 0.15  # share of a side that an edge may be moved by: beyond it, it is another picture
FINE = 2.0  # pixels of 32: what a Gaussian of this width leaves over is detail
_CHUNK = 256
_MIDDLES = ((np.arange(SIDE) + 0.5) / SIDE).astype(np.float32)

Planes = Float32[np.ndarray, "n 32 32"]
Colours = Float32[np.ndarray, "n 32 32 c"]
Where = Float32[np.ndarray, "n 2 2"]


def likeness(pictures: Shaped[np.ndarray, "all 32 32 c"], pairs: Int64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
    """How alike the two pictures of each pair are in detail: 1 if equal but for brightness, contrast and a small crop.

    The second picture is shifted and stretched along both axes until it fits the first best, beginning with the crop
    at which their hashes were close. Then, where they overlap, the correlation of what a Gaussian blur of 2 pixels
    leaves of them is taken, over all channels. Plain pictures that were taken in one place (two black shirts on the
    same hanger) have much in common but their detail, so that the detail tells them from copies.

    Args:
        pictures: thumbnails, 8 bits.
        pairs: rows of a and of b, and the place in ``CROPS`` of what b is of a.

    Source: Baker and Matthews 2004, Lucas-Kanade 20 years on, International Journal of Computer Vision 56:221
    (Gauss-Newton, additive); we move along the axes only, and fit a gain and an offset besides.
    """
    alike = np.empty(len(pairs))
    for start in range(0, len(pairs), _CHUNK):
        some = pairs[start : start + _CHUNK]
        a, b = (pictures[some[:, side]].astype(np.float32) for side in (0, 1))
        where = _aligned(a.mean(3), b.mean(3), _begin(some[:, 2]))
        alike[start : start + _CHUNK] = _correlation(a, b, where)
    return alike


def _begin(kinds: Int64[np.ndarray, "n"]) -> Where:
    """Where b's place x is looked up for a's: x * stretch + shift, down and across; b is the crop ``kinds`` of a."""
    top, bottom, left, right = np.array(CROPS, np.float32)[kinds].T
    stretch = np.stack([1 / (1 - top - bottom), 1 / (1 - left - right)], axis=1)
    return np.stack([stretch, -np.stack([top, left], axis=1) * stretch], axis=2)


def _aligned(a: Planes, b: Planes, where: Where) -> Where:
    """The stretch and shift, down and across, at which b fits a best."""
    begun, best, least = where, where, np.full(len(a), np.inf, np.float32)
    flat = a.reshape(len(a), -1, 1)
    for step in range(STEPS + 1):
        moved, inside = _moved(b[..., None], where)
        weights = inside.reshape(len(a), 1, -1)
        gain, rest = _lit(flat, moved.reshape(len(a), 1, -1), weights)
        error = (rest[..., 0] ** 2 * weights[:, 0]).sum(1) / np.maximum(weights.sum((1, 2)), 1)
        best = np.where((error < least)[:, None, None], where, best)
        least = np.minimum(error, least)
        if step < STEPS:
            slopes = _slopes(b, where) * np.where(np.abs(gain) < 0.1, 1, gain)[:, None, None, None]
            where = _limited(where + _change(slopes, moved[..., 0], weights, rest), begun)
    return best


def _lit(
    a: Float32[np.ndarray, "n p 1"], moved: Float32[np.ndarray, "n 1 p"], weights: Float32[np.ndarray, "n 1 p"]
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n p 1"]]:
    """The gain that makes b as bright as a, and what is left of a then."""
    total = np.maximum(weights.sum(2), 1)[:, 0]
    mean_a, mean_b = ((weights[:, 0] * each).sum(1) / total for each in (a[..., 0], moved[:, 0]))
    x, y = a[..., 0] - mean_a[:, None], moved[:, 0] - mean_b[:, None]
    gain = (x * y * weights[:, 0]).sum(1) / np.maximum((y * y * weights[:, 0]).sum(1), 1e-3)
    return gain, (x - gain[:, None] * y)[..., None]


def _change(
    slopes: Float32[np.ndarray, "n 2 32 32"],
    moved: Planes,
    weights: Float32[np.ndarray, "n 1 p"],
    rest: Float32[np.ndarray, "n p 1"],
) -> Where:
    """One Gauss-Newton step of stretch and shift, with gain and offset solved for besides."""
    down, across = slopes[:, 0], slopes[:, 1]
    rows = [down * _MIDDLES[:, None], down, across * _MIDDLES, across, moved, np.ones_like(moved)]
    columns = np.stack(rows, axis=1).reshape(len(moved), 6, -1)
    weighted = columns * weights
    matrix = (weighted @ columns.swapaxes(1, 2)).astype(np.float64) + 1e-3 * np.eye(6)
    solved = np.linalg.solve(matrix, (weighted @ rest).astype(np.float64))
    return solved[:, :4, 0].reshape(-1, 2, 2).astype(np.float32)


def _limited(where: Where, begun: Where) -> Where:
    """No edge further than ``FURTHEST`` from where it began."""
    low = np.clip(where[..., 1], begun[..., 1] - FURTHEST, begun[..., 1] + FURTHEST)
    old = begun.sum(2)
    high = np.clip(where.sum(2), old - FURTHEST, old + FURTHEST)
    return np.stack([high - low, low], axis=2)


def _correlation(a: Colours, b: Colours, where: Where) -> Float64[np.ndarray, "n"]:
    moved, inside = _moved(b, where)
    weights = np.broadcast_to(inside[..., None], moved.shape).reshape(len(a), -1)
    blur = (0, FINE, FINE, 0)
    x, y = ((each - gaussian_filter(each, blur)).reshape(len(a), -1).astype(np.float64) for each in (a, moved))
    spread = (x**2 * weights).sum(1) * (y**2 * weights).sum(1)
    return (x * y * weights).sum(1) / np.sqrt(np.maximum(spread, 1e-9))


def _moved(b: Colours, where: Where) -> tuple[Colours, Planes]:
    """The picture b at the places looked up, and where those lie inside it."""
    places = _places(where)
    down, across = (_between(places[:, axis]) for axis in (0, 1))
    values = down[:, None] @ b.transpose(0, 3, 1, 2) @ across[:, None].swapaxes(2, 3)
    inside = ((places > 0) & (places < 1)).astype(np.float32)
    return values.transpose(0, 2, 3, 1), inside[:, 0, :, None] * inside[:, 1, None]


def _slopes(b: Planes, where: Where) -> Float32[np.ndarray, "n 2 32 32"]:
    """How fast b changes down and across at the places looked up."""
    places = _places(where)
    down, across = (_between(places[:, axis]) for axis in (0, 1))
    steep = [np.gradient(b, np.float32(1 / SIDE), axis=axis) for axis in (1, 2)]
    return np.stack([down @ each @ across.swapaxes(1, 2) for each in steep], axis=1)


def _places(where: Where) -> Float32[np.ndarray, "n 2 32"]:
    return _MIDDLES * where[..., :1] + where[..., 1:]


def _between(places: Float32[np.ndarray, "n 32"]) -> Float32[np.ndarray, "n 32 32"]:
    """Matrices that interpolate a line of 32 pixels at the places."""
    at = np.clip(places * SIDE - 0.5, 0, SIDE - 1)
    return np.clip(1 - np.abs(at[..., None] - np.arange(SIDE, dtype=np.float32)), 0, None)
