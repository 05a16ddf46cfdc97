"""Label errors: which labels are probably wrong, from probabilities that were made without looking at them.

Legend: n items, C classes. Labels are class numbers 0 to C - 1; probabilities sum to 1 in each row and come from
networks that were not trained on the item (out of fold).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int, Int64


@dataclass(frozen=True)
class LabelErrors:
    """What confident learning makes of labels and probabilities.

    Args:
        thresholds: for each class the mean probability that items with its label get: how sure is sure.
        joint: numbers of items by given label (rows) and by the class that they confidently belong to (columns); items
            that confidently belong to none are left out.
        estimated: how many labels are wrong in all, by the joint brought to the number of items of each given label.
        margins: for each item its probability of the given label less that of the likeliest other class, -1 to 1.
        likeliest: for each item the likeliest class other than the given one.
        suspects: rows of the items off the diagonal of ``joint``, the smallest margin first.
        ranking: all rows, the smallest margin first.
    """

    thresholds: Float64[np.ndarray, " C"]
    joint: Int64[np.ndarray, "C C"]
    estimated: float
    margins: Float64[np.ndarray, " n"]
    likeliest: Int64[np.ndarray, " n"]
    suspects: Int64[np.ndarray, " suspects"]
    ranking: Int64[np.ndarray, " n"]


def label_errors(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> LabelErrors:
    """Find labels that are probably wrong.

    An item confidently belongs to the likeliest of the classes whose probability reaches the class's own threshold,
    the mean probability among the items that have its label. So a class that a network is never sure of has a low
    threshold, and none is suspected for being hard. An item that confidently belongs to another class than its label
    says is suspected.

    Args:
        probabilities: out of fold.
        labels: as given; every class occurs.

    Source: Northcutt, Jiang and Chuang 2021 (JAIR 70:1373, doi 10.1613/jair.1.12125): thresholds and confident joint,
    equations 1 and 2; calibrated joint, equation 3; pruning off the diagonal, section 3.2; ranked by normalised
    margin. The margin is against the likeliest other class, as in their equation; nothing is pruned here.
    """
    exact, n = probabilities.astype(np.float64), len(labels)
    classes = exact.shape[1]
    rows = np.arange(n)
    given = exact[rows, labels]
    sizes = np.bincount(labels, minlength=classes)
    thresholds = np.bincount(labels, weights=given, minlength=classes) / np.maximum(sizes, 1)
    thresholds[sizes == 0] = np.inf
    reached = np.where(exact >= thresholds, exact, -1.0)
    belongs, sure = reached.argmax(axis=1), reached.max(axis=1) >= 0
    joint = np.zeros((classes, classes), np.int64)
    np.add.at(joint, (labels[sure], belongs[sure]), 1)
    others = exact.copy()
    others[rows, labels] = -1.0
    likeliest = others.argmax(axis=1).astype(np.int64)
    margins = given - others[rows, likeliest]
    ranking = np.argsort(margins, kind="stable").astype(np.int64)
    suspected = sure & (belongs != labels)
    return LabelErrors(
        thresholds=thresholds,
        joint=joint,
        estimated=_estimated(joint, sizes),
        margins=margins,
        likeliest=likeliest,
        suspects=ranking[suspected[ranking]],
        ranking=ranking,
    )


def _estimated(joint: Int64[np.ndarray, "C C"], sizes: Int[np.ndarray, " C"]) -> float:
    """Items off the diagonal, each row brought to its number of items."""
    totals = joint.sum(axis=1)
    known = totals > 0
    return float(np.sum((totals - np.diagonal(joint))[known] / totals[known] * sizes[known]))


def stratified_folds(
    labels: Int[np.ndarray, " n"], folds: int, seed: int, groups: Int[np.ndarray, " n"] | None = None
) -> Int64[np.ndarray, " n"]:
    """The fold, 0 to ``folds`` - 1, of each item: every class spread evenly; groups are never divided.

    Args:
        labels: the class of each item.
        folds: at least 2.
        seed: which division, at random.
        groups: the group of each item, as numbers from 0; the largest are placed first, each into the fold that has
            the fewest items of its classes.
    """
    random = np.random.default_rng(seed)
    found = np.empty(len(labels), np.int64)
    if groups is None:
        start = 0
        for label in np.unique(labels):
            rows = random.permutation(np.flatnonzero(labels == label))
            found[rows] = (start + np.arange(len(rows))) % folds
            start += len(rows)
        return found
    held = np.zeros((int(groups.max()) + 1, int(labels.max()) + 1), np.int64)
    np.add.at(held, (groups, labels), 1)
    load = np.zeros((folds, held.shape[1]))
    order = random.permutation(len(held))
    chosen = np.zeros(len(held), np.int64)
    for group in order[np.argsort(-held[order].sum(1), kind="stable")]:
        fold = int(np.argmin(((load + held[group]) * (held[group] > 0)).sum(1) + 1e-6 * load.sum(1)))
        chosen[group] = fold
        load[fold] += held[group]
    return chosen[groups]
