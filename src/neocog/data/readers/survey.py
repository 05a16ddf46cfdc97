"""Survey: the first pass over image files (what are they?), and the second, which decodes them in threads."""

import hashlib
import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from neocog.core.errors import DataProblem
from neocog.core.progress import AbstractProgress
from neocog.data.cache import AbstractSink, tally_one
from neocog.data.readers.decode import Seen, decode, look, quiet_decoder
from neocog.data.readers.findings import UNCHANGED, BadImage
from neocog.data.readers.raw import AbstractFiles

CHUNK = 512
_AT_ONCE = 8
HELD_BYTES = 512 * 2**20  # encoded files kept in memory between the two passes
KIND_NAMES = {1: "grey", 3: "RGB", 4: "RGBA"}
_NO_DIGEST = bytes(32)

Bad = tuple[str, str]
Tallied = tuple[np.ndarray, np.ndarray, np.ndarray]
T = TypeVar("T")


@dataclass(frozen=True)
class Survey:
    """What a set of image files is: its content (a SHA-256), the median longer side, the richest kind, the bad ones."""

    content: str
    longer: int
    channels: int
    deep: bool
    converted: Mapping[str, int]
    kinds: Mapping[str, int]
    bad: Mapping[int, Bad]

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {**vars(self), "bad": {str(row): list(bad) for row, bad in self.bad.items()}}

    @staticmethod
    def from_dict(values: Mapping[str, object]) -> "Survey":
        """The inverse of ``as_dict``."""
        bad = values["bad"]
        if not isinstance(bad, dict):
            raise TypeError("bad")
        return Survey(**{**values, "bad": {int(row): (str(b[0]), str(b[1])) for row, b in bad.items()}})  # type: ignore[arg-type]


@dataclass
class Held:
    """What the first pass leaves for the second: bytes and headers, as far as they fit."""

    data: dict[int, bytes] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    held: int = 0

    def keep(self, row: int, data: bytes) -> None:
        """Keep the bytes of a row while there is room."""
        if self.held + len(data) <= HELD_BYTES:
            self.data[row] = data
            self.held += len(data)


def threads() -> int:
    """How many threads decode: the processors that this process may use, at most 16."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(16, available)


def survey(files: AbstractFiles, count: int, *, first_frame: bool, progress: AbstractProgress) -> tuple[Survey, Held]:
    """Read every file once: hash it and look at its header. Bad files are noted by row, never raised."""
    held, bad, whole = Held(), dict[int, Bad](), hashlib.sha256()
    progress.start("Reading images", count, "images")
    with quiet_decoder(), ThreadPoolExecutor(threads()) as pool:
        for rows in chunks(count, CHUNK):
            for row, (data, digest, why) in zip(rows, _spread(pool, lambda row: _read(files, row), rows)):
                whole.update(digest)
                try:
                    if why is not None:
                        raise why
                    held.seen[row] = look(data, first_frame=first_frame)
                    held.keep(row, data)
                except BadImage as problem:
                    bad[row] = (problem.code, problem.detail)
            progress.advance(rows[-1] + 1)
    progress.end()
    return _summary(whole.hexdigest(), held.seen, bad), held


def decode_all(
    files: AbstractFiles,
    count: int,
    found: Survey,
    held: Held,
    sink: AbstractSink,
    *,
    first_frame: bool,
    progress: AbstractProgress,
) -> None:
    """Decode every good file into the sink, in the order of rows; further bad ones are told to the sink.

    Raises:
        DataProblem: files changed between the two passes.
    """
    whole = hashlib.sha256()

    def decoded(row: int) -> tuple[Tallied | None, bytes, Bad | None]:
        data, digest, why = (held.data[row], b"", None) if row in held.data else _read(files, row)
        try:
            if why is not None:
                raise why
            seen = held.seen.get(row) or look(data, first_frame=first_frame)
            pixels = decode(data, seen, sink.size, sink.channels, deep=sink.deep)
            return (pixels, *tally_one(pixels)), digest or hashlib.sha256(data).digest(), None
        except BadImage as problem:
            return None, digest or hashlib.sha256(data).digest(), (problem.code, problem.detail)

    progress.start("Decoding images", count, "images")
    with quiet_decoder(), ThreadPoolExecutor(threads()) as pool:
        for rows in chunks(count, max(16, min(CHUNK, 2**26 // sink.bytes_per_image))):
            for row, (tallied, digest, why_not) in zip(rows, _spread(pool, decoded, rows)):
                whole.update(digest)
                if tallied is None or row in found.bad:
                    sink.refuse(row, found.bad.get(row) or why_not or ("data-image-damaged", ""))
                else:
                    sink.append(*tallied)
                held.data.pop(row, None)
            progress.advance(rows[-1] + 1)
    progress.end()
    if whole.hexdigest() != found.content:
        raise DataProblem(
            "data-changed", "files changed while they were read", note=UNCHANGED, help="run the same command again"
        )


def chunks(count: int, step: int) -> Iterator[range]:
    """The rows up to ``count``, some at a time."""
    return (range(start, min(count, start + step)) for start in range(0, count, step))


def _spread(pool: ThreadPoolExecutor, work: Callable[[int], T], rows: range) -> Iterator[T]:
    """The results in the order of rows; threads take several rows at once, for handing over costs as much as a row."""
    blocks = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
    for results in pool.map(lambda block: [work(row) for row in block], blocks):
        yield from results


def _read(files: AbstractFiles, row: int) -> tuple[bytes, bytes, BadImage | None]:
    try:
        data = files.read(row)
    except BadImage as problem:
        return b"", _NO_DIGEST, problem
    return data, hashlib.sha256(data).digest(), None


def _summary(content: str, seen: Mapping[int, Seen], bad: Mapping[int, Bad]) -> Survey:
    good = list(seen.values())
    kinds: dict[str, int] = {}
    converted: dict[str, int] = {}
    for each in good:
        kind = KIND_NAMES[each.channels] + (" 16-bit" if each.deep else "")
        kinds[kind] = kinds.get(kind, 0) + 1
        if each.converted:
            converted[each.converted] = converted.get(each.converted, 0) + 1
    return Survey(
        content,
        int(statistics.median_high(max(each.height, each.width) for each in good)) if good else 0,
        max((each.channels for each in good), default=0),
        any(each.deep for each in good),
        converted,
        kinds,
        bad,
    )
