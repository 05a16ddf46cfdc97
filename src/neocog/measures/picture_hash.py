"""A perceptual hash: 64 bits that hardly change when a picture is resized, recompressed, brightened or cropped."""

import numpy as np
from jaxtyping import Bool, Float, Shaped, UInt64
from scipy.fft import dctn

from neocog.measures.thumbnails import SIDE, averaging, grey

KEPT = 8  # frequencies of either direction
CROPS: tuple[tuple[float, float, float, float], ...] = tuple(
    (top, bottom, left, right)
    for top, bottom in ((0.0, 0.0), (0.05, 0.0), (0.0, 0.05), (0.05, 0.05))
    for left, right in ((0.0, 0.0), (0.05, 0.0), (0.0, 0.05), (0.05, 0.05))
)
"""What is left out above, below, left and right, as shares of the sides; the first is the whole picture."""
_CHUNK = 2000


def picture_hashes(pictures: Shaped[np.ndarray, "n 32 32 c"]) -> UInt64[np.ndarray, "n 16"]:
    """The hash of each picture, whole (column 0) and cropped as ``CROPS`` says.

    A bit per coefficient of the two-dimensional cosine transform of the grey picture, of frequencies 0 to 7 without
    the mean: whether it is above the median of them.

    Source: Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.1 (the DCT
    hash). We take frequency 0 along one direction too, and hash several crops of each picture.
    """
    hashes = np.empty((len(pictures), len(CROPS)), np.uint64)
    for start in range(0, len(pictures), _CHUNK):
        plane = grey(pictures[start : start + _CHUNK])
        for place, (top, bottom, left, right) in enumerate(CROPS):
            down, across = _lines(top, bottom), _lines(left, right)
            hashes[start : start + _CHUNK, place] = _hashed(plane if place == 0 else down @ plane @ across.T)
    return hashes


def _lines(before: float, after: float) -> Float[np.ndarray, "32 32"]:
    """Averages of a line without its ends."""
    return averaging(np.array([before * SIDE]), np.array([SIDE - after * SIDE]), SIDE)[0]


def _hashed(planes: Float[np.ndarray, "n 32 32"]) -> UInt64[np.ndarray, "n"]:
    low = dctn(planes, axes=(1, 2), norm="ortho")[:, :KEPT, :KEPT].reshape(len(planes), -1)
    low[:, 0] = -np.inf  # the mean is brightness, of which nothing is to be said
    bits: Bool[np.ndarray, "n 64"] = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]
