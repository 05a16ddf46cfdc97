"""A perceptual hash: 64 bits that hardly change when a picture is resized, recompressed, brightened or cropped."""

import numpy as np
from jaxtyping import Float, Shaped, UInt64
from scipy.fft import dct

from neocog.measures.thumbnails import SIDE, averaging, grey

KEPT = 8  # frequencies of either direction
_EDGES = ((0.0, 0.0), (0.05, 0.0), (0.0, 0.05), (0.05, 0.05))
CROPS: tuple[tuple[float, float, float, float], ...] = tuple((*down, *across) for down in _EDGES for across in _EDGES)
"""What is left out above, below, left and right, as shares of the sides; the first is the whole picture."""
_CHUNK = 2000


def picture_hashes(pictures: Shaped[np.ndarray, "n 32 32 c"]) -> UInt64[np.ndarray, "n 16"]:
    """The hash of each picture, whole (column 0) and cropped as ``CROPS`` says.

    A bit per coefficient of the two-dimensional cosine transform of the grey picture, of frequencies 0 to 7 without
    the mean: whether it is above the median of them.

    Source: Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.1 (the DCT
    hash). We take frequency 0 along one direction too, and hash several crops of each picture.
    """
    lines = np.concatenate([_low(*edges) for edges in _EDGES])
    hashes = np.empty((len(pictures), len(CROPS)), np.uint64)
    for start in range(0, len(pictures), _CHUNK):
        plane = grey(pictures[start : start + _CHUNK])
        low = (lines @ plane @ lines.T).reshape(len(plane), len(_EDGES), KEPT, len(_EDGES), KEPT)
        low = low.swapaxes(2, 3).reshape(len(plane), len(CROPS), KEPT * KEPT)
        low[..., 0] = -np.inf  # the mean is brightness, of which nothing is to be said
        middle = np.partition(low[..., 1:], KEPT * KEPT // 2 - 1, axis=2)[..., KEPT * KEPT // 2 - 1]
        bits = np.packbits(low > middle[..., None], axis=2)
        hashes[start : start + _CHUNK] = bits.view(np.uint64)[..., 0]
    return hashes


def _low(before: float, after: float) -> Float[np.ndarray, "8 32"]:
    """The low frequencies of a line without its ends, as a matrix."""
    crop = averaging(np.array([before * SIDE]), np.array([SIDE - after * SIDE]), SIDE)[0]
    return dct(np.eye(SIDE), axis=0, norm="ortho")[:KEPT] @ crop
