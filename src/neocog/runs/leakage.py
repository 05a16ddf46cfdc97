"""leakage.json: what was found out, before training, about copies of test items among the others."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from neocog.audit.leakage import EQUAL, Copies, find_copies
from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem
from neocog.data.cache import tally
from neocog.data.family import PARTS
from neocog.data.guessed_groups import Guess, guess_groups
from neocog.data.images import ImageData
from neocog.data.kept_look_alikes import kept_look_alikes
from neocog.data.regroup import files_of
from neocog.measures.look_alikes import TOO_LONG

FILE, FORMAT = "leakage.json", 1
SHARE = 0.05  # of a budget in time may go into looking for look-alikes
SECONDS = 60.0  # where the budget is no time
MOST_PAIRS, MOST_PICTURES = 1000, 24  # kept in the file; and with pictures
_PICTURE_BYTES = 40_000


@dataclass(frozen=True)
class Item:
    """One image: its part, its row there, its name and its label."""

    part: str
    row: int
    name: str
    label: str


@dataclass(frozen=True)
class CopyPair:
    """Two images that are copies; ``equal`` in every pixel, or else alike by ``likeness`` (0.90 to 1)."""

    a: Item
    b: Item
    equal: bool
    likeness: float

    @property
    def conflict(self) -> bool:
        """Whether their labels differ."""
        return self.a.label != self.b.label


@dataclass(frozen=True)
class GuessFacts:
    """Groups that file names or EXIF tell: the sentence, and how many groups are in more than one part."""

    sentence: str
    groups: int
    divided: int


@dataclass(frozen=True)
class Leakage:
    """Whether the test part was clean.

    Args:
        items: number of images of each part.
        near: empty, or why look-alikes were not looked for.
        equal: by part ("val", "test"), rows with an image of an earlier part that is equal in every pixel.
        alike: the same with look-alikes, those in ``equal`` left out.
        within: by part, images to spare if one of each group of copies were kept.
        conflicts: pairs of copies whose labels differ.
        pairs: copies in different parts, the worst first, then those within parts; at most 1,000.
        found: all pairs.
        guess: groups that names tell; None where they tell none.
        size: pixels of a side, as they were looked at.
        grouped: what keeps groups together already; empty if nothing does.
        repair: the option that would divide the images anew; empty where there is nothing to repair.
        pictures: PNG bytes of the images of the first pairs, by "PART/ROW".
    """

    items: Mapping[str, int]
    near: str
    equal: Mapping[str, tuple[int, ...]]
    alike: Mapping[str, tuple[int, ...]]
    within: Mapping[str, int]
    conflicts: int
    pairs: tuple[CopyPair, ...]
    found: int
    guess: GuessFacts | None
    size: int
    grouped: str = ""
    repair: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def leaked(self, part: str = "test") -> tuple[int, ...]:
        """Rows of a part that have a copy in an earlier part."""
        return tuple(sorted((*self.equal[part], *self.alike[part])))

    @property
    def answer(self) -> str:
        """Whether the test part was clean: "yes", "no" or "cannot be told"."""
        if self.leaked():
            return "no"
        return "cannot be told" if self.near or (self.guess and self.guess.divided and not self.grouped) else "yes"

    def as_json(self) -> dict[str, Any]:
        """Plain values, without pictures."""
        pairs = [{**asdict(pair), "conflict": pair.conflict} for pair in self.pairs]
        values = asdict(replace(self, pictures={}, pairs=()))
        del values["pictures"]
        return {**values, "answer": self.answer, "pairs": pairs}


def look_for_copies(
    data: ImageData, choice: Any, *, keep: bool, until: float | None = None, tick: Callable[[float], None] | None = None
) -> Leakage:
    """Copies across and within the parts, and groups that names tell; nothing is changed.

    Equal images are always looked for, by the SHA-256 of their pixels *as the networks get them*: after fitting, so
    that files of different kinds count too, and so do pictures that fitting makes equal, which no network can tell
    apart either. Look-alikes are looked for until the time is up.

    Args:
        data: opened images.
        choice: how they were chosen.
        keep: whether what is found is kept with the decoded images.
        until: when to give look-alikes and EXIF up, by ``time.perf_counter``; None for never.
        tick: told which share is done.
    """
    parts = [data.part(name) for name in PARTS]
    digests = np.concatenate([tally(part.images)[0] if part.digests is None else part.digests for part in parts])
    begun = perf_counter()

    def go_on(done: float) -> bool:
        if tick is not None:
            tick(done)
        if until is None:
            return True
        spent, allowed = perf_counter() - begun, until - begun
        hopeless = done > 0 and spent > allowed / 5 and spent / done > 2 * allowed
        return spent < allowed and not hopeless

    alike = kept_look_alikes([part.images for part in parts], digests, keep=keep, go_on=go_on)
    labels = np.concatenate([part.labels for part in parts])
    copies = find_copies({name: len(data.part(name)) for name in PARTS}, digests, labels, alike)
    guess = guess_groups(
        [name for part in parts for name in part.names],
        [data.classes[label] for label in labels],
        files_of(choice, [name for part in parts for name in part.names]),
        until,
    )
    return _leakage(data, copies, alike.stopped, guess, getattr(choice, "group_column", None) or "")


def _leakage(data: ImageData, copies: Copies, stopped: str, guess: Guess | None, grouped: str) -> Leakage:
    equal = {part: _rows(copies.copied(part, PARTS[:place], equal=True)) for part, place in (("val", 1), ("test", 2))}
    every = {part: _rows(copies.copied(part, PARTS[:place])) for part, place in (("val", 1), ("test", 2))}
    ordered = [*copies.across(), *copies.within()][:MOST_PAIRS]
    pairs = tuple(_pair(data, copies, int(place)) for place in ordered)
    facts = _guess_facts(guess, copies)
    leaks = any(every.values())
    repair = "duplicates" if leaks else "guess" if facts is not None and facts.divided else ""
    return Leakage(
        items=dict(copies.parts),
        near=stopped,
        equal=equal,
        alike={part: tuple(row for row in rows if row not in set(equal[part])) for part, rows in every.items()},
        within={part: copies.surplus(part) for part in PARTS},
        conflicts=copies.conflicts(),
        pairs=pairs,
        found=len(copies.pairs),
        guess=facts,
        size=max(data.takes.height, data.takes.width),
        grouped=grouped,
        repair="" if grouped else repair,
        pictures=_pictures(data, pairs[:MOST_PICTURES]),
    )


def _rows(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(int(row) for row in rows)


def _pair(data: ImageData, copies: Copies, place: int) -> CopyPair:
    first, second = (_item(data, *copies.place(int(row))) for row in copies.pairs[place])
    likeness = float(copies.likeness[place])
    return CopyPair(first, second, likeness == EQUAL, min(1.0, likeness))


def _item(data: ImageData, part: str, row: int) -> Item:
    held = data.part(part)
    return Item(part, row, str(held.names[row]), data.classes[int(held.labels[row])])


def _guess_facts(guess: Guess | None, copies: Copies) -> GuessFacts | None:
    if guess is None:
        return None
    parts = np.repeat(list(copies.parts), list(copies.parts.values()))
    seen: dict[str, set[str]] = {}
    for group, part in zip(guess.groups, parts.tolist(), strict=True):
        seen.setdefault(group, set()).add(part)
    return GuessFacts(guess.sentence(), guess.count, sum(len(where) > 1 for where in seen.values()))


def _pictures(data: ImageData, pairs: tuple[CopyPair, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for item in (item for pair in pairs for item in (pair.a, pair.b)):
        for row, png in data.pictures(item.part, [item.row], _PICTURE_BYTES).items():
            found[f"{item.part}/{row}"] = png
    return found


def write_leakage(folder: Path, leakage: Leakage) -> None:
    """Keep it in the folder of a comparison or a run."""
    pictures = {place: base64.b64encode(png).decode("ascii") for place, png in leakage.pictures.items()}
    values = {"format": FORMAT, **leakage.as_json(), "pictures": pictures}
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / FILE, json.dumps(values, indent=1).encode())


def load_leakage(folder: Path) -> Leakage | None:
    """What was kept; None where nothing was.

    Raises:
        DataProblem: ``leakage-damaged``.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        values.pop("answer")
        for name in ("equal", "alike"):
            values[name] = {part: tuple(rows) for part, rows in values[name].items()}
        values["pairs"] = tuple(
            CopyPair(Item(**pair["a"]), Item(**pair["b"]), pair["equal"], pair["likeness"]) for pair in values["pairs"]
        )
        values["guess"] = GuessFacts(**values["guess"]) if values["guess"] else None
        values["pictures"] = {place: base64.b64decode(text) for place, text in values["pictures"].items()}
        return Leakage(**values)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataProblem(
            "leakage-damaged",
            "what was found out about leakage cannot be read",
            where=f"{path}: {problem}",
            note="nothing was changed",
            help="remove the file; `neocog compare --into` makes it anew",
        ) from problem


def gave_up(leakage: Leakage) -> bool:
    """Whether look-alikes were given up for want of time, so that more time would tell."""
    return leakage.near == TOO_LONG
