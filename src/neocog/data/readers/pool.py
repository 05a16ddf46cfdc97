"""Pool: all images of a data set, decoded and of one size, before they are divided into parts."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from neocog.core.progress import AbstractProgress
from neocog.data.cache import (
    AbstractSink,
    CacheSink,
    Decoded,
    MemorySink,
    cache_folder,
    find,
    key_of,
    recall,
    remember,
    tally,
    tally_one,
)
from neocog.data.preparation import fit_to
from neocog.data.readers.choice import DataChoice
from neocog.data.readers.findings import Findings
from neocog.data.readers.jpeg import decoder
from neocog.data.readers.raw import ChosenFiles, ImageArrays, ImageFiles
from neocog.data.readers.survey import KIND_NAMES, Held, Survey, chunks, decode_all, survey, threads

_CHUNK = 1000


@dataclass(frozen=True)
class Pool:
    """Decoded images with what belongs to each; ``classes`` where their order is given."""

    decoded: Decoded
    labels: Sequence[str]
    parts: Sequence[str]
    names: Sequence[str]
    metadata: Mapping[str, Sequence[str]]
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]


def pool_files(
    raw: ImageFiles, choice: DataChoice, findings: Findings, *, keep: bool, largest: int, progress: AbstractProgress
) -> Pool:
    """Decode files, or take them from the cache. Bad ones are told to the findings and have no row."""
    rows = [row for row, label in enumerate(raw.labels) if label not in choice.ignore_class]
    files = raw.files if len(rows) == len(raw.labels) else ChosenFiles(raw.files, rows)
    stamp, newest = files.stamp()
    stamp = key_of(stamp, "first frame" if choice.first_frame else "one frame", decoder())
    found, held = _recalled(stamp) if keep else None, Held()
    if found is None:
        found, held = survey(files, len(rows), first_frame=choice.first_frame, progress=progress)
        if keep:
            remember(stamp, newest, found.as_dict())
    if not found.kinds:
        for row, why in found.bad.items():
            findings.add(why[0], raw.names[rows[row]], why[1])
        return Pool(_nothing(), (), (), (), {}, None, raw.notes)
    size = choice.size or min(found.longer, largest)
    key = key_of(found.content, size, found.channels, found.deep, choice.first_frame, decoder())
    decoded = find(key) if keep else None
    if decoded is None:
        sink = _sink(key, choice, size, found.channels, found.deep, len(rows) - len(found.bad), keep)
        try:
            decode_all(files, len(rows), found, held, sink, first_frame=choice.first_frame, progress=progress)
            decoded = sink.finish()
        finally:
            sink.abort()
    for row, why in sorted(decoded.bad.items()):
        findings.add(why[0], raw.names[rows[row]], why[1])
    good = [rows[row] for row in range(len(rows)) if row not in decoded.bad]
    notes = [*raw.notes, *_kind_notes(found), size_note(choice.size, found.longer, size, largest)]
    return Pool(
        decoded,
        [raw.labels[row] for row in good],
        [raw.parts[row] for row in good],
        [raw.names[row] for row in good],
        {name: [column[row] for row in good] for name, column in raw.metadata.items()},
        None,
        tuple(notes + ([cache_note(decoded)] if keep else [])),
    )


def pool_arrays(raw: ImageArrays, choice: DataChoice, *, keep: bool, largest: int, progress: AbstractProgress) -> Pool:
    """Bring arrays to one size; those that have it already stay as they are (memory-mapped ones too)."""
    rows = [row for row, label in enumerate(raw.labels) if label not in choice.ignore_class]
    images = raw.images if len(rows) == len(raw.labels) else raw.images[rows]
    height, width = images.shape[1:3]
    longer = max(height, width)
    size = choice.size or min(longer, largest)
    notes = list(raw.notes)
    if (height, width) == (size, size):
        decoded = _tallied(images)
        notes.append(f"Images have {size}x{size} pixels and are used as they are.")
    else:
        decoded = _fitted(images, choice, size, keep, progress)
        notes += [size_note(choice.size, longer, size, largest), *([cache_note(decoded)] if keep else [])]
    return Pool(
        decoded,
        [raw.labels[row] for row in rows],
        [raw.parts[row] for row in rows],
        [raw.names[row] for row in rows],
        {name: [column[row] for row in rows] for name, column in raw.metadata.items()},
        raw.classes,
        tuple(notes),
    )


def size_note(wanted: int | None, longer: int, size: int, largest: int) -> str:
    """How the size came about, in a sentence."""
    how = "proportions are kept, the rest is padded with zeros"
    if wanted is not None:
        return f"Images are fitted into {size}x{size} pixels, as asked for; {how}."
    if longer > largest:
        why = f"their median longer side is {longer}; at most {largest} unless --size says otherwise"
        return f"Images are fitted into {size}x{size} pixels ({why}); {how}."
    return f"Images are read at {size}x{size} pixels, their median longer side; {how}."


def cache_note(decoded: Decoded) -> str:
    """Where the decoded images are kept."""
    megabytes = decoded.images.nbytes / 1e6
    return (
        f"Decoded images ({megabytes:,.1f} MB) are kept in {cache_folder()}; "
        "`neocog cache` shows and clears them, --no-cache keeps nothing on disk."
    )


def _recalled(stamp: str) -> Survey | None:
    values = recall(stamp)
    if values is None:
        return None
    try:
        return Survey.from_dict(values)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return None


def _sink(key: str, choice: DataChoice, size: int, channels: int, deep: bool, count: int, keep: bool) -> AbstractSink:
    if keep:
        return CacheSink(key, choice.name, size, channels, deep)
    return MemorySink(size, channels, deep, count)


def _nothing() -> Decoded:
    empty = np.empty((0, 1, 1, 1), np.uint8)
    return Decoded(empty, np.empty((0, 32), np.uint8), np.empty((0, 2, 1), np.int64), {})


def _tallied(images: np.ndarray) -> Decoded:
    if not len(images):
        return _nothing()
    tallies = [tally(images[rows.start : rows.stop]) for rows in chunks(len(images), _CHUNK)]
    return Decoded(images, np.concatenate([t[0] for t in tallies]), np.concatenate([t[1] for t in tallies]), {})


def _fitted(images: np.ndarray, choice: DataChoice, size: int, keep: bool, progress: AbstractProgress) -> Decoded:
    whole = hashlib.sha256(f"{images.dtype.str} {images.shape}".encode())
    for rows in chunks(len(images), _CHUNK):
        whole.update(np.ascontiguousarray(images[rows.start : rows.stop]).data)
    key = key_of(whole.hexdigest(), size, decoder())
    found = find(key) if keep else None
    if found is not None:
        return found
    sink = _sink(key, choice, size, images.shape[3], images.dtype == np.uint16, len(images), keep)
    progress.start("Fitting images", len(images), "images")
    try:
        with ThreadPoolExecutor(threads()) as pool:
            for rows in chunks(len(images), max(16, min(_CHUNK, 2**26 // sink.bytes_per_image))):
                for fitted in pool.map(lambda image: fit_to(image, size), images[rows.start : rows.stop]):
                    sink.append(fitted, *tally_one(fitted))
                progress.advance(rows[-1] + 1)
        return sink.finish()
    finally:
        progress.end()
        sink.abort()


def _kind_notes(found: Survey) -> list[str]:
    notes = []
    if len(found.kinds) > 1:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.kinds.items()))
        target = KIND_NAMES[found.channels] + (" with 16 bits" if found.deep else "")
        notes.append(f"The images are of several kinds ({kinds}); all are read as {target}.")
    notes += [f"{count:,} images were converted: {how}." for how, count in sorted(found.converted.items())]
    return notes
