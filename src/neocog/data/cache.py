"""The cache: images decoded once, kept as one memory-mapped array per content, size and decoder.

A folder per entry: ``images.npy`` (n h w c), ``digests.npy`` (SHA-256 of each image), ``sums.npy`` (per image and
channel: sum and sum of squares) and ``entry.json``, which is written last. An entry comes into being by one rename.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import Int64, Shaped, UInt8
from PIL import Image as Pillow

from neocog.core.durable import sync_folder, write_durably
from neocog.core.errors import StorageProblem

FORMAT = 1
_HEADER = 128  # bytes before the data of a .npy file of ours
_LEFT_OVER = 24 * 3600.0  # seconds after which an unfinished entry is litter
_SPOT_CHECKS = 32  # images whose pixels are checked when an entry is opened
_TALLIED = 64  # images at a time, so that they stay in the processor's cache
_RACY = 2 * 10**9  # nanoseconds: files changed so recently may change again unseen

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_POWERS = np.stack([np.arange(256), np.arange(256) ** 2]).astype(np.int64)

Bad = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """One data set in the cache: its name, size in bytes, when it was made (seconds since 1970), and where it is."""

    name: str
    bytes: int
    created: float
    path: Path


@dataclass(frozen=True)
class Decoded:
    """Decoded images in the order of their rows, without those in ``bad``, and what was computed of each."""

    images: Shaped[np.ndarray, "n h w c"]
    digests: UInt8[np.ndarray, "n 32"]
    sums: Int64[np.ndarray, "n 2 c"]
    bad: Mapping[int, Bad]


def cache_folder() -> Path:
    """Where decoded images and downloads are kept: NEOCOG_CACHE, or the platform's folder for such files."""
    named = os.environ.get("NEOCOG_CACHE")
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "neocog" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "neocog"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neocog"


def entries() -> list[Entry]:
    """What the cache holds, newest first."""
    found = []
    for path in _folder("images").glob("*/entry.json"):
        values = _json(path)
        if values is not None:
            size = sum(file.stat().st_size for file in path.parent.iterdir())
            found.append(Entry(str(values.get("name", "")), size, float(values.get("created", 0)), path.parent))
    return sorted(found, key=lambda entry: entry.created, reverse=True)


def clear() -> int:
    """Remove all decoded images (downloads stay); returns the bytes that were freed."""
    freed = sum(entry.bytes for entry in entries())
    for kind in ("images", "index"):
        shutil.rmtree(_folder(kind), ignore_errors=True)
    return freed


def key_of(content: str, *parts: object) -> str:
    """The name of an entry: everything that decides its pixels."""
    return hashlib.sha256("\n".join([f"neocog cache {FORMAT}", content, *map(str, parts)]).encode()).hexdigest()


def find(key: str) -> Decoded | None:
    """The entry of that key, memory-mapped; None if there is none or it is not whole."""
    folder = _folder("images") / key
    values = _json(folder / "entry.json")
    if values is None or values.get("format") != FORMAT:
        return None
    try:
        images, digests, sums = (_mapped(folder / f"{name}.npy") for name in ("images", "digests", "sums"))
        bad = {int(row): (str(code), str(detail)) for row, (code, detail) in values["bad"].items()}
        whole = list(images.shape) == values["shape"] and values["check"] == _check(images, digests, sums)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Decoded(images, np.array(digests), np.array(sums), bad) if whole else None


def remember(stamp: str, newest: int, values: Mapping[str, Any]) -> None:
    """Note what files with that stamp are, so that they need not be read again. Not being able to is no fault."""
    if newest > time.time_ns() - _RACY:
        return
    try:
        _folder("index").mkdir(parents=True, exist_ok=True)
        text = json.dumps({"format": FORMAT, "newest": newest, **values})
        write_durably(_folder("index") / f"{stamp}.json", text.encode())
    except OSError:
        return


def recall(stamp: str) -> dict[str, Any] | None:
    """What was remembered of files with that stamp."""
    values = _json(_folder("index") / f"{stamp}.json")
    if values is None or values.pop("format", None) != FORMAT:
        return None
    values.pop("newest", None)
    return values


