"""Regroup: which images are never divided between parts, and which leave train because another part has their like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.core.progress import AbstractProgress
from neocog.data.guessed_groups import guess_groups
from neocog.data.kept_look_alikes import kept_look_alikes
from neocog.data.readers.choice import DUPLICATES, GUESS, DataChoice
from neocog.data.readers.findings import UNCHANGED
from neocog.data.readers.pool import Pool
from neocog.measures.connected import connected, equal_rows


@dataclass(frozen=True)
class Groups:
    """Images that stay together.

    Args:
        names: the group of each image.
        kind: what a group is called in "never dividing ...".
        notes: how the groups came about, in sentences.
    """

    names: Sequence[str]
    kind: str
    notes: tuple[str, ...]


def groups_of(pool: Pool, choice: DataChoice, *, keep: bool, progress: AbstractProgress) -> Groups | None:
    """The groups that a choice asks for; None where it asks for none. Copies of an image are always in its group.

    Raises:
        UsageProblem: ``data-column-unknown``.
        DataProblem: ``groups-not-guessed``: neither names nor EXIF tell any groups.
    """
    asked = choice.group_column
    if asked is None or not pool.names:
        return None
    count = len(pool.names)
    pairs, note = _copies(pool, keep, progress)
    notes, kind = [note], "group of copies"
    if asked in pool.metadata:
        pairs = np.concatenate([pairs, _alike(pool.metadata[asked])])
        kind = asked
    elif asked == GUESS:
        guess = guess_groups(pool.names, pool.labels, files_of(choice, pool.names))
        if guess is None:
            raise DataProblem(
                "groups-not-guessed",
                "neither the names of the images nor their EXIF times tell which belong together",
                where=list(pool.names[:3]),
                note=UNCHANGED,
                help=f"keep copies together with --split-by-group {DUPLICATES}, or name a column of a table",
            )
        pairs = np.concatenate([pairs, _alike(guess.groups)])
        notes, kind = [*notes, guess.sentence()], "guessed group"
    elif asked != DUPLICATES:
        raise _unknown(asked, pool)
    return Groups([str(group) for group in connected(count, pairs)], kind, tuple(filter(None, notes)))


def left_out(groups: Sequence[str], parts: Sequence[str], names: Sequence[str]) -> dict[int, str]:
    """Rows of train, and of what is not assigned yet, whose group has an image in a val or test part that the data
    come with, and rows of val whose group has one in test, with the reason; test is never touched.
    """
    given, group = np.asarray(parts, dtype=str), np.asarray(groups, dtype=str)
    gone: dict[int, str] = {}
    for part, losing in (("test", ("", "train", "val")), ("val", ("", "train"))):
        there = {group[row]: names[row] for row in np.flatnonzero(given == part)[::-1] if row not in gone}
        for row in np.flatnonzero(np.isin(given, losing)):
            if int(row) not in gone and group[row] in there:
                gone[int(row)] = f"in one group with an image of {part}: {there[group[row]]}"
    return gone


def left_out_notes(gone: Mapping[int, str]) -> list[str]:
    """How many rows left, and for which part's sake."""
    counts = {part: sum(f" image of {part}: " in why for why in gone.values()) for part in ("test", "val")}
    return [
        f"{count:,} images were left out: they are in one group with images of {part}, which stay."
        for part, count in counts.items()
        if count
    ]


def kept(count: int, gone: Mapping[int, str]) -> Bool[np.ndarray, "count"]:
    """All rows but those."""
    stays = np.ones(count, bool)
    stays[list(gone)] = False
    return stays


def files_of(choice: DataChoice, names: Sequence[str]) -> list[Path | None]:
    """Where images lie on the disk, if each is a file of its own there."""
    path = Path(choice.name).expanduser()
    folder = path if path.is_dir() else Path(choice.root).expanduser() if choice.root else path.parent
    if not path.is_dir() and path.suffix.lower() not in (".csv", ".tsv"):
        return [None] * len(names)
    return [folder / name for name in names]


def _copies(pool: Pool, keep: bool, progress: AbstractProgress) -> tuple[Int64[np.ndarray, "pairs 2"], str]:
    """Pairs of copies, and how they were found."""
    digests = pool.decoded.digests
    equal, _ = equal_rows(digests)
    progress.start("Looking for copies", 100, "%")

    def go_on(done: float) -> bool:
        progress.advance(100 * done)
        return True

    try:
        alike = kept_look_alikes([pool.decoded.images], digests, keep=keep, go_on=go_on)
    finally:
        progress.end()
    pairs = np.concatenate([equal, alike.pairs])
    size = np.bincount(connected(len(digests), pairs))
    several = size[size > 1]
    only = f"; only equal ones were looked for: {alike.stopped}" if alike.stopped else ""
    told = f"{several.sum():,} images in {len(several):,} groups of copies are kept together" if len(several) else ""
    return pairs, f"{told or 'No image is a copy of another'}{only}."


def _alike(groups: Sequence[str]) -> Int64[np.ndarray, "pairs 2"]:
    """Pairs (first, other) of rows of the same group."""
    _, first, place = np.unique(np.asarray(groups, dtype=str), return_index=True, return_inverse=True)
    return np.stack([first[place], np.arange(len(place))], axis=1).astype(np.int64)


def _unknown(column: str, pool: Pool) -> UsageProblem:
    meant = near(column, [*pool.metadata, GUESS, DUPLICATES])
    return UsageProblem(
        "data-column-unknown",
        f"the data have no column `{column}` for groups",
        where=f"columns: {', '.join(pool.metadata) or 'none'}",
        note=f"`{GUESS}` takes groups from names and EXIF, `{DUPLICATES}` keeps copies together",
        help=f"did you mean `{meant}`?" if meant else "give a CSV that has such a column",
    )
