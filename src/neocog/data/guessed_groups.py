"""Guessed groups: files whose names, or whose cameras' clocks, say that they may show the same thing.

A guess is only ever told, with its evidence; it is applied where a person asks for it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from time import perf_counter

from PIL import Image as Pillow

from neocog.data.readers.decode import quiet_decoder
from neocog.data.readers.raw import part_of

SECONDS = 5  # between shots of a burst
LEAST_SHARE = 0.1  # of the files are in groups of two and more, or it is no guess
_LARGEST_SHARE = 0.5  # a group with more of a class than that is how the class is numbered
_SUBJECT = re.compile(
    r"(?i)(?<![a-z])((?:patient|subject|person|case|pat|subj|sub|pid|study|series|video|clip|sequence|seq|scene|"
    r"burst|camera|cam|session|slide|animal|plot)[-_ ]?\d+)"
)
_TIME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)"
    r"(?:[-_. T]*([0-2]\d)[-_.:h]?([0-5]\d)[-_.:m]?([0-5]\d))?(?!\d)"
)
_NUMBERED = re.compile(r"^(.*?[A-Za-z0-9].*?)[-_ .(]+\d+\)?$")
_EXIF_FOLDER, _TAKEN, _MODEL = 0x8769, 0x9003, 0x0110
Keys = list[str | None]


@dataclass(frozen=True)
class Guess:
    """Files that may belong together.

    Args:
        groups: the group of each file, in the order of the files; a file in no group is one of its own.
        evidence: what the guess rests on, in words.
        files: how many files are in groups of two and more.
        count: how many such groups there are.
        example: one of them, as a pattern.
    """

    groups: tuple[str, ...]
    evidence: str
    files: int
    count: int
    example: str

    def sentence(self) -> str:
        """The guess with its evidence."""
        return (
            f"{self.files:,} files in {self.count:,} groups such as {self.example}, guessed from {self.evidence}; "
            "whether each group shows one thing (a patient, a film, a burst) only you can know."
        )


def guess_groups(
    names: Sequence[str], labels: Sequence[str], files: Sequence[Path | None] = (), until: float | None = None
) -> Guess | None:
    """What may belong together; None where neither names nor cameras' clocks say so.

    Tried in this order, the first that groups at least a tenth of the files wins: a subject with its number
    (``patient_017``, ``video3``), folders below the class folder, a date with or without a time (shots within 5 s of
    the one before; else of one day), a name before a running number where there are several such names in a class,
    and EXIF: shots of one camera model within 5 s of the one before. Where a group holds more than half of a class of
    more than three files, the files are taken to be numbered by class, which is no group.

    Args:
        names: paths of the files, as their reader gives them.
        labels: the class of each.
        files: where each lies on the disk, for EXIF; None for those that do not.
        until: when to give EXIF up, by ``time.perf_counter``; None for never.
    """
    stems = [PurePosixPath(name.replace("\\", "/")) for name in names]
    ways: list[tuple[str, Callable[[], Keys]]] = [
        ("a subject and its number in their names", lambda: [_subject(path) for path in stems]),
        ("the folders below their class folders", lambda: _folders(stems, labels)),
        ("the dates in their names", lambda: _dated(stems)),
        ("their names, numbered one by one", lambda: _numbered(stems)),
        (f"EXIF: the same camera model within {SECONDS} s", lambda: _shots(_times(files, until))),
    ]
    for evidence, keys in ways:
        found = keys()
        if len(found) == len(names) and (guess := _guess(found, labels, evidence)):
            return guess
    return None


def exif_time(file: Path | None) -> tuple[str, datetime] | None:
    """Camera model and time of a JPEG, from its EXIF block; None where it says nothing. Nothing else of it is read."""
    if file is None or file.suffix.lower() not in (".jpg", ".jpeg", ".jpe"):
        return None
    try:
        with quiet_decoder(), Pillow.open(file, formats=("JPEG",)) as image:
            exif = image.getexif()
            taken = exif.get_ifd(_EXIF_FOLDER).get(_TAKEN)
            return str(exif.get(_MODEL, "")).strip("\0 "), datetime.strptime(str(taken)[:19], "%Y:%m:%d %H:%M:%S")
    except Exception:  # whatever is wrong with the file or its EXIF block, it tells no time
        return None


def _times(files: Sequence[Path | None], until: float | None) -> list[tuple[str, datetime] | None]:
    """The times of all files; of none where there is no time to read them."""
    read: list[tuple[str, datetime] | None] = []
    for file in files:
        if until is not None and perf_counter() > until:
            return []
        read.append(exif_time(file))
    return read


def _guess(keys: Keys, labels: Sequence[str], evidence: str) -> Guess | None:
    counts = Counter(key for key in keys if key is not None)
    several = {key: count for key, count in counts.items() if count > 1}
    files = sum(several.values())
    if len(several) < 2 or files < LEAST_SHARE * len(keys) or _is_numbering(keys, labels, several):
        return None
    groups = tuple(key if key in several else f"file {row}" for row, key in enumerate(keys))
    example = max(several, key=lambda key: (several[key], key))
    return Guess(groups, evidence, files, len(several), example)


def _is_numbering(keys: Keys, labels: Sequence[str], several: Mapping[str, int]) -> bool:
    """Whether a group is most of a class: then the names number the files of each class."""
    sizes = Counter(labels)
    held = Counter((label, key) for label, key in zip(labels, keys) if key in several)
    return any(sizes[label] > 3 and count > _LARGEST_SHARE * sizes[label] for (label, _), count in held.items())


def _subject(path: PurePosixPath) -> str | None:
    for text in (path.stem, *reversed(path.parts[:-1])):
        if match := _SUBJECT.search(text):
            return f"{match[1]}*"
    return None


def _folders(paths: Sequence[PurePosixPath], labels: Sequence[str]) -> Keys:
    """The folders between that of the class and the file."""
    keys: Keys = []
    for path, label in zip(paths, labels, strict=True):
        above = path.parts[:-1]
        inner = above[above.index(label) + 1 :] if label in above else ()
        keys.append("/".join((*_unparted(above[: len(above) - len(inner)]), *inner, "*")) if inner else None)
    return keys


def _numbered(paths: Sequence[PurePosixPath]) -> Keys:
    found = [(path, _NUMBERED.match(path.stem)) for path in paths]
    return ["/".join((*_unparted(path.parts[:-1]), f"{match[1]}_*")) if match else None for path, match in found]


def _dated(paths: Sequence[PurePosixPath]) -> Keys:
    """By the day, or by shots that follow each other within seconds where all dates come with a time."""
    found = [_TIME.search(path.stem) for path in paths]
    if not any(found):
        return [None] * len(paths)
    if all(match[4] for match in found if match):
        return _shots([_moment(path, match) if match else None for path, match in zip(paths, found, strict=True)])
    return [f"{match[1]}-{match[2]}-{match[3]}*" if match else None for match in found]


def _moment(path: PurePosixPath, match: "re.Match[str]") -> tuple[str, datetime] | None:
    try:
        return path.stem[: match.start()], datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S")
    except ValueError:
        return None


def _shots(moments: Sequence[tuple[str, datetime] | None]) -> Keys:
    """Shots of one camera of which each follows the one before within seconds."""
    keys: Keys = [None] * len(moments)
    by_camera: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row, moment in enumerate(moments):
        if moment is not None:
            by_camera[moment[0]].append((moment[1], row))
    for camera, shots in by_camera.items():
        begun = before = datetime.min
        for time, row in sorted(shots):
            if before == datetime.min or time - before > timedelta(seconds=SECONDS):
                begun = time
            before = time
            keys[row] = f"{camera + ' ' if camera else ''}{begun:%Y-%m-%d %H:%M:%S}"
    return keys


def _unparted(parts: Sequence[str]) -> tuple[str, ...]:
    """Without the folder that names a part: one thing may be in several."""
    return tuple(name for name in parts if part_of(name) is None)
