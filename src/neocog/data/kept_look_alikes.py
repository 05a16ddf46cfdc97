"""Look-alikes among decoded images, searched once: what was found is kept with the cache."""

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, UInt8

from neocog.data.cache import key_of, recall, remember
from neocog.measures.look_alikes import (
    LEAST_LIKENESS,
    MOST_BITS,
    SMALLEST,
    TOO_LONG,
    GoOn,
    LookAlikes,
    look_alikes,
    small_pictures,
    stopped,
)

_VERSION = 1


def too_small(images: np.ndarray) -> str:
    """Why look-alikes among these images cannot be told; empty where they can."""
    longer = max(images.shape[1:3])
    if longer >= SMALLEST:
        return ""
    return (
        f"the images have {longer} pixels a side; below {SMALLEST} so many different ones look alike (two digits, two "
        "cells) that the search cannot be trusted"
    )


def kept_look_alikes(
    parts: Sequence[np.ndarray], digests: UInt8[np.ndarray, "n 32"], *, keep: bool, go_on: GoOn = lambda done: True
) -> LookAlikes:
    """Look-alikes among different images; equal ones count as one, the first of them.

    What is found depends on the images only, neither on their order nor on how they are divided into parts.

    Args:
        parts: decoded images of one size.
        digests: the hash of each, through all parts.
        keep: whether what is found is kept on the disk, or taken from there.
        go_on: asked now and then with the share that is done; where it says no, the search is given up.
    """
    if why := too_small(parts[0]):
        return stopped(why)
    different, first = _different(digests)
    key = key_of(hashlib.sha256(different.tobytes()).hexdigest(), "look-alikes", _VERSION, MOST_BITS, LEAST_LIKENESS)
    found = _recalled(key, len(first)) if keep else None
    if found is None:
        rows = np.sort(first)
        pictures = small_pictures(parts, rows, lambda done: go_on(done / 3))
        if pictures is None:
            return stopped(TOO_LONG)
        found = look_alikes(pictures[np.searchsorted(rows, first)], lambda done: go_on((1 + 2 * done) / 3))
        if keep and not found.stopped:
            remember(key, 0, {"pairs": found.pairs.tolist(), "likeness": found.likeness.tolist()})
    pairs = np.sort(first[found.pairs], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return LookAlikes(pairs[order], found.likeness[order], found.stopped)


def _different(digests: UInt8[np.ndarray, "n 32"]) -> tuple[np.ndarray, Int64[np.ndarray, "different"]]:
    """The different digests in their own order, and the first row of each."""
    whole = np.ascontiguousarray(digests).view(np.dtype((np.void, digests.shape[1]))).reshape(-1)
    different, first = np.unique(whole, return_index=True)
    return different, first.astype(np.int64)


def _recalled(key: str, count: int) -> LookAlikes | None:
    values = recall(key)
    try:
        pairs = np.array((values or {})["pairs"], np.int64).reshape(-1, 2)
        likeness = np.array((values or {})["likeness"], np.float64)
    except (KeyError, TypeError, ValueError):
        return None
    whole = len(pairs) == len(likeness) and (pairs >= 0).all() and (pairs < count).all()
    return LookAlikes(pairs, likeness) if whole else None
