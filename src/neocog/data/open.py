"""Opening data: one argument, understood whatever it is, to a data set that is ready to train on."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.errors import DataProblem
from neocog.core.options import check
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.controls import controlled
from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import SMALLEST_STD, Preparation
from neocog.data.readers.arrays import Labelled, join
from neocog.data.readers.choice import DataChoice
from neocog.data.readers.classes import check_classes, check_ignored, class_map
from neocog.data.readers.find import find
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.pool import Pool, pool_arrays, pool_files
from neocog.data.readers.raw import ImageFiles
from neocog.data.regroup import Groups, groups_of, kept, left_out, left_out_notes
from neocog.data.sets import DATASETS
from neocog.data.split import few_of_each, split_rows

__all__ = ["DataChoice", "from_arrays", "open_images"]


def open_images(
    choice: DataChoice,
    *,
    download: bool = False,
    keep: bool = True,
    largest: int = 64,
    one_class: bool = False,
    progress: AbstractProgress = Silent(),
) -> ImageData:
    """Open data for image classification: check all of it, decode it (or take it from the cache), divide it.

    Args:
        choice: which data, read and divided how.
        download: fetch a built-in set whose files are not here.
        keep: keep decoded images in the cache; without it nothing is written to the disk.
        largest: pixels of the longer side where the choice names no size.
        one_class: let a single class do, for tasks that look at no labels.
        progress: told of reading, decoding and downloads.

    Raises:
        UsageProblem: the data do not exist, or an option is not possible.
        DataProblem: what is wrong with the data, all of it at once, before any training.
        StorageProblem: files cannot be read, or the cache cannot be written.
    """
    check(DataChoice, asdict(choice), name="data")
    findings = Findings()
    raw = find(choice, findings, download=download, keep=keep, progress=progress)
    findings.total = findings.total or len(raw.labels)
    omitted: Mapping[str, str] = {}
    folders = False
    if isinstance(raw, ImageFiles):
        omitted, folders = raw.left_out, raw.folders
        try:
            check_ignored(choice.ignore_class, raw.labels)
            pool = pool_files(raw, choice, findings, keep=keep, largest=largest, progress=progress)
        finally:
            raw.files.close()
    else:
        check_ignored(choice.ignore_class, raw.labels)
        pool = pool_arrays(raw, choice, keep=keep, largest=largest, progress=progress)
    notes = _same_name(choice.name)
    check_labels = partial(check_classes, folders=folders, one_class=one_class)
    grouped = partial(groups_of, choice=choice, keep=keep, progress=progress)
    return _divided(pool, choice, findings, omitted, notes, check_labels=check_labels, grouped=grouped)


def from_arrays(
    images: Any,
    labels: Any,
    *,
    val: tuple[Any, Any] | None = None,
    test: tuple[Any, Any] | None = None,
    metadata: Mapping[str, Sequence[Any]] | None = None,
    choice: DataChoice | None = None,
    name: str = "arrays",
    largest: int = 64,
) -> ImageData:
    """The same for arrays in memory.

    Args:
        images: n x h x w, n x h x w x c or n x c x h x w; 8 or 16 bits, or fractions from 0 to 1.
        labels: one whole number or text per image.
        val: images and labels of the validation part, if it is given.
        test: images and labels of the test part, if it is given.
        metadata: further columns for ``images``, such as groups.
        choice: size, split, group column and skipping; its name is not used.
        name: what the data are called.
        largest: pixels of the longer side where the choice names no size.

    Raises:
        UsageProblem: an option is not possible.
        DataProblem: what is wrong with the arrays, all of it at once.
    """
    chosen = choice or DataChoice()
    check(DataChoice, asdict(chosen), name="data")
    findings = Findings()
    columns = {key: [str(value) for value in column] for key, column in (metadata or {}).items()}
    _same_length(columns, len(images))
    first = "train" if val is not None or test is not None else ""
    given = [Labelled(first, np.asarray(images), np.asarray(labels), columns)]
    for part, pair in (("val", val), ("test", test)):
        if pair is not None:
            empty = {key: [""] * len(pair[0]) for key in columns}
            given.append(Labelled(part, np.asarray(pair[0]), np.asarray(pair[1]), empty))
    raw = join(given, findings, shown=name)
    check_ignored(chosen.ignore_class, raw.labels)
    pool = pool_arrays(raw, chosen, keep=False, largest=largest, progress=Silent())
    grouped = partial(groups_of, choice=chosen, keep=False, progress=Silent())
    divided = _divided(pool, chosen, findings, {}, (), check_labels=check_classes, grouped=grouped)
    return replace(divided, name=name)


def _divided(
    pool: Pool,
    choice: DataChoice,
    findings: Findings,
    omitted: Mapping[str, str],
    notes: Sequence[str],
    *,
    check_labels: Callable[..., None],
    grouped: Callable[[Pool], Groups | None],
) -> ImageData:
    """Classes, parts, preparation and fingerprint of a pool; raises what was found."""
    ordered = class_map(pool.labels, pool.parts)
    classes = tuple(c for c in pool.classes if c in set(ordered)) if pool.classes is not None else ordered
    check_labels(pool.labels, pool.parts, classes, findings)
    skipped = findings.settle(skip_bad=choice.skip_bad)
    if not pool.labels:
        raise DataProblem("data-empty", "no image is left", where=list(skipped), note=UNCHANGED, help="mend the files")
    place = {label: number for number, label in enumerate(classes)}
    labels = np.array([place[label] for label in pool.labels], np.int64)
    groups = grouped(pool)
    gone = left_out(groups.names, pool.parts, pool.names) if groups else {}
    stays = np.flatnonzero(kept(len(labels), gone))
    named = [groups.names[row] for row in stays.tolist()] if groups else None
    made = split_rows(labels[stays], [pool.parts[row] for row in stays.tolist()], choice.split, named)
    rows = (stays[made[0]], stays[made[1]], stays[made[2]])
    _check_train(labels[rows[0]], classes)
    every = len(rows[0])
    if choice.per_class is not None:
        rows = (few_of_each(rows[0], labels, choice.per_class, choice.split_seed), *rows[1:])
    _check_others(rows[1], rows[2])
    parts = [_part(pool, labels, part) for part in rows]
    opened = ImageData(
        name=_short(choice.name),
        classes=classes,
        train=parts[0],
        val=parts[1],
        test=parts[2],
        preparation=_preparation(pool, rows[0]),
        fingerprint=_fingerprint(pool, labels, rows, classes),
        notes=(
            *notes,
            *pool.notes,
            *_split_notes(pool, choice, parts, every, groups.kind if groups else ""),
            *(groups.notes if groups else ()),
            *left_out_notes(gone),
            *_skip_notes(skipped),
        ),
        skipped={**omitted, **skipped, **{pool.names[row]: why for row, why in gone.items()}},
        test_made="test" not in set(pool.parts),
    )
    return controlled(opened, permuted=choice.permuted, shuffled=choice.shuffled)


def _part(pool: Pool, labels: np.ndarray, rows: np.ndarray) -> ImagePart:
    in_one = len(rows) > 0 and rows[-1] - rows[0] + 1 == len(rows)
    images = pool.decoded.images[rows[0] : rows[-1] + 1] if in_one else pool.decoded.images[rows]
    metadata = {name: [column[row] for row in rows] for name, column in pool.metadata.items()}
    return ImagePart(images, labels[rows], [pool.names[row] for row in rows], metadata, pool.decoded.digests[rows])


def _preparation(pool: Pool, rows: np.ndarray) -> Preparation:
    """Mean and standard deviation of the train images, from sums that were kept for each image."""
    _, height, width, channels = pool.decoded.images.shape
    top = int(np.iinfo(pool.decoded.images.dtype).max)
    total, squares = pool.decoded.sums[rows].sum(0, dtype=np.float64) / (len(rows) * height * width)
    mean = total / top
    std = np.sqrt(np.maximum(squares / top**2 - mean**2, 0)).clip(min=SMALLEST_STD)
    return Preparation(channels, height, width, top, tuple(mean.tolist()), tuple(std.tolist()))


def _fingerprint(pool: Pool, labels: np.ndarray, rows: Sequence[np.ndarray], classes: Sequence[str]) -> str:
    """A SHA-256 over the SHA-256 of each image's pixels, the labels, the class names and the parts."""
    digest = hashlib.sha256(json.dumps(list(classes)).encode())
    for part in rows:
        digest.update(f"\n{len(part)}\n".encode())
        digest.update(np.ascontiguousarray(pool.decoded.digests[part]).data)
        digest.update(labels[part].astype("<i8").tobytes())
    return digest.hexdigest()