def tally(images: Shaped[np.ndarray, "n h w c"]) -> tuple[UInt8[np.ndarray, "n 32"], Int64[np.ndarray, "n 2 c"]]:
    """Each image's SHA-256 and, per channel, the exact sum and sum of squares of its values."""
    head = _shape_of(images[0]) if len(images) else b""
    digests = b"".join(hashlib.sha256(head + np.ascontiguousarray(image).data).digest() for image in images)
    sums = np.empty((len(images), 2, images.shape[3]), np.int64)
    for start in range(0, len(images), _TALLIED):
        some = images[start : start + _TALLIED]
        planes = np.ascontiguousarray(some.reshape(len(some), -1, some.shape[3]).transpose(0, 2, 1), np.int64)
        sums[start : start + len(some), 0] = planes.sum(2)
        sums[start : start + len(some), 1] = np.einsum("ncp,ncp->nc", planes, planes)
    return np.frombuffer(digests, np.uint8).reshape(-1, 32), sums


def tally_one(image: Shaped[np.ndarray, "h w c"]) -> tuple[UInt8[np.ndarray, "32"], Int64[np.ndarray, "2 c"]]:
    """The same for one image, faster for large ones: 8-bit images are counted by Pillow's histogram."""
    mode = _MODES.get(image.shape[2]) if image.dtype == np.uint8 else None
    if mode is None:
        digests, sums = tally(image[None])
        return digests[0], sums[0]
    content = np.ascontiguousarray(image)
    digest = hashlib.sha256(_shape_of(image) + content.data).digest()
    counts = np.array(Pillow.fromarray(content[:, :, 0] if mode == "L" else content).histogram(), np.int64)
    return np.frombuffer(digest, np.uint8), _POWERS @ counts.reshape(-1, 256).T


def _shape_of(image: np.ndarray) -> bytes:
    return f"{image.dtype.newbyteorder('<').str} {image.shape}".encode()


