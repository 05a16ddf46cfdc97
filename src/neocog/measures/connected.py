"""Connected: groups of items that pairs join, directly or by way of others."""

import numpy as np
from jaxtyping import Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected(count: int, pairs: Int64[np.ndarray, "pairs 2"]) -> Int64[np.ndarray, "count"]:
    """The group of each of so many items, as the lowest row in it; an item that is in no pair is a group of its own."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number = connected_components(graph, directed=False)[1] if count else np.empty(0, np.int64)
    first = np.full(number.max(initial=-1) + 1, count, np.int64)
    np.minimum.at(first, number, np.arange(count))
    return first[number]


def equal_rows(digests: np.ndarray) -> tuple[Int64[np.ndarray, "pairs 2"], Int64[np.ndarray, "different"]]:
    """Pairs (first, other) of rows with the same digest, and the first row of each digest, in order."""
    whole = np.ascontiguousarray(digests).view(np.dtype((np.void, digests.shape[1]))).reshape(-1)
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    leader = first[place.reshape(-1)].astype(np.int64)
    others = np.flatnonzero(leader != np.arange(len(leader)))
    return np.stack([leader[others], others], axis=1), np.sort(first).astype(np.int64)
