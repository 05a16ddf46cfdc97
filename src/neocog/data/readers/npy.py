"""Arrays in .npy and .npz files: headers are checked against the bytes that are there before anything is allocated."""

import ast
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from neocog.core.errors import DataProblem
from neocog.data.readers.archive import refuse_bomb
from neocog.data.readers.findings import UNCHANGED

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_DEFLATE_RATIO = 1033  # deflate cannot compress more than that
_PLAIN = re.compile(r"[<>|=]?[biufUS]\d{1,5}")
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, OverflowError, NotImplementedError, RuntimeError, KeyError)


@runtime_checkable
class Readable(Protocol):
    """A binary file, as far as it is needed here."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


@dataclass(frozen=True)
class Header:
    """What a .npy says of itself: dtype, shape, order, and where its data begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def bytes(self) -> int:
        """That the data must have."""
        return prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class StoredArray:
    """An array that is not read yet."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], np.ndarray]


def read_npz(path: Path) -> dict[str, StoredArray]:
    """The arrays of a .npz by name; each is read when it is asked for.

    Raises:
        DataProblem: ``data-array-damaged``, ``data-array-pickled`` or ``data-archive-bomb``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
            refuse_bomb(path, sum(m.file_size for m in members if m.compress_type != zipfile.ZIP_DEFLATED))
            found = {}
            for member in members:
                found[member.filename.removesuffix(".npy")] = _stored(path, archive, member)
            return found
    except DataProblem:
        raise
    except (*_DAMAGE, zipfile.BadZipFile) as problem:
        raise array_damaged(path, str(problem) or type(problem).__name__) from problem


def read_npy(path: Path) -> np.ndarray:
    """The array of a .npy, memory-mapped and read-only.

    Raises:
        DataProblem: ``data-array-damaged`` or ``data-array-pickled``.
    """
    try:
        with open(path, "rb") as file:
            header = read_header(file, path, path.name)
        present = path.stat().st_size - header.start
        if present != header.bytes:
            raise array_damaged(path, _mismatch(header, present))
        if not header.bytes:
            return np.empty(header.shape, header.dtype)
        order: Any = "F" if header.fortran else "C"
        return np.asarray(np.memmap(path, header.dtype, "r", header.start, header.shape, order))
    except DataProblem:
        raise
    except _DAMAGE as problem:
        raise array_damaged(path, str(problem) or type(problem).__name__) from problem


def read_header(file: Readable, path: Path, shown: str) -> Header:
    """The header of a .npy; nothing in it is executed, and no array of objects is accepted."""
    magic = file.read(8)
    if len(magic) < 8 or magic[:6] != MAGIC or magic[6] not in (1, 2, 3):
        raise array_damaged(path, f"{shown} does not begin as a .npy does")
    width = 2 if magic[6] == 1 else 4
    (length,) = struct.unpack("<H" if width == 2 else "<I", file.read(width).ljust(width, b"\xff"))
    if length > _LONGEST_HEADER:
        raise array_damaged(path, f"{shown} has a header of {length:,} bytes")
    text = file.read(length)
    if len(text) < length:
        raise array_damaged(path, f"{shown} ends within its header")
    try:
        values = ast.literal_eval(text.decode("utf-8" if magic[6] == 3 else "latin1").strip())
        descr, fortran, shape = values["descr"], values["fortran_order"], values["shape"]
        plain = isinstance(descr, str) and _PLAIN.fullmatch(descr)
        pickled = isinstance(descr, str) and descr.lstrip("<>|=").startswith("O")
        dtype = np.dtype(descr) if plain else None
        sound = isinstance(fortran, bool) and isinstance(shape, tuple) and len(shape) <= 8
        sound = sound and all(type(side) is int and side >= 0 for side in shape)
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError, AttributeError) as problem:
        raise array_damaged(path, f"{shown} has a header that cannot be read") from problem
    if pickled:
        raise DataProblem(
            "data-array-pickled",
            f"{shown} holds Python objects, which only unpickling could read; that would run code from the file",
            where=str(path),
            note=UNCHANGED,
            help="save a plain numeric array, for instance np.stack(list(images))",
        )
    if dtype is None or not sound or dtype.itemsize == 0:
        raise array_damaged(path, f"{shown} has a header that cannot be used: {descr!r:.80}, {shape!r:.80}")
    return Header(dtype, shape, fortran, 8 + width + length)


def array_damaged(path: Path, why: str) -> DataProblem:
    """An array file that does not hold what it says."""
    return DataProblem(
        "data-array-damaged",
        f"{path.name} cannot be read: {why}",
        where=str(path),
        note=UNCHANGED,
        help="write the file again with numpy.save or numpy.savez",
    )


def _stored(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> StoredArray:
    with archive.open(member) as file:
        header = read_header(file, path, member.filename)
    present = member.file_size - header.start
    if present != header.bytes:
        raise array_damaged(path, f"{member.filename}: {_mismatch(header, present)}")
    ratio = _DEFLATE_RATIO if member.compress_type == zipfile.ZIP_DEFLATED else 1
    known = member.compress_type in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)
    packed = min(member.compress_size, path.stat().st_size)
    if known and member.file_size > ratio * packed + 4096:
        raise array_damaged(
            path, f"{member.filename} declares {member.file_size:,} bytes, but {packed:,} packed bytes cannot hold that"
        )

    def read() -> np.ndarray:
        try:
            with zipfile.ZipFile(path) as again, again.open(member) as data:
                read_header(data, path, member.filename)
                content = bytearray(header.bytes)
                filled = 0
                while filled < header.bytes and (piece := data.read(min(2**24, header.bytes - filled))):
                    content[filled : filled + len(piece)] = piece
                    filled += len(piece)
                if filled < header.bytes or data.read(1):
                    raise array_damaged(path, f"{member.filename} ends after {filled:,} bytes")
        except DataProblem:
            raise
        except (*_DAMAGE, zipfile.BadZipFile) as problem:
            raise array_damaged(path, f"{member.filename}: {problem}") from problem
        except MemoryError as problem:
            raise array_damaged(path, f"{member.filename} needs {header.bytes:,} bytes of memory") from problem
        return np.frombuffer(content, header.dtype).reshape(header.shape, order="F" if header.fortran else "C")

    return StoredArray(header.shape, header.dtype, read)


def _mismatch(header: Header, present: int) -> str:
    return f"it declares {header.shape} values of {header.dtype}, {header.bytes:,} bytes, but holds {max(0, present):,}"