class AbstractSink(ABC):
    """Takes decoded images in the order of their rows."""

    def __init__(self, size: int, channels: int, deep: bool) -> None:
        self.size = size
        self.channels = channels
        self.deep = deep
        self.bad: dict[int, Bad] = {}
        self._digests: list[np.ndarray] = []
        self._sums: list[np.ndarray] = []

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the pixels."""
        return np.dtype("<u2" if self.deep else "u1")

    @property
    def bytes_per_image(self) -> int:
        """Of the decoded pixels."""
        return self.size * self.size * self.channels * self.dtype.itemsize

    def refuse(self, row: int, why: Bad) -> None:
        """The file of this row has no pixels."""
        self.bad[row] = why

    def append(
        self,
        image: Shaped[np.ndarray, "h w c"],
        digest: UInt8[np.ndarray, "32"],
        sums: Int64[np.ndarray, "2 c"],
    ) -> None:
        """The next image, with what ``tally_one`` says of it."""
        self._digests.append(digest)
        self._sums.append(sums)
        self._write(image)

    def finish(self) -> Decoded:
        """All images are there."""
        digests = np.array(self._digests, np.uint8).reshape(-1, 32)
        sums = np.array(self._sums, np.int64).reshape(-1, 2, self.channels)
        return self._finished(digests, sums)

    @abstractmethod
    def _write(self, image: Shaped[np.ndarray, "h w c"]) -> None: ...

    @abstractmethod
    def _finished(self, digests: UInt8[np.ndarray, "n 32"], sums: Int64[np.ndarray, "n 2 c"]) -> Decoded: ...

    @abstractmethod
    def abort(self) -> None:
        """Forget what was written so far; nothing to do after ``finish``."""


class MemorySink(AbstractSink):
    """Keeps the images in memory, and nothing on disk."""

    def __init__(self, size: int, channels: int, deep: bool, count: int) -> None:
        super().__init__(size, channels, deep)
        self._images = np.empty((count, size, size, channels), self.dtype)
        self._filled = 0

    def _write(self, image: Shaped[np.ndarray, "h w c"]) -> None:
        self._images[self._filled] = image
        self._filled += 1

    def _finished(self, digests: UInt8[np.ndarray, "n 32"], sums: Int64[np.ndarray, "n 2 c"]) -> Decoded:
        return Decoded(self._images[: self._filled], digests, sums, self.bad)

    def abort(self) -> None:
        """Nothing is left behind."""


class CacheSink(AbstractSink):
    """Writes an entry of the cache: into a temporary folder, which is renamed when it is whole and on the disk.

    Raises:
        StorageProblem: ``cache-unwritable``: the disk is full or the folder cannot be written.
    """

    def __init__(self, key: str, name: str, size: int, channels: int, deep: bool) -> None:
        super().__init__(size, channels, deep)
        self._target = _folder("images") / key
        self._name = name
        self._count = 0
        self._temporary: Path | None = None
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            _remove_left_overs(self._target.parent)
            self._temporary = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=self._target.parent))
            self._file: BinaryIO = open(self._temporary / "images.npy", "wb")  # noqa: SIM115
            self._file.write(bytes(_HEADER))
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def _write(self, image: Shaped[np.ndarray, "h w c"]) -> None:
        try:
            self._file.write(np.ascontiguousarray(image, self.dtype).data)
        except OSError as problem:
            raise self._unwritable(problem) from problem
        self._count += 1

    def _finished(self, digests: UInt8[np.ndarray, "n 32"], sums: Int64[np.ndarray, "n 2 c"]) -> Decoded:
        shape = (self._count, self.size, self.size, self.channels)
        try:
            folder = self._written(shape, digests, sums)
            try:
                os.rename(folder, self._target)
            except OSError:
                if find(self._target.name) is None:  # neither written meanwhile by another process, nor whole
                    shutil.rmtree(self._target, ignore_errors=True)
                    os.rename(folder, self._target)
            sync_folder(self._target.parent)
        except OSError as problem:
            raise self._unwritable(problem) from problem
        self.abort()
        found = find(self._target.name)
        if found is None and self._count:
            raise self._unwritable(OSError(5, "what was written cannot be read back"))
        return found or Decoded(np.empty(shape, self.dtype), digests, sums, self.bad)

    def _written(
        self, shape: tuple[int, int, int, int], digests: UInt8[np.ndarray, "n 32"], sums: Int64[np.ndarray, "n 2 c"]
    ) -> Path:
        if self._temporary is None:
            raise OSError(2, "the entry was given up")
        self._file.seek(0)
        self._file.write(_npy_header(shape, self.dtype))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        for name, values in (("digests", digests), ("sums", sums)):
            with open(self._temporary / f"{name}.npy", "wb") as file:
                np.save(file, values, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
        entry = {
            "format": FORMAT,
            "name": self._name,
            "created": time.time(),
            "shape": shape,
            "bad": self.bad,
            "check": _check(None, digests, sums),
        }
        write_durably(self._temporary / "entry.json", json.dumps(entry).encode())
        return self._temporary

    def abort(self) -> None:
        """Remove what is unfinished."""
        if self._temporary is not None:
            self._file.close()
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def _unwritable(self, problem: OSError) -> StorageProblem:
        try:
            self.abort()
        except (OSError, AttributeError):
            shutil.rmtree(self._temporary or "", ignore_errors=True)
        return StorageProblem(
            "cache-unwritable",
            f"the decoded images cannot be kept: {getattr(problem, 'what', None) or problem.strerror or problem}",
            where=str(self._target.parent),
            note="no file of yours was changed; nothing half-written is left",
            help="make room, set NEOCOG_CACHE to another folder, or pass --no-cache to keep nothing on disk",
        )


def _folder(kind: str) -> Path:
    return cache_folder() / kind


def _json(path: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _npy_header(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    text = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little") + text.ljust(_HEADER - 11).encode() + b"\n"


def _mapped(path: Path) -> np.ndarray:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _check(images: np.ndarray | None, digests: np.ndarray, sums: np.ndarray) -> str:
    """A hash over the digests and sums; "" where images (some, spread evenly) do not have their digests."""
    if images is not None and len(images):
        rows = np.linspace(0, len(images) - 1, min(_SPOT_CHECKS, len(images))).astype(int)
        if len(images) != len(digests) or (tally(images[rows])[0] != digests[rows]).any():
            return ""
    return hashlib.sha256(np.ascontiguousarray(digests).tobytes() + np.ascontiguousarray(sums).tobytes()).hexdigest()


def _remove_left_overs(folder: Path) -> None:
    for path in folder.glob(".unfinished-*"):
        try:
            if path.stat().st_mtime < time.time() - _LEFT_OVER:
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue
