"""Split: three parts from one set of items, once for a whole comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Int, Integer

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.rules import AtLeast, Between
from neocog.core.seeds import stream
from neocog.data.folds import deal

PARTS = ("train", "val", "test")
_CHOSEN_FROM = 3  # a class of so many items is to be seen in every part

Rows = Int[np.ndarray, "_"]  # each part has a length of its own


@dataclass(frozen=True, kw_only=True)
class Split:
    """How the parts that the data do not come with are made."""

    val: Annotated[float, Between(0, 0.9), "Fraction kept for choosing, where there is no validation part."] = 0.1
    test: Annotated[float, Between(0, 0.9), "Fraction kept for the final score, where there is no test part."] = 0.2
    seed: Annotated[int, AtLeast(0), "Which random split; independent of the seeds of the runs."] = 0
    group: Annotated[str | None, "Column whose equal values (a patient, a day) are never divided."] = None
    folds: Annotated[int | None, Between(2, 100), "Cross-validation: of how many folds one is the test part."] = None
    fold: Annotated[int | None, AtLeast(0), "Which fold is the test part, from 0."] = None
    repeat: Annotated[int, AtLeast(0), "Which division into folds, from 0."] = 0


def split_rows(
    labels: Integer[np.ndarray, "n"],
    given_parts: Sequence[str] | None = None,
    split: Split = Split(),
    groups: Sequence[str] | None = None,
) -> tuple[Rows, Rows, Rows]:
    """The rows of train, val and test, each in ascending order; together they are all rows, once.

    Parts that the data come with are kept. A missing val or test part is taken from the rows that are "train" or
    unassigned, its fraction being one of those rows: stratified (each class within one item of its share, at least
    one item of each class that has three), random by ``split.seed``. Groups are never divided; classes are then
    balanced as well as whole groups allow, and train is the first to get a class.

    With ``split.folds`` all rows are dealt out into that many folds by ``neocog.data.folds.deal``; one fold is the test
    part, and the validation part is taken from the others, its fraction being one of those.

    Args:
        labels: the class of each row.
        given_parts: "train", "val", "test" or "" (unassigned) for each row; None: all are unassigned.
        split: fractions and seed.
        groups: the group of each row.

    Raises:
        UsageProblem: the fractions leave nothing to train on; ``folds-test-part``: there is a test part already;
            ``fold-range``: there is no such fold; ``folds-too-many``.
        DataProblem: there is no row to train on, or a part has an unknown name.
    """
    given = np.asarray(given_parts if given_parts is not None else [""] * len(labels), dtype=str)
    _check(given, split)
    pool = np.flatnonzero((given == "train") | (given == ""))
    if len(pool) == 0:
        raise DataProblem("data-no-train", "no item is left to train on", help="add a folder or a part named train")
    if split.folds is not None:
        return _one_fold(labels, given, split, split.folds, groups)
    shares = np.array([0 if (given == "val").any() else split.val, 0 if (given == "test").any() else split.test])
    classes = np.unique(labels[pool], return_inverse=True)[1]
    random = np.random.default_rng(stream(split.seed, "split"))
    parts = _parted(classes, groups if groups is None else np.asarray(groups, dtype=str)[pool], shares, random)
    made = [pool[parts == part] for part in range(3)]
    val, test = (np.sort(np.concatenate([made[i], np.flatnonzero(given == PARTS[i])])) for i in (1, 2))
    return made[0], val, test


def _one_fold(
    labels: np.ndarray, given: np.ndarray, split: Split, folds: int, groups: Sequence[str] | None
) -> tuple[Rows, Rows, Rows]:
    _check_fold(given, split, folds)
    classes = np.unique(labels, return_inverse=True)[1]
    names = None if groups is None else np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    dealt = deal(classes, folds, np.random.default_rng(stream(split.seed, "folds", split.repeat)), names)
    test = dealt == split.fold
    rest = np.flatnonzero(~test)
    random = np.random.default_rng(stream(split.seed, "folds", split.repeat, folds, str(split.fold)))
    shares = np.array([split.val, 0.0])
    others = np.unique(classes[rest], return_inverse=True)[1]
    parts = _parted(others, names if names is None else names[rest], shares, random)
    return rest[parts == 0], rest[parts == 1], np.flatnonzero(test)


def _check_fold(given: np.ndarray, split: Split, folds: int) -> None:
    if (given == "test").any():
        raise UsageProblem(
            "folds-test-part",
            "the data come with a test part of their own, and folds would train on it",
            where=f"{int((given == 'test').sum()):,} items of the part test, --folds {folds}",
            note="nothing was trained",
            help="compare without --folds, on that test part; or give all items without parts, in class folders, say",
        )
    if split.fold is None or split.fold >= folds:
        raise UsageProblem(
            "fold-range",
            f"{'no fold is named' if split.fold is None else f'there is no fold {split.fold}'}, of {folds}",
            where="--set data.fold",
            help=f"name a fold from 0 to {folds - 1}, or compare over all of them: neocog compare DATA --folds {folds}",
        )


def few_of_each(rows: Rows, labels: Integer[np.ndarray, "n"], count: int, seed: int) -> Rows:
    """At most ``count`` of the rows of each class, at random by ``seed``; a larger count keeps what a smaller one has.

    Args:
        rows: of the training part, in ascending order.
        labels: the class of every item.
        count: at least 1.
        seed: of the split.
    """
    order = np.random.default_rng(stream(seed, "few")).permutation(len(labels))
    ranked = rows[np.argsort(order[rows])]
    kept = [ranked[labels[ranked] == label][:count] for label in np.unique(labels[rows])]
    return np.sort(np.concatenate(kept)) if kept else rows


def _check(given: np.ndarray, split: Split) -> None:
    unknown = sorted(set(given.tolist()) - {*PARTS, ""})
    if unknown:
        raise DataProblem("data-part-unknown", f"parts are train, val and test, not {unknown[0]!r}", where=unknown)
    if split.val + split.test >= 1:
        raise UsageProblem(
            "split-fractions",
            f"val {split.val:g} and test {split.test:g} leave nothing to train on",
            help="let them add up to less than 1",
        )


def _quotas(counts: np.ndarray, shares: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Items of each class (rows) for val and test: rounded so that totals are right too, at least 1 of 3."""
    wanted = counts[:, None] * shares
    quotas = np.floor(wanted + 1e-9).astype(np.int64)
    for part in range(2):
        rest = wanted[:, part] - quotas[:, part]
        missing = max(0, round(wanted[:, part].sum()) - int(quotas[:, part].sum()))
        tie = random.permutation(len(counts))
        raised = np.lexsort((tie, -rest))[:missing]
        quotas[raised[rest[raised] > 1e-9], part] += 1
    quotas = np.maximum(quotas, (shares > 0) & (counts[:, None] >= _CHOSEN_FROM))
    excess = quotas - wanted
    for row in np.flatnonzero(quotas.sum(1) >= counts):
        order = np.argsort(-excess[row])
        order = order[np.argsort(quotas[row, order] <= 1, kind="stable")]
        for part in order:
            if quotas[row].sum() >= counts[row]:
                quotas[row, part] = max(0, quotas[row, part] - 1)
    return quotas


