"""Opening images with boxes: found, checked, mended, decoded, divided."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Int

from neocog.core.errors import DataProblem
from neocog.core.options import check, near
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.as_trained import as_trained
from neocog.data.box_choice import BoxChoice
from neocog.data.box_data import BoxData, BoxPart, empty_part
from neocog.data.box_frames import canvas_for, framed, frames_for, on_canvas
from neocog.data.box_mending import Mended, mend, rarest
from neocog.data.box_trees import read_annotations
from neocog.data.preparation import Preparation
from neocog.data.readers.annotated import Annotated
from neocog.data.readers.choice import DataChoice
from neocog.data.readers.decode import look, quiet_decoder
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.pool import pool_files
from neocog.data.readers.raw import AbstractFiles, ImageFiles
from neocog.data.readers.survey import threads
from neocog.data.sets.digit_scenes import ABOUT, Scenes, digit_scenes
from neocog.data.split import PARTS, split_rows

BOX_SETS: Mapping[str, str] = {"digit-scenes": ABOUT}
TIMES = 4  # objects need larger images than classes do: so many times the usual largest side


@dataclass(frozen=True)
class BoxPool:
    """All images of a data set on one canvas, with their mended boxes, before they are divided."""

    images: np.ndarray
    frames: np.ndarray
    edges: Sequence[np.ndarray]
    labels: Sequence[np.ndarray]
    parts: Sequence[str]
    names: Sequence[str]
    classes: tuple[str, ...]
    mended: Mended
    notes: tuple[str, ...]


def open_boxes(
    choice: BoxChoice,
    *,
    download: bool = False,
    keep: bool = True,
    largest: int = 64,
    progress: AbstractProgress = Silent(),
) -> BoxData:
    """Open images with boxes: check all of it, decode it (or take it from the cache), divide it.

    Args:
        choice: which data, read and divided how.
        download: nothing is ever fetched; the built-in set is made.
        keep: keep decoded images in the cache.
        largest: a quarter of the longer side's pixels at most, where the choice names no size.
        progress: told of reading and decoding.

    Raises:
        UsageProblem: the data do not exist, or an option is not possible.
        DataProblem: what is wrong with the data, all of it at once.
    """
    check(BoxChoice, asdict(choice), name="data")
    if choice.name in BOX_SETS:
        return from_scenes(digit_scenes(), choice.name)
    findings = Findings()
    pool = _pooled(choice, findings, None, keep=keep, largest=TIMES * largest, progress=progress)
    skipped = findings.settle(skip_bad=choice.skip_bad)
    _check_pool(pool)
    rows = split_rows(rarest(pool.labels, len(pool.classes)), pool.parts, choice.split)
    _check_parts(pool, rows)
    parts = [_part(pool, each) for each in rows]
    return BoxData(
        name=Path(choice.name).expanduser().absolute().stem,
        classes=pool.classes,
        train=parts[0],
        val=parts[1],
        test=parts[2],
        preparation=Preparation.measured(parts[0].images),
        fingerprint=_fingerprint(pool.classes, parts),
        notes=(*pool.notes, *pool.mended.notes(), _parts_note(pool, rows)),
        skipped=skipped,
        mended=pool.mended.counts(),
    )


def open_labelled_boxes(
    choice: BoxChoice, like: BoxData, *, download: bool, keep: bool, progress: AbstractProgress
) -> BoxData:
    """All images of a data set as the part "test", for a network that is trained already.

    Raises:
        DataProblem: as ``open_boxes``; ``labels-unknown-class`` for a class that the network never saw.
    """
    if choice.name in BOX_SETS:
        made = from_scenes({"test": digit_scenes()["test"]}, choice.name)
        return replace(like, name=choice.name, test=made.test)
    findings = Findings()
    wanted = replace(choice, size=max(like.preparation.height, like.preparation.width))
    pool = _pooled(wanted, findings, like, keep=keep, largest=0, progress=progress)
    skipped = findings.settle(skip_bad=choice.skip_bad)
    _check_pool(pool)
    part = _part(pool, np.arange(len(pool.names)))
    return replace(
        like,
        name=Path(choice.name).stem,
        test=replace(part, images=as_trained(part.images, like.preparation)),
        notes=(*pool.notes, *pool.mended.notes()),
        skipped=skipped,
        mended=pool.mended.counts(),
    )


def from_scenes(scenes: Mapping[str, Scenes], name: str = "digit-scenes") -> BoxData:
    """Scenes as data; a part that is missing is empty."""
    classes = tuple("0123456789")
    trained = next(iter(scenes.values()))
    preparation = Preparation.measured(trained.images)
    parts = {each: empty_part(preparation) for each in PARTS}
    for part, made in scenes.items():
        sizes = np.full((len(made.images), 2), made.images.shape[1])
        frames = frames_for(sizes, made.images.shape[1:3])
        names = [f"{part}-scene[{row}]" for row in range(len(made.images))]
        parts[part] = _packed(made.images, made.edges, made.labels, frames, names)
    fingerprint = _fingerprint(classes, list(parts.values()))
    return BoxData(name, classes, parts["train"], parts["val"], parts["test"], preparation, fingerprint)


def _pooled(
    choice: BoxChoice,
    findings: Findings,
    like: BoxData | None,
    *,
    keep: bool,
    largest: int,
    progress: AbstractProgress,
) -> BoxPool:
    found = read_annotations(choice, findings)
    try:
        return _decoded(found, choice, findings, like, keep=keep, largest=largest, progress=progress)
    finally:
        found.tree.close()


def _decoded(
    found: Annotated,
    choice: BoxChoice,
    findings: Findings,
    like: BoxData | None,
    *,
    keep: bool,
    largest: int,
    progress: AbstractProgress,
) -> BoxPool:
    rows = [str(row) for row in range(len(found.paths))]
    findings.total = len(rows)
    raw = ImageFiles(found.tree.files(found.paths), found.paths, rows, found.parts)
    options = DataChoice(name=choice.name, size=choice.size)
    pool = pool_files(raw, options, findings, keep=keep, largest=largest, progress=progress)
    kept = [int(row) for row in pool.labels]
    classes = like.classes if like is not None else class_names(found, choice)
    _check_classes(found, classes, choice, findings)
    sizes = _sizes(raw.files, kept)
    if kept:
        side, channels = pool.decoded.images.shape[1], pool.decoded.images.shape[3]
        canvas = (like.takes.height, like.takes.width) if like is not None else canvas_for(sizes, side, channels)
    else:
        canvas = (1, 1)
    frames = frames_for(sizes, canvas)
    images = pool.decoded.images
    if kept and images.shape[1:3] != canvas:
        put = np.empty((len(kept), *canvas, images.shape[3]), images.dtype)
        for row, (high, wide) in enumerate(sizes.tolist()):
            put[row] = on_canvas(images[row], (high, wide), canvas)
        images = put
    place = {name: number for number, name in enumerate(classes)}
    mended, edges, labels = Mended(), [], []
    for row, size, frame in zip(kept, sizes, frames, strict=True):
        own = np.array([number for number, name in enumerate(found.labels[row]) if name in place], np.int64)
        drawn = found.edges[row][own] * (np.array([size[1], size[0]] * 2) if found.shares else 1)
        good, which = mend(drawn, (int(size[0]), int(size[1])), found.paths[row], mended)
        edges.append(framed(good, frame))
        labels.append(np.array([place[found.labels[row][own[number]]] for number in which], np.int64))
    notes = (f"Boxes are read as {found.format}.", *found.notes, *_size_notes(pool.notes, canvas))
    return BoxPool(images, frames, edges, labels, pool.parts, pool.names, classes, mended, notes)


def class_names(found: Annotated, choice: BoxChoice) -> tuple[str, ...]:
    """Classes in their given order, or by name; those that no box has, or that are to be left out, are left out."""
    seen = {name for labels in found.labels for name in labels}
    named = found.classes if found.classes is not None else tuple(sorted(seen))
    return tuple(name for name in named if name in seen and name not in choice.ignore_class)


def _check_classes(found: Annotated, classes: Sequence[str], choice: BoxChoice, findings: Findings) -> None:
    """Every class is known, or was to be left out."""
    seen: dict[str, int] = {}
    for labels in found.labels:
        for name in labels:
            seen[name] = seen.get(name, 0) + 1
    for name in choice.ignore_class:
        if name not in seen:
            meant = near(name, seen)
            hint = f"did you mean `{meant}`?" if meant else f"known: {', '.join(seen)}"
            findings.add_problem(DataProblem("class-unknown", f"there is no class `{name}` to leave out", help=hint))
    unknown = sorted(seen.keys() - set(classes) - set(choice.ignore_class))
    if unknown:
        findings.add_problem(
            DataProblem(
                "labels-unknown-class",
                "the data have a class that the model never saw",
                where=[f"{name} ({seen[name]:,} boxes)   known: {', '.join(classes)}" for name in unknown],
                note="nothing was scored",
                help=f"pass --ignore-class {unknown[0]}",
            )
        )


def _sizes(files: AbstractFiles, rows: Sequence[int]) -> Int[np.ndarray, "n 2"]:
    """Height and width of each file as it is, upright."""

    def size(row: int) -> tuple[int, int]:
        seen = look(files.read(row))
        return seen.height, seen.width

    with quiet_decoder(), ThreadPoolExecutor(threads()) as pool:
        return np.array(list(pool.map(size, rows)), np.int64).reshape(-1, 2)


def _check_pool(pool: BoxPool) -> None:
    if not pool.names:
        raise DataProblem("data-empty", "no annotated image is left", note=UNCHANGED, help="mend the annotations")
    if not pool.classes:
        raise DataProblem("boxes-none", "there is no box in these data", note=UNCHANGED, help="annotate some objects")


def _check_parts(pool: BoxPool, rows: Sequence[np.ndarray]) -> None:
    empty = [name for name, each in zip(PARTS, rows, strict=True) if len(each) == 0]
    if empty:
        raise DataProblem(
            "data-part-empty",
            f"no image is left for {' and '.join(empty)}",
            where=[f"part: {name}" for name in empty],
            note=UNCHANGED,
            help="keep a larger fraction for it, or give more images",
        )
    trained = {int(label) for row in rows[0] for label in pool.labels[row]}
    missing = [name for number, name in enumerate(pool.classes) if number not in trained]
    if missing:
        raise DataProblem(
            "labels-not-in-train",
            "classes are left without a box to train on",
            where=missing,
            note=UNCHANGED,
            help="give more images of these classes, or leave a class out with --ignore-class NAME",
        )


def _part(pool: BoxPool, rows: np.ndarray) -> BoxPart:
    in_one = len(rows) > 0 and rows[-1] - rows[0] + 1 == len(rows)
    images = pool.images[rows[0] : rows[-1] + 1] if in_one else pool.images[rows]
    edges, labels = [pool.edges[row] for row in rows], [pool.labels[row] for row in rows]
    return _packed(images, edges, labels, pool.frames[rows], [pool.names[row] for row in rows])


def _packed(
    images: np.ndarray, edges: Sequence[np.ndarray], labels: Sequence[np.ndarray], frames: np.ndarray, names: list[str]
) -> BoxPart:
    starts = np.concatenate([[0], np.cumsum([len(each) for each in labels])]).astype(np.int64)
    flat = np.concatenate([np.zeros((0, 4)), *edges]).astype(np.float32)
    return BoxPart(images, flat, np.concatenate([np.zeros(0), *labels]).astype(np.int64), starts, frames, names)


def _fingerprint(classes: Sequence[str], parts: Sequence[BoxPart]) -> str:
    """A SHA-256 over pixels, boxes, classes and parts."""
    digest = hashlib.sha256(json.dumps(list(classes)).encode())
    for part in parts:
        digest.update(f"\n{part.images.shape} {part.images.dtype.str}\n".encode())
        for start in range(0, len(part), 256):
            digest.update(np.ascontiguousarray(part.images[start : start + 256]).data)
        for values in (part.edges.astype("<f4"), part.labels.astype("<i8"), part.starts.astype("<i8")):
            digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _size_notes(notes: Sequence[str], canvas: tuple[int, int]) -> list[str]:
    return [f"{note} The canvas is {canvas[0]}x{canvas[1]}." if "fitted into" in note else note for note in notes]


def _parts_note(pool: BoxPool, rows: Sequence[np.ndarray]) -> str:
    train, val, test = (f"{len(part):,}" for part in rows)
    made = [part for part in ("val", "test") if part not in set(pool.parts)]
    how = f" ({' and '.join(made)} taken at random)" if made else ""
    return f"Parts: {train} images to train on, {val} for choosing (val), {test} for the final score (test){how}."
