"""Close hashes: which pairs of items have hashes that differ in few bits, found exactly."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int64, UInt64

_CHUNK_OF_PAIRS = 2**17  # so that they stay in the processor's cache


def close_hashes(
    hashes: UInt64[np.ndarray, "n k"],
    most: int,
    *,
    most_pairs: int = 2**31,
    go_on: Callable[[float], bool] = lambda done: True,
) -> Int64[np.ndarray, "pairs 3"] | None:
    """Pairs of rows (a, b) where some hash of a is within ``most`` bits of the first hash of b, and which hash it is.

    Every pair of rows is looked at, in both directions. Each unordered pair is given once, in the direction and with
    the hash that are closest. With k hashes of n items that is k n^2 comparisons of 64 bits.

    Args:
        hashes: 64 bits each.
        most: bits that may differ.
        most_pairs: with more close pairs than that the search ends with None.
        go_on: asked now and then, with the share that is done; where it says no, the search ends with None.
    """
    count, kinds = hashes.shape
    first = np.ascontiguousarray(hashes[:, 0])
    found, kept = [np.empty((0, 4), np.int64)], 0
    step = max(1, _CHUNK_OF_PAIRS // max(1, count))
    apart = np.empty((step, count), np.uint64)
    for start in range(0, count, step):
        if kept > 2 * most_pairs or not go_on(start / count):
            return None
        some, places = hashes[start : start + step], []
        for kind in range(kinds):
            differ = np.bitwise_count(np.bitwise_xor(some[:, kind, None], first, out=apart[: len(some)]))
            near = np.flatnonzero(differ <= most)
            bits = differ.reshape(-1)[near]
            places.append(np.stack([near // count + start, near % count, np.full(len(near), kind), bits], axis=1))
        found.append(_once(np.concatenate(places)))
        kept += len(found[-1])
    pairs = _once(np.concatenate(found))
    return pairs[:, :3] if len(pairs) <= most_pairs else None


def _once(found: Int64[np.ndarray, "pairs 4"]) -> Int64[np.ndarray, "kept 4"]:
    """Each unordered pair of different rows with its fewest bits, ordered by its rows."""
    found = found[found[:, 0] != found[:, 1]].astype(np.int64)
    low, high = found[:, :2].min(1), found[:, :2].max(1)
    order = np.lexsort((found[:, 2], found[:, 0], found[:, 3], high, low))
    found, low, high = found[order], low[order], high[order]
    new = np.ones(len(found), bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return found[new]
