"""A folder of class folders, read where it lies; nothing outside it is read."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from neocog.core.errors import StorageProblem
from neocog.data.readers.class_folders import arrange
from neocog.data.readers.decode import MOST_BYTES
from neocog.data.readers.findings import BadImage, Findings
from neocog.data.readers.raw import AbstractFiles, ImageFiles


class PathFiles(AbstractFiles):
    """Files of the file system, by path."""

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        self._root = root
        self._paths = paths

    def read(self, row: int) -> bytes:
        """All bytes of one file; only regular files are opened."""
        try:
            with open(self._paths[row], "rb", opener=_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise BadImage("data-file-unreadable", "not a regular file")
                if status.st_size > MOST_BYTES:
                    raise BadImage("data-image-bomb", f"{status.st_size:,} bytes")
                return file.read(MOST_BYTES)
        except (OSError, ValueError) as problem:
            raise BadImage("data-file-unreadable", getattr(problem, "strerror", None) or str(problem)) from problem

    def stamp(self) -> tuple[str, int]:
        """From every path, size and time of change."""
        digest, newest = hashlib.sha256(os.fsencode(self._root.absolute())), 0
        for path in self._paths:
            try:
                status = os.stat(path)
                seen = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
                newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
            except (OSError, ValueError):
                seen = "gone"
            digest.update(f"\n{path}\0{seen}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest(), newest

    def close(self) -> None:
        """Nothing is held open."""


def read_folder(root: Path, findings: Findings) -> ImageFiles:
    """The images of a folder of class folders, with or without train, val and test around them.

    Links to files inside the folder are followed; links that lead out, and links to folders, are findings.

    Raises:
        DataProblem: no image, or no class folders (see ``arrange``).
        StorageProblem: a folder cannot be listed.
    """
    files: list[tuple[str, ...]] = []
    folders: list[tuple[str, ...]] = []
    top = root.resolve()
    for path, entry in _walk(root, ()):
        if entry.is_symlink() and not path[-1].startswith(".") and not _is_file_inside(entry, top):
            findings.add("data-link-outside", "/".join(path))
            continue
        (folders if entry.is_dir(follow_symlinks=False) else files).append(path)
    arranged = arrange(files, folders, findings, shown=f"{root.name or root}/")
    return ImageFiles(
        files=PathFiles(root, [root.joinpath(*path) for path in arranged.paths]),
        names=["/".join(path) for path in arranged.paths],
        labels=arranged.labels,
        parts=arranged.parts,
        notes=arranged.notes,
        left_out=arranged.left_out,
        folders=True,
    )


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], "os.DirEntry[str]"]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as problem:
        raise StorageProblem(
            "data-folder-unreadable",
            f"a folder cannot be listed: {problem.strerror}",
            where=str(folder),
            help="mend its permissions",
        ) from problem
    for entry in entries:
        yield (*above, entry.name), entry
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            yield from _walk(Path(entry.path), (*above, entry.name))


def _is_file_inside(link: "os.DirEntry[str]", top: Path) -> bool:
    try:
        return not link.is_dir() and Path(link.path).resolve().is_relative_to(top)
    except (OSError, RuntimeError):
        return False


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
