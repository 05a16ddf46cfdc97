"""Leakage: which items of one part are copies of items of another, so that a score on them proves nothing.

Items are counted through all parts, in their order: train, then val, then test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int, Int64, UInt8

from neocog.measures.connected import connected, equal_rows
from neocog.measures.look_alikes import LookAlikes

EQUAL = 2.0  # the likeness of copies in every pixel: above that of any look-alikes


@dataclass(frozen=True)
class Copies:
    """Which items are copies of which.

    Args:
        parts: names of the parts, in their order, with the number of items in each.
        pairs: rows of items that are copies, the lower first.
        likeness: of each pair: ``EQUAL``, or 0.90 to 1 for look-alikes.
        group: the lowest row among all copies of an item, and copies of those.
        labels: the class of each item.
    """

    parts: Mapping[str, int]
    pairs: Int64[np.ndarray, "pairs 2"]
    likeness: Float64[np.ndarray, "pairs"]
    group: Int64[np.ndarray, "n"]
    labels: Int64[np.ndarray, "n"]

    def place(self, row: int) -> tuple[str, int]:
        """The part of an item, and its row there."""
        for name, size in self.parts.items():
            if row < size:
                return name, row
            row -= size
        raise IndexError(row)

    def rows(self, part: str) -> slice:
        """Where a part lies."""
        start = 0
        for name, size in self.parts.items():
            if name == part:
                return slice(start, start + size)
            start += size
        raise KeyError(part)

    def copied(self, part: str, others: Sequence[str], *, equal: bool = False) -> Int64[np.ndarray, "_"]:
        """Rows within ``part`` of items that have a copy in other parts; ``equal``: in every pixel."""
        group = self.group if not equal else connected(len(self.group), self.pairs[self.likeness == EQUAL])
        there = np.concatenate([group[self.rows(other)] for other in others])
        return np.flatnonzero(np.isin(group[self.rows(part)], there))

    def surplus(self, part: str) -> int:
        """Items of a part that would be left out if each group kept one there."""
        own = self.group[self.rows(part)]
        return len(own) - len(np.unique(own))

    def conflicts(self) -> int:
        """Pairs whose labels differ."""
        return int(self._differ().sum())

    def across(self) -> Int64[np.ndarray, "_"]:
        """Pairs whose items are in different parts, the worst first: other labels, equal, then by likeness."""
        part = np.repeat(np.arange(len(self.parts)), list(self.parts.values()))
        found = np.flatnonzero(part[self.pairs[:, 0]] != part[self.pairs[:, 1]])
        return self._worst_first(found)

    def within(self) -> Int64[np.ndarray, "_"]:
        """Pairs within a part, the worst first."""
        return self._worst_first(np.setdiff1d(np.arange(len(self.pairs)), self.across()))

    def _worst_first(self, found: Int64[np.ndarray, "k"]) -> Int64[np.ndarray, "k"]:
        return found[np.lexsort((found, -self.likeness[found], ~self._differ()[found]))]

    def _differ(self) -> Bool[np.ndarray, "pairs"]:
        return self.labels[self.pairs[:, 0]] != self.labels[self.pairs[:, 1]]


def find_copies(
    parts: Mapping[str, int],
    digests: UInt8[np.ndarray, "n 32"],
    labels: Int[np.ndarray, "n"],
    alike: LookAlikes | None = None,
) -> Copies:
    """Copies among items: those with equal digests, and the look-alikes that were found.

    Args:
        parts: number of items of each part, in the order of the rows.
        digests: a hash of each item's pixels.
        labels: the class of each item.
        alike: what `neocog.measures.look_alikes.look_alikes` found; None where it was not looked for.
    """
    equal, _ = equal_rows(digests)
    pairs, likeness = equal, np.full(len(equal), EQUAL)
    if alike is not None:
        pairs = np.concatenate([pairs, alike.pairs])
        likeness = np.concatenate([likeness, alike.likeness])
    return Copies(parts, pairs, likeness, connected(len(digests), pairs), np.asarray(labels, np.int64))
