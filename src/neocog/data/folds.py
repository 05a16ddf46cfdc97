"""deal: every item into one of k folds, each class and each fold in even shares, groups whole."""

import numpy as np
from jaxtyping import Int, Integer

from neocog.core.errors import UsageProblem


def deal(
    classes: Integer[np.ndarray, "n"],
    folds: int,
    random: np.random.Generator,
    groups: Integer[np.ndarray, "n"] | None = None,
) -> Int[np.ndarray, "n"]:
    """The fold of each item, from 0 to ``folds`` - 1; no fold stays empty.

    Each class, and all items together, are spread within one item over the folds. Groups are never divided: they are
    dealt out one by one, the largest first, each to the fold that lacks most of its classes, so that classes are
    spread as evenly as whole groups allow.

    Args:
        classes: of each item, 0 up.
        folds: at least 2.
        random: decides which items go together.
        groups: of each item, 0 up; None: every item is one of its own.

    Raises:
        UsageProblem: ``folds-too-many``: fewer items, or groups, than folds.
    """
    number = len(classes) if groups is None else len(np.unique(groups))
    if number < folds:
        raise UsageProblem(
            "folds-too-many",
            f"{number:,} {'items' if groups is None else 'groups'} cannot be divided into {folds} folds",
            where=f"--folds {folds}",
            help=f"give at most {number} folds, or more {'items' if groups is None else 'groups'}",
        )
    if groups is not None:
        return _by_group(classes, groups, folds, random)
    shuffled = random.permutation(len(classes))
    dealt = np.empty(len(classes), np.int64)
    dealt[shuffled[np.argsort(classes[shuffled], kind="stable")]] = np.arange(len(classes)) % folds
    return dealt


def _by_group(classes: np.ndarray, groups: np.ndarray, folds: int, random: np.random.Generator) -> np.ndarray:
    held = np.zeros((groups.max() + 1, classes.max() + 1), np.int64)
    np.add.at(held, (groups, classes), 1)
    counts = np.maximum(held.sum(0), 1)
    wanted = np.repeat(counts[None] / folds, folds, axis=0)
    items = np.zeros(folds, np.int64)
    chosen = np.zeros(len(held), np.int64)
    order = random.permutation(len(held))
    for group in order[np.argsort(-held[order].sum(1), kind="stable")]:
        need = (wanted * held[group] / counts).sum(1).round(9)
        chosen[group] = np.lexsort((items, -need))[0]
        wanted[chosen[group]] -= held[group]
        items[chosen[group]] += held[group].sum()
    return chosen[groups]
