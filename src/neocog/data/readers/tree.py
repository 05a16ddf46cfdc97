"""Tree: the files of a folder or a zip by relative path, read where they lie and never outside."""

import os
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from neocog.core.errors import DataProblem, StorageProblem, UsageProblem
from neocog.core.options import near
from neocog.data.readers.archive import ZipFiles, members_of, open_zip
from neocog.data.readers.findings import UNCHANGED, BadImage
from neocog.data.readers.folder import PathFiles
from neocog.data.readers.raw import AbstractFiles

_LITTER = ("__MACOSX", "Thumbs.db", "desktop.ini")


class AbstractTree(ABC):
    """``names`` are paths with slashes, in order; hidden files and links that lead out are not among them."""

    shown: str
    names: tuple[str, ...]

    @abstractmethod
    def files(self, names: Sequence[str]) -> AbstractFiles:
        """Some of them by row."""

    @abstractmethod
    def close(self) -> None:
        """Give back what is held open."""

    def read(self, name: str, most: int) -> bytes:
        """All bytes of one file.

        Raises:
            BadImage: it cannot be read, or has more than ``most`` bytes.
        """
        data = self.files([name]).read(0)
        if len(data) > most:
            raise BadImage("annotation-unsafe", f"{len(data):,} bytes; at most {most:,} are read")
        return data

    def __enter__(self) -> "AbstractTree":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FolderTree(AbstractTree):
    """A folder; links to files inside it are followed, others are not."""

    def __init__(self, root: Path) -> None:
        self._root, self.shown = root, f"{root.name or root}/"
        top = root.resolve()
        found = []
        for folder, below, files in os.walk(root, onerror=_unlistable):
            below[:] = sorted(name for name in below if _is_plain(name))
            inner = Path(folder).relative_to(root)
            for name in sorted(filter(_is_plain, files)):
                path = Path(folder) / name
                if not path.is_symlink() or path.resolve().is_relative_to(top):
                    found.append((inner / name).as_posix())
        self.names = tuple(sorted(found))

    def files(self, names: Sequence[str]) -> PathFiles:
        """Some of them by row."""
        return PathFiles(self._root, [self._root / name for name in names])

    def close(self) -> None:
        """Nothing is held open."""


class ZipTree(AbstractTree):
    """A zip file."""

    def __init__(self, path: Path) -> None:
        self._path, self.shown = path, path.name
        self._archive = open_zip(path)
        try:
            members = members_of(path, self._archive)
        except BaseException:
            self._archive.close()
            raise
        self._members: dict[str, zipfile.ZipInfo] = {
            "/".join(parts): member for parts, member in members.items() if all(_is_plain(part) for part in parts)
        }
        self.names = tuple(sorted(self._members))

    def files(self, names: Sequence[str]) -> ZipFiles:
        """Some of them by row."""
        return ZipFiles(self._path, self._archive, [self._members[name] for name in names])

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


def open_tree(path: Path) -> AbstractTree:
    """The files of a folder, of a zip, or of the folder that a single file is in.

    Raises:
        UsageProblem: ``data-missing``.
        DataProblem: the archive is damaged or hostile, or is of another kind.
    """
    if path.is_dir():
        return FolderTree(path)
    if not path.is_file():
        beside = near(path.name, [each.name for each in path.parent.iterdir()]) if path.parent.is_dir() else None
        meant = f"did you mean `{path.parent / beside}`?" if beside else "check the path"
        raise UsageProblem("data-missing", f"there is no {path}", where=str(path), help=meant)
    if path.suffix.lower() == ".json":
        return FolderTree(path.parent)
    if zipfile.is_zipfile(path):
        return ZipTree(path)
    raise DataProblem(
        "data-format-unknown",
        f"{path.name} holds no images with boxes that can be read here",
        where=str(path),
        note=UNCHANGED,
        help="give a folder or a .zip with Pascal VOC, COCO or YOLO annotations, or a COCO .json",
    )


class ImageIndex:
    """Finds image files by what annotations call them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)
        self._by_end: dict[str, list[str]] = {}
        for name in names:
            self._by_end.setdefault(PurePosixPath(name).name, []).append(name)
            self._by_end.setdefault(PurePosixPath(name).stem, []).append(name)

    def find(self, called: str, near_by: str = "") -> str | None:
        """The image of that path or name, with or without suffix; among several, one beside or below ``near_by``."""
        called = called.replace("\\", "/").strip()
        if called in self._names:
            return called
        asked = PurePosixPath(called)
        found = self._by_end.get(asked.name) or []
        if len(found) > 1:
            found = [name for name in found if name.endswith(f"/{called}")] or found
        if len(found) > 1 and near_by:
            found = [name for name in found if near_by in PurePosixPath(name).parts] or found
        return found[0] if len(found) == 1 else None


def _is_plain(name: str) -> bool:
    return not name.startswith(".") and name not in _LITTER


def _unlistable(problem: OSError) -> None:
    raise StorageProblem(
        "data-folder-unreadable",
        f"a folder cannot be listed: {problem.strerror}",
        where=str(problem.filename),
        help="mend its permissions",
    ) from problem
