"""A .zip or .tar of class folders, read in place: nothing is unpacked to the disk, and hostile archives are refused."""

import bz2
import gzip
import hashlib
import lzma
import mmap
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BufferedIOBase, BytesIO
from pathlib import Path
from typing import Any

from neocog.core.errors import DataProblem
from neocog.data.readers.class_folders import arrange
from neocog.data.readers.decode import MOST_BYTES
from neocog.data.readers.findings import BadImage, Findings
from neocog.data.readers.raw import AbstractFiles, ImageFiles

MOST_UNPACKED = 8 * 2**30  # bytes of a compressed tar, which is held in memory
FREE_BYTES = 256 * 2**20  # unpacked sizes up to here need no sensible ratio
MOST_RATIO = 100  # images hardly compress: beyond this it is a bomb
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError, NotImplementedError, RuntimeError)

_OPENERS: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
PathParts = tuple[str, ...]


class ZipFiles(AbstractFiles):
    """Members of a zip file."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> None:
        self._path = path
        self._archive = archive
        self._members = members

    def read(self, row: int) -> bytes:
        """All bytes of one member; its checksum is verified."""
        member = self._members[row]
        if member.file_size > MOST_BYTES:
            raise BadImage("data-image-bomb", f"{member.file_size:,} bytes")
        try:
            with self._archive.open(member) as file:
                return file.read(MOST_BYTES)
        except (*_DAMAGE, zipfile.BadZipFile) as problem:
            raise BadImage("data-image-damaged", f"damaged in the archive: {problem}") from problem

    def stamp(self) -> tuple[str, int]:
        """From the archive's path, size and time of change, and the members' names."""
        return stamp_of(self._path, [member.orig_filename for member in self._members])

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


class TarFiles(AbstractFiles):
    """Members of a tar file, as places in its bytes."""

    def __init__(self, path: Path, data: "bytes | mmap.mmap", members: Sequence[tarfile.TarInfo]) -> None:
        self._path = path
        self._data = data
        self._members = members

    def read(self, row: int) -> bytes:
        """All bytes of one member."""
        member = self._members[row]
        if member.size > MOST_BYTES:
            raise BadImage("data-image-bomb", f"{member.size:,} bytes")
        data = self._data[member.offset_data : member.offset_data + member.size]
        if len(data) < member.size:
            raise BadImage("data-image-truncated", "the archive ends within this file")
        return data

    def stamp(self) -> tuple[str, int]:
        """From the archive's path, size and time of change, and the members' names."""
        return stamp_of(self._path, [member.name for member in self._members])

    def close(self) -> None:
        """Give the bytes back."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()


