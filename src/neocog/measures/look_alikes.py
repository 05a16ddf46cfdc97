"""Look-alikes: which pictures are copies of each other, resized, recompressed, brightened or cropped a little."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Shaped, UInt8

from neocog.measures.alignment import likeness
from neocog.measures.close_hashes import close_hashes
from neocog.measures.picture_hash import picture_hashes
from neocog.measures.thumbnails import SIDE, thumbnails

SMALLEST = 32  # pixels of the longer side: pictures of fewer are not looked at, for too many of them look alike
MOST_BITS = 8
LEAST_LIKENESS = 0.90
MOST_CANDIDATES = 50  # per picture; where there are more, the pictures are too plain for their hashes
_PLAIN = 3.0  # grey levels: what varies less than that has nothing to be recognised by
_AT_ONCE, _VERIFIED = 500, 1024

TOO_LONG = "it would have taken too long"
TOO_PLAIN = "too many of the pictures are too plain to be told apart"

GoOn = Callable[[float], bool]


@dataclass(frozen=True)
class LookAlikes:
    """Pairs of rows, the lower one first, with their likeness (0.90 to 1), ordered by rows.

    ``stopped`` is empty, or why the search was given up; there are then no pairs.
    """

    pairs: Int64[np.ndarray, "pairs 2"]
    likeness: Float64[np.ndarray, "pairs"]
    stopped: str = ""


def look_alikes(pictures: UInt8[np.ndarray, "n 32 32 k"], go_on: GoOn = lambda done: True) -> LookAlikes:
    """The pairs among some pictures that are nearly the same picture.

    Pictures whose 64-bit hashes (of one whole, of the other whole or cropped by 5 % at any edges) differ in at most 8
    bits are laid over each other; those whose details then correlate by at least 0.90 are a pair. Pictures that hardly
    vary (a black one, a white one) are in no pair.

    Both limits were chosen on clothing photographs (1,713 of clothing_small at 64 x 64 pixels, with 1,000 planted
    copies: resized, recompressed at quality 40 to 75, cropped by up to 5 % at each edge, made 0.7 to 1.3 times as
    bright, or only decoded anew): 99 % of the copies were found; the one other pair was a photograph that is there
    twice, and the most alike photographs of different things reached 0.896. On other data (5,000 CIFAR-10 test images
    as JPEG, 32 x 32 pixels, with 830 near copies planted) the same limits found 99 %; eleven other pairs were flagged,
    all of them the same picture processed differently, to the eye. Drawings and characters were not measured.

    Args:
        pictures: what `small_pictures` made of them.
        go_on: asked now and then with the share that is done; where it says no, the search is given up.
    """
    varied = np.flatnonzero(pictures.mean(3, dtype=np.float32).std((1, 2)) >= _PLAIN)
    most = MOST_CANDIDATES * len(varied)
    close = close_hashes(
        picture_hashes(pictures[varied]), MOST_BITS, most_pairs=most, go_on=lambda done: go_on(done / 2)
    )
    if close is None:
        return stopped(TOO_LONG if not go_on(0.5) else TOO_PLAIN)
    close[:, :2] = varied[close[:, :2]]
    alike = np.empty(len(close))
    for start in range(0, len(close), _VERIFIED):
        if not go_on(0.5 + 0.5 * start / len(close)):
            return stopped(TOO_LONG)
        alike[start : start + _VERIFIED] = likeness(pictures, close[start : start + _VERIFIED])
    kept = alike >= LEAST_LIKENESS
    pairs = np.sort(close[kept, :2], axis=1)
    return LookAlikes(pairs, np.minimum(alike[kept], 1.0))


def stopped(why: str) -> LookAlikes:
    """A search that was given up, and why."""
    return LookAlikes(np.empty((0, 2), np.int64), np.empty(0), why)


def small_pictures(
    parts: Sequence[Shaped[np.ndarray, "_ h w c"]], rows: Int64[np.ndarray, "n"], go_on: GoOn = lambda done: True
) -> UInt8[np.ndarray, "n 32 32 k"] | None:
    """Thumbnails of some pictures; None where it took too long.

    Args:
        parts: pictures of one size, 8 or 16 bits, in one or several arrays.
        rows: which, counted through all parts, in ascending order.
        go_on: asked now and then with the share that is done.
    """
    ends = np.cumsum([len(part) for part in parts])
    made: list[np.ndarray] = []
    done = 0
    for part, end in zip(parts, ends, strict=True):
        own = rows[(rows >= end - len(part)) & (rows < end)] - (end - len(part))
        for start in range(0, len(own), _AT_ONCE):
            if not go_on(done / len(rows)):
                return None
            some = own[start : start + _AT_ONCE]
            made.append(thumbnails(part[some[0] : some[-1] + 1][some - some[0]]))
            done += len(some)
    return np.concatenate(made) if made else np.empty((0, SIDE, SIDE, 1), np.uint8)