def _parted(
    classes: np.ndarray, groups: np.ndarray | None, shares: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """0, 1 or 2 for each item: train, val or test."""
    if groups is None:
        return _by_item(classes, shares, random)
    return _by_group(classes, np.unique(groups, return_inverse=True)[1], shares, random)


def _by_item(classes: np.ndarray, shares: np.ndarray, random: np.random.Generator) -> np.ndarray:
    counts = np.bincount(classes)
    quotas = _quotas(counts, shares, random)
    shuffled = random.permutation(len(classes))
    order = shuffled[np.argsort(classes[shuffled], kind="stable")]
    starts = np.cumsum(counts) - counts
    place = np.arange(len(classes)) - starts[classes[order]]
    val, test = quotas[classes[order]].T
    parts = np.zeros(len(classes), np.int64)
    parts[order] = np.where(place < val, 1, np.where(place < val + test, 2, 0))
    return parts


def _by_group(classes: np.ndarray, groups: np.ndarray, shares: np.ndarray, random: np.random.Generator) -> np.ndarray:
    held = np.zeros((groups.max() + 1, classes.max() + 1), np.int64)
    np.add.at(held, (groups, classes), 1)
    counts = held.sum(0)
    open_parts = np.array([True, *(shares > 0)])
    wanted = np.array([1 - shares.sum(), *shares])[:, None] * counts
    chosen = np.zeros(len(held), np.int64)
    order = random.permutation(len(held))
    for group in order[np.argsort(-held[order].sum(1), kind="stable")]:
        need = (wanted * held[group] / counts).sum(1)
        chosen[group] = int(np.argmax(np.where(open_parts, need, -np.inf)))
        wanted[chosen[group]] -= held[group]
    for part in np.flatnonzero(open_parts):
        _spread(held > 0, chosen, int(part))
    return chosen[groups]


def _spread(holds: np.ndarray, chosen: np.ndarray, part: int) -> None:
    """Bring each class that has groups to spare into ``part``; train may take a class's only group."""
    for label in np.argsort(holds.sum(0), kind="stable"):
        with_label = np.flatnonzero(holds[:, label])
        if (chosen[with_label] == part).any():
            continue
        spare = [g for g in with_label if part == 0 or _spares(holds, chosen, int(g))]
        if spare:
            chosen[min(spare, key=lambda g: (int(holds[g].sum()), int(g)))] = part


def _spares(holds: np.ndarray, chosen: np.ndarray, group: int) -> bool:
    """Whether the group's part would still have all of its classes without it."""
    others = (chosen == chosen[group]) & (np.arange(len(chosen)) != group)
    return bool(holds[others].any(0)[holds[group]].all()) if others.any() else False