def stamp_of(path: Path, names: Sequence[str]) -> tuple[str, int]:
    """The stamp of an archive of which those members are read."""
    status = path.stat()
    seen = [str(path.absolute()), str(status.st_size), str(status.st_mtime_ns), str(status.st_ctime_ns), *names]
    digest = hashlib.sha256("\0".join(seen).encode("utf-8", "surrogatepass"))
    return digest.hexdigest(), max(status.st_mtime_ns, status.st_ctime_ns)


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip file with its table of contents read, or ``data-archive-damaged``."""
    try:
        return zipfile.ZipFile(path)
    except (*_DAMAGE, zipfile.BadZipFile) as problem:
        raise damaged(path, problem) from problem


def read_zip(path: Path, archive: zipfile.ZipFile, findings: Findings) -> ImageFiles:
    """The images of a zip of class folders; the archive stays open for reading, or is closed when it is refused.

    Raises:
        DataProblem: ``data-archive-damaged``, ``-unsafe-name``, ``-link``, ``-encrypted`` or ``-bomb``; or those of
            ``arrange``.
    """
    try:
        files = members_of(path, archive)
        named = [_parts(m.filename) for m in archive.infolist()]
        folders = {parts[:depth] for parts in named for depth in range(1, len(parts))}
        folders |= {_parts(m.filename) for m in archive.infolist() if m.is_dir()}
        arranged = arrange(files, folders, findings, shown=path.name)
    except BaseException:
        archive.close()
        raise
    return ImageFiles(
        files=ZipFiles(path, archive, [files[each] for each in arranged.paths]),
        names=["/".join(each) for each in arranged.paths],
        labels=arranged.labels,
        parts=arranged.parts,
        notes=arranged.notes,
        left_out=arranged.left_out,
        folders=True,
    )


def members_of(path: Path, archive: zipfile.ZipFile) -> dict[PathParts, zipfile.ZipInfo]:
    """The files in a zip by path, checked: no hostile name, no link, none encrypted, no bomb.

    Raises:
        DataProblem: ``data-archive-unsafe-name``, ``-link``, ``-encrypted`` or ``-bomb``.
    """
    members = archive.infolist()
    _refuse_names(path, [member.orig_filename for member in members])
    _refuse(path, "link", [m.filename for m in members if stat.S_ISLNK(m.external_attr >> 16)])
    _refuse(path, "encrypted", [m.filename for m in members if m.flag_bits & 1])
    refuse_bomb(path, sum(member.file_size for member in members))
    return {_parts(m.filename): m for m in members if not m.is_dir()}


def read_tar(path: Path, findings: Findings) -> ImageFiles:
    """The images of a tar (plain, gzip, bzip2 or xz) of class folders; a compressed one is unpacked in memory.

    Raises:
        DataProblem: as ``read_zip``.
    """
    data, members = open_tar(path)
    files = {_parts(member.name): member for member in members if member.isreg()}
    folders = {_parts(m.name)[:depth] for m in members for depth in range(1, len(_parts(m.name)))}
    folders |= {_parts(member.name) for member in members if member.isdir()}
    arranged = arrange(files, folders, findings, shown=path.name)
    return ImageFiles(
        files=TarFiles(path, data, [files[each] for each in arranged.paths]),
        names=["/".join(each) for each in arranged.paths],
        labels=arranged.labels,
        parts=arranged.parts,
        notes=arranged.notes,
        left_out=arranged.left_out,
        folders=True,
    )


def open_tar(path: Path) -> tuple["bytes | mmap.mmap", list[tarfile.TarInfo]]:
    """All bytes of a tar and its members, checked: no hostile name, no link, no device, nothing cut off."""
    try:
        data = _tar_bytes(path)
        with tarfile.open(fileobj=_as_file(data), mode="r:") as archive:
            members = archive.getmembers()
            end = archive.offset
    except DataProblem:
        raise
    except (*_DAMAGE, tarfile.TarError) as problem:
        raise damaged(path, problem) from problem
    last_block = data[end : end + tarfile.BLOCKSIZE]  # tarfile stops silently at damage; a whole tar ends with zeros
    if len(last_block) < tarfile.BLOCKSIZE or any(last_block):
        raise damaged(path, f"it is cut off or damaged near byte {end:,}")
    _refuse_names(path, [member.name for member in members])
    links = [m.name for m in members if not (m.isreg() or m.isdir()) or m.issparse()]
    _refuse(path, "link", links)
    return data, members


def _inflated(path: Path, file: BufferedIOBase) -> bytes:
    """All that a compressed file holds; refused once that is too much or grows beyond a sensible ratio."""
    pieces, total, packed = [], 0, max(1, path.stat().st_size)
    while piece := file.read(2**20):
        total += len(piece)
        if total > MOST_UNPACKED or (total > FREE_BYTES and total > MOST_RATIO * packed):
            raise _bomb(path, total, packed)
        pieces.append(piece)
    return b"".join(pieces)


def damaged(path: Path, problem: object) -> DataProblem:
    """An archive that cannot be read."""
    return DataProblem(
        "data-archive-damaged",
        f"{path.name} cannot be read: {str(problem) or type(problem).__name__}",
        where=str(path),
        note="no file was changed; training has not started",
        help="copy or download it again; it may have been cut off",
    )


def refuse_bomb(path: Path, total: int) -> None:
    """Raise ``data-archive-bomb`` where an archive would unpack to far more than images can."""
    packed = max(1, path.stat().st_size)
    if total > FREE_BYTES and total > MOST_RATIO * packed:
        raise _bomb(path, total, packed)


def _bomb(path: Path, total: int, packed: int) -> DataProblem:
    return DataProblem(
        "data-archive-bomb",
        f"{path.name} has {packed:,} bytes, but unpacks to {total:,} or more",
        where=str(path),
        note="no file was changed; nothing was unpacked",
        help="unpack it yourself if you trust it, and give the folder",
    )


def _refuse_names(path: Path, names: Sequence[str]) -> None:
    _refuse(path, "unsafe-name", [name for name in names if not _is_safe(name)])


def _is_safe(name: str) -> bool:
    if not name or name.startswith("/") or "\\" in name or "\0" in name or name[1:2] == ":":
        return False
    return ".." not in name.split("/")


_REFUSALS = {
    "unsafe-name": ("names that lead elsewhere (.., absolute, with a backslash or NUL)", "pack the folder again"),
    "link": ("links or devices, which are not followed", "pack the files themselves"),
    "encrypted": ("encrypted files", "pack it again without a password"),
}


def _refuse(path: Path, kind: str, names: Sequence[str]) -> None:
    if names:
        what, remedy = _REFUSALS[kind]
        raise DataProblem(
            f"data-archive-{kind}",
            f"{path.name} holds {len(names):,} {what}",
            where=list(names),
            note="no file was changed; nothing was unpacked",
            help=remedy,
        )


def _parts(name: str) -> PathParts:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def _tar_bytes(path: Path) -> "bytes | mmap.mmap":
    with open(path, "rb") as file:
        magic = file.read(6)
        file.seek(0)
        opener = next((opener for start, opener in _OPENERS.items() if magic.startswith(start)), None)
        if opener is not None:
            with opener(file) as unpacked:
                return _inflated(path, unpacked)
        empty = os.fstat(file.fileno()).st_size == 0
        return b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _as_file(data: "bytes | mmap.mmap") -> Any:
    return BytesIO(data) if isinstance(data, bytes) else data
