"""What DATA is: a built-in name, a folder, an archive, a table, arrays or idx files; told by content, not by trust."""

import bz2
import gzip
import lzma
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neocog.core.errors import DataProblem, StorageProblem, UsageProblem
from neocog.core.options import near
from neocog.core.progress import AbstractProgress
from neocog.data.cache import cache_folder
from neocog.data.readers.archive import damaged, open_zip, read_tar, read_zip
from neocog.data.readers.arrays import read_npy_images, read_npz_images
from neocog.data.readers.choice import DataChoice
from neocog.data.readers.decode import SUFFIXES
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.folder import read_folder
from neocog.data.readers.idx import idx_folder, is_idx, read_idx_file, read_idx_folder
from neocog.data.readers.npy import MAGIC
from neocog.data.readers.raw import ImageArrays, ImageFiles
from neocog.data.readers.table import read_table
from neocog.data.sets import DATASETS
from neocog.data.sets.download import download as fetch

_TABLES = (".csv", ".tsv")
_PICKLES = (".pt", ".pth", ".th", ".pkl", ".pickle", ".joblib")
_SNIPPET = (
    "convert it in Python, if you trust it: data = torch.load(path, weights_only=True); "
    "numpy.savez('data.npz', images=data['images'].numpy(), labels=data['labels'].numpy())"
)


def find(
    choice: DataChoice, findings: Findings, *, download: bool, keep: bool, progress: AbstractProgress
) -> ImageFiles | ImageArrays:
    """The raw images of DATA.

    Raises:
        UsageProblem: ``data-missing`` (with a near match), ``data-not-here`` and others.
        DataProblem: what is there cannot be read.
    """
    if choice.name in DATASETS:
        return _known(choice, findings, download, keep, progress)
    path = Path(choice.name).expanduser()
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as problem:
        raise _missing(choice.name, path) from problem
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if stat.S_ISDIR(mode):
        return _folder(path, choice, findings)
    if not stat.S_ISREG(mode):
        raise _unknown(path, "it is neither a file nor a folder")
    return _file(path, choice, findings)


def _known(
    choice: DataChoice, findings: Findings, download: bool, keep: bool, progress: AbstractProgress
) -> ImageArrays:
    known = DATASETS[choice.name]
    if choice.root is not None and not Path(choice.root).expanduser().is_dir() and not download:
        raise _missing(choice.root, Path(choice.root).expanduser(), names=())
    folder = Path(choice.root).expanduser() if choice.root else cache_folder() / "sets" / known.name
    if not known.present(folder):
        if not download:
            raise known.missing(folder, named=choice.root is not None)
        if not keep and choice.root is None:
            raise UsageProblem(
                "download-nowhere",
                f"{known.name} cannot be downloaded without a place to keep it",
                help="pass a folder with --root FOLDER, or leave --no-cache out",
            )
        fetch(known.remotes, folder, progress)
    return known.read(folder, findings)


def _folder(path: Path, choice: DataChoice, findings: Findings) -> ImageFiles | ImageArrays:
    if idx_folder(path):
        return read_idx_folder(path, findings)
    try:
        return read_folder(path, findings)
    except DataProblem as problem:
        tables = [p for suffix in _TABLES for p in sorted(path.glob(f"*{suffix}"))]
        if problem.code != "data-no-classes" or len(tables) != 1:
            raise
        return _table(tables[0], choice, findings)


def _file(path: Path, choice: DataChoice, findings: Findings) -> ImageFiles | ImageArrays:
    try:
        with open(path, "rb") as file:
            head = file.read(512)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if not head:
        raise DataProblem("data-empty", f"{path.name} has 0 bytes", where=str(path), note=UNCHANGED, help="replace it")
    suffix = path.suffix.lower()
    if suffix in _PICKLES or (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")):
        raise _pickle(path)
    if head.startswith(b"PK"):
        return _zip(path, findings)
    if head.startswith(MAGIC):
        return read_npy_images(path, findings)
    if is_idx(head):
        return read_idx_file(path, findings)
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        return read_idx_file(path, findings) if is_idx(_inner(path)) else read_tar(path, findings)
    if suffix in _TABLES:
        return _table(path, choice, findings)
    if head[257:262] == b"ustar" or suffix == ".tar":
        return read_tar(path, findings)
    if suffix in (".zip", ".npz"):
        raise damaged(path, "it does not begin as a zip file does")
    if suffix == ".npy":
        return read_npy_images(path, findings)
    if suffix in SUFFIXES:
        raise UsageProblem(
            "data-single-image",
            f"{path.name} is a single image",
            where=str(path),
            help="give the folder that holds one folder of images per class",
        )
    raise _unknown(path, f"it begins with the bytes {head[:8].hex(' ')}")


def _zip(path: Path, findings: Findings) -> ImageFiles | ImageArrays:
    archive = open_zip(path)
    names = archive.namelist()
    arrays = path.suffix.lower() == ".npz" or any(name.endswith(".npy") and "/" not in name for name in names)
    pickled = any(name.rsplit("/", 1)[-1] == "data.pkl" for name in names)
    if not arrays and not pickled:
        return read_zip(path, archive, findings)
    archive.close()
    if pickled:
        raise _pickle(path)
    return read_npz_images(path, findings)


def _table(path: Path, choice: DataChoice, findings: Findings) -> ImageFiles:
    root = Path(choice.root).expanduser() if choice.root else None
    if root is not None and not root.is_dir():
        raise _missing(choice.root or "", root, names=())
    return read_table(path, findings, root=root, path_column=choice.path_column, label_column=choice.label_column)


def _inner(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            magic = file.read(2)
        openers: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
        with openers.get(magic, lzma.open)(path, "rb") as inner:
            return bytes(inner.read(4))
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return b""


def _missing(name: str, path: Path, names: tuple[str, ...] | None = None) -> UsageProblem:
    names = tuple(DATASETS) if names is None else names
    known = near(name, names) if os.sep not in name else None
    try:
        beside = near(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    except (OSError, ValueError):
        beside = None
    meant = known or (str(path.parent / beside) if beside else None)
    return UsageProblem(
        "data-missing",
        f"there is no {name}",
        where=str(path),
        note=f"built-in names: {', '.join(names)}" if names else "",
        help=f"did you mean `{meant}`?" if meant else "give a folder of class folders, an archive, a table or arrays",
    )


def _unreadable(path: Path, problem: OSError) -> StorageProblem:
    what = f"{path.name} cannot be read: {problem.strerror}"
    return StorageProblem("data-file-unreadable", what, where=str(path), help="mend its permissions")


def _pickle(path: Path) -> DataProblem:
    return DataProblem(
        "data-pickle-refused",
        f"{path.name} is a pickle; reading it would run whatever code it holds",
        where=str(path),
        note="it was not opened; there is no way to force it",
        help=_SNIPPET,
    )


def _unknown(path: Path, why: str) -> DataProblem:
    return DataProblem(
        "data-format-unknown",
        f"{path.name} is not data that can be read here: {why}",
        where=str(path),
        note=UNCHANGED,
        help="give a folder of class folders, a .zip or .tar of one, a CSV, .npz, .npy or idx files",
    )
