"""Labelled arrays: .npz and .npy files, and arrays from Python, brought to n x h x w x c with text labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.errors import DataProblem
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.npy import StoredArray, read_npy, read_npz
from neocog.data.readers.raw import TEST, TRAIN, VAL, ImageArrays

_IMAGES = ("images", "image", "x", "data", "imgs", "arr_0")
_LABELS = ("labels", "label", "y", "targets", "target", "arr_1")
_CLASSES = ("classes", "class_names", "label_names")
_PARTS = {"train": TRAIN, "val": VAL, "test": TEST}
_CHANNELS = (1, 2, 3, 4)
_CHUNK = 1000


@dataclass(frozen=True)
class Labelled:
    """The images and labels of one part."""

    part: str
    images: np.ndarray
    labels: np.ndarray
    metadata: Mapping[str, Sequence[str]]


def read_npz_images(path: Path, findings: Findings) -> ImageArrays:
    """The images of a .npz: images and labels, or those of train, val and test.

    Names that are known: x, X, images with y, labels; x_train, train_images with y_train, train_labels, and so on.
    """
    stored = read_npz(path)
    by_name = {name.lower(): name for name in stored}
    parts = [(part, pair) for part, words in _PARTS.items() if (pair := _pair(by_name, words))]
    whole = _pair(by_name, None)
    if not parts and whole is None:
        raise DataProblem(
            "data-array-names",
            f"{path.name} has no arrays that are known to be images and labels",
            where=[f"{name}: {array.shape} {array.dtype}" for name, array in stored.items()] or str(path),
            note="names that are known: images and labels, x and y, x_train and y_train, train_images and train_labels",
            help="save it again, for instance np.savez(path, images=images, labels=labels)",
        )
    used = [("", whole)] if whole and not parts else parts
    named = next((by_name[name] for name in _CLASSES if name in by_name), None)
    classes = tuple(str(name) for name in stored[named].read().ravel()) if named else None
    labelled = []
    for part, pair in used:
        assert pair is not None
        images, labels = stored[pair[0]].read(), stored[pair[1]].read()
        extra = _metadata(stored, len(images), {*pair, named}) if not part else {}
        labelled.append(Labelled(part, images, labels, extra))
    return join(labelled, findings, classes=classes, shown=path.name)


def read_npy_images(path: Path, findings: Findings) -> ImageArrays:
    """The images of a .npy, with the labels beside it in NAME_labels.npy."""
    siblings = [path.with_name(f"{path.stem}_labels.npy")]
    if path.stem.lower() in ("x", "images"):
        siblings += [path.with_name("labels.npy"), path.with_name("y.npy")]
    found = next((sibling for sibling in siblings if sibling.is_file()), None)
    if found is None:
        raise DataProblem(
            "labels-file-missing",
            f"{path.name} holds images, but their labels were not found",
            where=[f"looked for {sibling}" for sibling in siblings],
            help=f"save the labels as {siblings[0].name} beside it, or both into one .npz as images and labels",
        )
    return join([Labelled("", read_npy(path), read_npy(found), {})], findings, shown=path.name)


def join(
    labelled: Sequence[Labelled], findings: Findings, *, classes: tuple[str, ...] | None = None, shown: str
) -> ImageArrays:
    """One set from the images and labels of its parts: shapes and values checked and brought to one form.

    Raises:
        DataProblem: shapes, dtypes or value ranges that have no one meaning (``data-array-...``, ``labels-...``).
    """
    notes: list[str] = []
    blocks, names, labels, parts = [], list[str](), list[str](), list[str]()
    metadata: dict[str, list[str]] = {}
    findings.total = sum(len(each.labels) for each in labelled)
    forms = [_form(each.images, f"{shown} {each.part}".strip()) for each in labelled]
    notes += dict.fromkeys(note for _, note in forms if note)
    for each, (images, _) in zip(labelled, forms):
        where = f"{each.part or shown}"
        if len(each.labels) != len(images):
            raise DataProblem(
                "labels-count",
                f"{shown} has {len(images):,} images, but {len(each.labels):,} labels",
                where=where,
                note=UNCHANGED,
                help="give one label per image",
            )
        texts, good = _texts(each.labels, where, classes, findings, notes)
        good &= _finite(images, where, findings)
        rows: list[int] = np.flatnonzero(good).tolist()
        blocks.append(images if len(rows) == len(images) else images[rows])
        names += [f"{where}[{row}]" for row in rows]
        labels += [texts[row] for row in rows]
        parts += [each.part] * len(rows)
        for key, column in each.metadata.items():
            metadata[key] = [column[row] for row in rows]
    _same_shape(blocks, shown)
    images = _values(blocks, shown, notes)
    return ImageArrays(images, names, labels, parts, classes, metadata, tuple(notes))


def _pair(by_name: Mapping[str, str], words: Sequence[str] | None) -> tuple[str, str] | None:
    found = []
    for kinds in (_IMAGES, _LABELS):
        if words is None:
            candidates = list(kinds)
        else:
            candidates = [form for kind in kinds for word in words for form in (f"{kind}_{word}", f"{word}_{kind}")]
        match = next((by_name[name] for name in candidates if name in by_name), None)
        if match is None:
            return None
        found.append(match)
    return found[0], found[1]


def _metadata(stored: Mapping[str, StoredArray], count: int, used: set[str | None]) -> dict[str, list[str]]:
    columns = [name for name, array in stored.items() if name not in used and array.shape == (count,)]
    return {name: [str(value) for value in stored[name].read()] for name in columns}


def _form(images: np.ndarray, shown: str) -> tuple[np.ndarray, str]:
    """The images as n h w c, and a note where their axes were turned."""
    shape = images.shape
    if images.ndim == 3 and min(shape) > 0:
        return images[:, :, :, None], ""
    if images.ndim == 4 and min(shape) > 0:
        last, first = shape[3], shape[1]
        if last in _CHANNELS:
            return images, ""
        if first in _CHANNELS or (first < shape[2] and first < last):
            return images.transpose(0, 2, 3, 1), f"Images of shape {shape[1:]} were read as channels x height x width."
        if last < first and last < shape[2]:
            return images, ""
    if images.ndim >= 1 and len(images) == 0:
        raise DataProblem("data-empty", f"{shown} holds no image", where=str(shape), help="give at least 6 images")
    raise DataProblem(
        "data-array-shape",
        f"{shown} has shape {shape}, which is not one of images",
        where=str(shape),
        note="expected: n x height x width, n x height x width x channels, or n x channels x height x width",
        help="reshape flat rows first, for instance images.reshape(-1, 28, 28)",
    )


def _same_shape(blocks: Sequence[np.ndarray], shown: str) -> None:
    shapes = {block.shape[1:] for block in blocks}
    if len(shapes) > 1:
        raise DataProblem(
            "data-array-shape",
            f"the parts of {shown} have images of different shapes",
            where=sorted(map(str, shapes)),
            note=UNCHANGED,
            help="bring them to one height, width and number of channels",
        )


def _finite(images: np.ndarray, where: str, findings: Findings) -> np.ndarray:
    good = np.ones(len(images), bool)
    if images.dtype.kind == "f":
        for start in range(0, len(images), _CHUNK):
            chunk = images[start : start + _CHUNK]
            good[start : start + _CHUNK] = np.isfinite(chunk).all((1, 2, 3))
        for row in np.flatnonzero(~good):
            findings.add("data-array-not-finite", f"{where}[{row}]")
    return good


def _values(blocks: Sequence[np.ndarray], shown: str, notes: list[str]) -> np.ndarray:
    """Pixels as uint8 or uint16, whatever they came as."""
    kinds = {block.dtype for block in blocks}
    if kinds <= {np.dtype(np.uint8)} or kinds <= {np.dtype("<u2")}:
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    full = [block for block in blocks if len(block)]
    low, high = (min(float(b.min()) for b in full), max(float(b.max()) for b in full)) if full else (0.0, 0.0)
    kind = " and ".join(sorted(map(str, kinds)))
    integral = all(block.dtype.kind in "biu" for block in blocks)
    if kinds == {np.dtype(bool)}:
        scale, dtype = 255.0, "u1"
    elif low < 0 or high > (65535 if integral else 255):
        raise DataProblem(
            "data-array-range",
            f"{shown} holds {kind} values from {low:g} to {high:g}, whose meaning is not known",
            where=shown,
            note="expected: 0 to 255 (8 bits), 0 to 65535 (whole numbers, 16 bits), or fractions from 0 to 1",
            help="bring them to 0..1, for instance (images - images.min()) / (images.max() - images.min())",
        )
    elif integral:
        scale, dtype = 1.0, "u1" if high <= 255 else "<u2"
    else:
        unit = 255.0 if high <= 1 else 1.0
        scale, dtype = (unit, "u1") if all(_whole(block, unit) for block in full) else (unit * 257, "<u2")
    bits = 8 if dtype == "u1" else 16
    notes.append(f"Values of {kind} from {low:g} to {high:g} are kept as whole numbers of {bits} bits.")
    return _scaled(blocks, scale, dtype)


def _whole(block: np.ndarray, scale: float) -> bool:
    """Whether 8 bits hold the values: all lie on the 256 levels."""
    chunks = (block[start : start + _CHUNK].astype(np.float64) * scale for start in range(0, len(block), _CHUNK))
    return all(np.abs(chunk - np.rint(chunk)).max() < 1e-3 for chunk in chunks)


def _scaled(blocks: Sequence[np.ndarray], scale: float, dtype: str) -> np.ndarray:
    whole = np.empty((sum(map(len, blocks)), *blocks[0].shape[1:]), dtype)
    place = 0
    for block in blocks:
        for start in range(0, len(block), _CHUNK):
            chunk = block[start : start + _CHUNK]
            whole[place : place + len(chunk)] = np.rint(chunk.astype(np.float64) * scale)
            place += len(chunk)
    return whole


def _texts(
    labels: np.ndarray, where: str, classes: Sequence[str] | None, findings: Findings, notes: list[str]
) -> tuple[list[str], np.ndarray]:
    """Labels as class names, and which of them are good."""
    labels = _flat(labels, where, notes)
    good = np.ones(len(labels), bool)
    if labels.dtype.kind in "UOS":
        texts = [_text(value) for value in labels.tolist()]
        missing = np.array([text.lower() in ("", "nan") for text in texts], bool)
        return texts, _refused("labels-missing", missing, good, where, texts, findings)
    if labels.dtype.kind == "f":
        missing = ~np.isfinite(labels)
        good = _refused("labels-missing", missing, good, where, labels, findings)
        broken = good & (labels != np.where(good, np.rint(np.where(good, labels, 0)), 0))
        good = _refused("labels-out-of-range", broken, good, where, labels, findings)
    numbers: list[Any] = np.where(good, labels, 0).astype(np.int64).tolist()
    beyond = np.array([n < 0 or (classes is not None and n >= len(classes)) for n in numbers], bool) & good
    good = _refused("labels-out-of-range", beyond, good, where, labels, findings)
    return [str(n) if classes is None or not 0 <= n < len(classes) else classes[n] for n in numbers], good


def _flat(labels: np.ndarray, where: str, notes: list[str]) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        return labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf" and labels.shape[1] > 1:
        one_hot = ((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all()
        if one_hot:
            note = "Labels were given one-hot; each is the column that holds the 1."
            notes += [note] if note not in notes else []
            return labels.argmax(1)
    if labels.ndim != 1 or labels.dtype.kind not in "biufUOS":
        raise DataProblem(
            "labels-shape",
            f"labels of shape {labels.shape} and {labels.dtype} values are not one class per image",
            where=where,
            note=UNCHANGED,
            help="give one whole number or one text per image",
        )
    return labels


def _text(value: object) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def _refused(
    code: str, bad: np.ndarray, good: np.ndarray, where: str, shown: Sequence[Any] | np.ndarray, findings: Findings
) -> np.ndarray:
    for row in np.flatnonzero(bad).tolist():
        findings.add(code, f"{where}[{row}]", f"label {shown[row]}")
    return good & ~bad
