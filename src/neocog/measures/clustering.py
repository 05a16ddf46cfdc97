"""How good a division into clusters is: by itself (silhouette, inertia), and beside labels that it never saw."""

from math import comb

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.optimize import linear_sum_assignment

REFERENCES = 3000  # up to so many items a silhouette is exact; beyond, it is measured against so many of them
ALONE = -1.0  # what every item gets where all are in one cluster: nothing was divided
_CHUNK = 4_000_000  # distances held at once


def silhouettes(
    points: Float[np.ndarray, "n d"],
    clusters: Int[np.ndarray, " n"],
    *,
    references: int = REFERENCES,
    seed: int = 0,
) -> Float64[np.ndarray, " n"]:
    """For each item, how much nearer its own cluster is than the next one: -1 (it belongs there) to 1 (far apart).

    (b - a) / max(a, b), with a the mean Euclidean distance to the other items of its cluster and b the smallest mean
    distance to the items of another cluster; 0 for an item that is alone in its cluster.

    Source: Rousseeuw 1987, doi 10.1016/0377-0427(87)90125-7, as in scikit-learn, with two differences. Where all items
    are in one cluster (there it is not defined) each gets -1. Beyond ``references`` items the mean distances are taken
    to a random sample of so many of them, drawn with ``seed``: every item still has its own value, and time and memory
    grow in proportion to the items.

    Args:
        points: coordinates of the items.
        clusters: each item's cluster, 0 or above.
        references: distances are taken to so many items at most.
        seed: of the sample of references.
    """
    present, own = np.unique(clusters, return_inverse=True)
    if len(present) < 2:
        return np.full(len(clusters), ALONE)
    rows = _references(len(points), references, seed)
    there = points[rows].astype(np.float64)
    members = np.zeros((len(rows), len(present)))
    members[np.arange(len(rows)), own[rows]] = 1.0
    counts = members.sum(0)
    is_reference = np.zeros(len(points), dtype=bool)
    is_reference[rows] = True
    squares = np.einsum("nd,nd->n", there, there)
    found = np.empty(len(points))
    step = max(1, _CHUNK // len(rows))
    for start in range(0, len(points), step):
        some = slice(start, start + step)
        here = points[some].astype(np.float64)
        gaps = np.einsum("nd,nd->n", here, here)[:, None] - 2.0 * (here @ there.T) + squares
        distances = np.sqrt(np.maximum(gaps, 0.0))
        itself = np.searchsorted(rows, np.arange(start, start + len(here)))[is_reference[some]]
        distances[np.flatnonzero(is_reference[some]), itself] = 0.0
        found[some] = _silhouettes(distances @ members, counts, own[some], is_reference[some])
    return found


def inertia(squared_distances: Float[np.ndarray, " n"]) -> float:
    """The sum of the squared distances of the items to their centroids: what k-means lowers."""
    return float(np.sum(squared_distances, dtype=np.float64))


def contingency(clusters: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> Int[np.ndarray, "k c"]:
    """How many items of each cluster (rows) have each label (columns); only those that occur."""
    rows, row = np.unique(clusters, return_inverse=True)
    columns, column = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(rows), len(columns)), np.int64)
    np.add.at(counts, (row, column), 1)
    return counts


def adjusted_rand(clusters: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> float:
    """Agreement over pairs of items, corrected for chance: 1 is the same division, 0 is what chance gives.

    Source: Hubert and Arabie 1985, doi 10.1007/BF01908075.
    """
    counts = contingency(clusters, labels)
    both = sum(comb(int(count), 2) for count in counts.ravel())
    rows = sum(comb(int(count), 2) for count in counts.sum(1))
    columns = sum(comb(int(count), 2) for count in counts.sum(0))
    pairs = comb(len(labels), 2)
    expected = rows * columns / pairs if pairs else 0.0
    highest = (rows + columns) / 2
    return 1.0 if highest == expected else (both - expected) / (highest - expected)


def normalised_mutual_information(clusters: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> float:
    """What clusters and labels tell of each other, over the mean of their entropies: 0 (nothing) to 1 (all).

    Not corrected for chance: with many clusters it is above 0 for a random division. Source: Strehl and Ghosh 2002,
    with the arithmetic mean, as in scikit-learn.
    """
    shares = contingency(clusters, labels) / len(labels)
    rows, columns = _entropy(shares.sum(1)), _entropy(shares.sum(0))
    if rows == 0.0 and columns == 0.0:
        return 1.0
    mutual = max(0.0, rows + columns - _entropy(shares.ravel()))
    return mutual / ((rows + columns) / 2)


def matched_accuracy(clusters: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> float:
    """The share of items that are right once each cluster is given the label that suits all best, each label once.

    The matching is the best there is (Hungarian method, by scipy); clusters beyond the number of labels match none.
    The labels are used for the matching too, so it is at least the share of the commonest label.
    """
    counts = contingency(clusters, labels)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / len(labels))


def main_axes(points: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "n 2"]:
    """Where the items lie on the two axes along which they vary most (principal components of these items).

    Each axis points to where its largest weight is positive, so that the picture is the same every time.
    """
    centred = points.astype(np.float64) - points.mean(0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    found = centred @ axes
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def _references(items: int, most: int, seed: int) -> Int[np.ndarray, " m"]:
    if items <= most:
        return np.arange(items)
    return np.sort(np.random.default_rng(seed).choice(items, most, replace=False))


def _silhouettes(
    sums: Float64[np.ndarray, "n k"],
    counts: Float64[np.ndarray, " k"],
    own: Int[np.ndarray, " n"],
    is_reference: np.ndarray,
) -> Float64[np.ndarray, " n"]:
    rows = np.arange(len(own))
    others = counts[own] - is_reference
    inside = np.divide(sums[rows, own], others, out=np.zeros(len(own)), where=others > 0)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.inf), where=counts > 0)
    means[rows, own] = np.inf
    outside = means.min(1)
    longer = np.maximum(inside, outside)
    usable = (others > 0) & np.isfinite(outside) & (longer > 0)
    return np.divide(outside - inside, longer, out=np.zeros(len(own)), where=usable)


def _entropy(shares: Float[np.ndarray, " n"]) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())