def _check_others(val: np.ndarray, test: np.ndarray) -> None:
    """Choices need a validation part, scores a test part."""
    empty = [name for name, rows in (("val", val), ("test", test)) if len(rows) == 0]
    if empty:
        raise DataProblem(
            "data-part-empty",
            f"no image is left for {' and '.join(empty)}",
            where=[f"part: {name}" for name in empty],
            note=UNCHANGED,
            help="keep a larger fraction for it, or give more images or groups",
        )


def _check_train(labels: np.ndarray, classes: Sequence[str]) -> None:
    missing = sorted(set(range(len(classes))) - set(labels.tolist()))
    if missing:
        raise DataProblem(
            "labels-not-in-train",
            "classes are left without an image to train on",
            where=[classes[number] for number in missing],
            note=UNCHANGED,
            help="keep smaller fractions for val and test, leave out such a class, or give more images or groups of it",
        )


def _split_notes(pool: Pool, choice: DataChoice, parts: Sequence[ImagePart], every: int, group: str) -> list[str]:
    train, val, test = (f"{len(part):,}" for part in parts)
    made = [part for part in ("val", "test") if part not in set(pool.parts)]
    shares = {"val": choice.val, "test": choice.test}
    notes = [f"Parts: {train} images to train on, {val} for choosing (val), {test} for the final score (test)."]
    if choice.folds is not None and choice.fold is not None:
        notes.append(
            f"Fold {choice.fold + 1} of {choice.folds}, repeat {choice.repeat + 1}, is the test part; val "
            f"({choice.val:.0%} of the other folds) was taken at random, each class in proportion "
            f"(split seed {choice.split_seed})."
        )
    elif made:
        how = " and ".join(f"{part} ({shares[part]:.0%})" for part in made)
        whole = f", never dividing a {group}" if group else ""
        verb = "were" if len(made) > 1 else "was"
        notes.append(f"{how} {verb} taken at random, each class in proportion{whole} (split seed {choice.split_seed}).")
    if len(parts[0]) < every:
        notes.append(
            f"Of {every:,} training images, {len(parts[0]):,} are used: at most {choice.per_class} of each class."
        )
    return notes


def _skip_notes(skipped: Mapping[str, str]) -> list[str]:
    counts: dict[str, int] = {}
    for reason in skipped.values():
        code = reason.split(":")[0]
        counts[code] = counts.get(code, 0) + 1
    return [f"{count:,} skipped: {code}." for code, count in sorted(counts.items())]


def _same_length(columns: Mapping[str, Sequence[str]], count: int) -> None:
    for name, column in columns.items():
        if len(column) != count:
            raise DataProblem(
                "data-column-length",
                f"the column `{name}` has {len(column):,} values for {count:,} images",
                where=name,
                help="give one value per image",
            )


def _same_name(name: str) -> list[str]:
    if name in DATASETS and Path(name).exists():
        return [f"`{name}` is the built-in set; to read the file or folder of that name, write ./{name}."]
    return []


def _short(name: str) -> str:
    if name in DATASETS:
        return name
    path = Path(name).expanduser().absolute()
    stem = path.name
    for suffix in (".gz", ".bz2", ".xz", ".tar", ".tgz", ".zip", ".csv", ".tsv", ".npz", ".npy"):
        stem = stem.removesuffix(suffix)
    return stem or str(path)
