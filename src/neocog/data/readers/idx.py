"""IDX files, the format of MNIST: plain or gzipped, one for images and one for labels."""

import gzip
import zlib
from io import BufferedIOBase
from math import prod
from pathlib import Path

import numpy as np

from neocog.core.errors import DataProblem
from neocog.data.readers.arrays import Labelled, join
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.raw import ImageArrays

_KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_IMAGE_FORMS = ("{}-images-idx3-ubyte", "{}-images.idx3-ubyte")
_PREFIXES = {"train": ("train",), "val": ("val", "valid", "validation"), "test": ("t10k", "test")}
MOST_BYTES = 16 * 2**30
_DEFLATE_RATIO = 1033


def is_idx(head: bytes) -> bool:
    """Whether the first bytes are those of an IDX file."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _KINDS and 1 <= head[3] <= 4


def read_idx(path: Path) -> np.ndarray:
    """The array of an IDX file (plain or .gz); its size is checked before anything is allocated.

    Raises:
        DataProblem: ``data-idx-damaged``.

    Source: the format as described by LeCun, Cortes and Burges with the MNIST files.
    """
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            size = path.stat().st_size
            if not packed:
                return _array(raw, path, size)
            with gzip.GzipFile(fileobj=raw) as file:
                return _array(file, path, _DEFLATE_RATIO * size)
    except (EOFError, zlib.error, OSError, ValueError) as problem:
        if isinstance(problem, DataProblem):
            raise
        raise _damaged(path, str(problem)) from problem


def idx_folder(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Images and labels files of train, val and test in a folder, as far as they are there."""
    found = {}
    for part, prefixes in _PREFIXES.items():
        for prefix in prefixes:
            for form in _IMAGE_FORMS:
                for ending in ("", ".gz"):
                    images = folder / (form.format(prefix) + ending)
                    labels = labels_beside(images)
                    if part not in found and images.is_file() and labels is not None:
                        found[part] = (images, labels)
    return found


def labels_beside(images: Path) -> Path | None:
    """The labels file that goes with an images file, plain or gzipped."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    if name == images.name.removesuffix(".gz"):
        return None
    return next((p for p in (images.with_name(name), images.with_name(name + ".gz")) if p.is_file()), None)


def read_idx_file(path: Path, findings: Findings) -> ImageArrays:
    """The images of one IDX file, with the labels file beside it."""
    labels = labels_beside(path)
    if labels is None:
        raise DataProblem(
            "labels-file-missing",
            f"{path.name} holds images, but the file with their labels was not found",
            where=str(path.parent),
            help="put it beside, named alike with `images` and `idx3` replaced by `labels` and `idx1`",
        )
    return join([Labelled("", read_idx(path), read_idx(labels), {})], findings, shown=path.name)


def read_idx_folder(folder: Path, findings: Findings, *, classes: tuple[str, ...] | None = None) -> ImageArrays:
    """The images of the IDX files in a folder; files named train, val and t10k or test give the parts."""
    files = idx_folder(folder)
    parts = [Labelled(part, read_idx(images), read_idx(labels), {}) for part, (images, labels) in files.items()]
    return join(parts, findings, classes=classes, shown=folder.name or str(folder))


def _array(file: BufferedIOBase, path: Path, most: int) -> np.ndarray:
    head = file.read(4)
    if not is_idx(head):
        raise _damaged(path, f"it begins with {head.hex(' ')}, which is not an IDX file")
    dtype = np.dtype(_KINDS[head[2]])
    sides = file.read(4 * head[3])
    if len(sides) < 4 * head[3]:
        raise _damaged(path, "it ends within its header")
    shape = tuple(int.from_bytes(sides[i : i + 4], "big") for i in range(0, len(sides), 4))
    wanted = prod(shape) * dtype.itemsize
    if wanted > min(most, MOST_BYTES):
        raise _damaged(path, f"it declares {shape}, {wanted:,} bytes, which it cannot hold")
    data = file.read(wanted)
    if len(data) < wanted:
        raise _damaged(path, f"it declares {shape}, {wanted:,} bytes, but ends after {len(data):,}")
    if file.read(1):
        raise _damaged(path, f"it declares {shape}, {wanted:,} bytes, but goes on after them")
    return np.frombuffer(data, dtype).reshape(shape)


def _damaged(path: Path, why: str) -> DataProblem:
    return DataProblem(
        "data-idx-damaged",
        f"{path.name} cannot be read: {why}",
        where=str(path),
        note=UNCHANGED,
        help="copy or download it again; it may have been cut off",
    )
