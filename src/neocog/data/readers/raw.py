"""What readers hand over: files that are still to be decoded, or arrays that are pixels already."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

TRAIN = ("train", "training")
VAL = ("val", "valid", "validation")
TEST = ("test", "testing")


def part_of(name: str) -> str | None:
    """The part that a folder or a cell of that name means: train, val or test; None if it means none."""
    folded = name.strip().lower()
    return next((names[0] for names in (TRAIN, VAL, TEST) if folded in names), None)


class AbstractFiles(ABC):
    """Encoded files by row; reading is safe from several threads and changes nothing."""

    @abstractmethod
    def read(self, row: int) -> bytes:
        """All bytes of one file.

        Raises:
            BadImage: the file cannot be had, with the reason.
        """

    @abstractmethod
    def stamp(self) -> tuple[str, int]:
        """A text that changes whenever a file changes, and the time (ns) of the newest change; cheap to make."""

    @abstractmethod
    def close(self) -> None:
        """Give back what is held open."""


@dataclass(frozen=True)
class ImageFiles:
    """Images that are still files: one name, class name and part ("" where not given) per row.

    ``folders`` says that labels are the names of folders; ``left_out`` names files that are no part of the data.
    """

    files: AbstractFiles
    names: Sequence[str]
    labels: Sequence[str]
    parts: Sequence[str]
    metadata: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    folders: bool = False


@dataclass(frozen=True)
class ImageArrays:
    """Images that are pixels already: n x h x w x c, uint8 or uint16; ``classes`` where their order is given."""

    images: np.ndarray
    names: Sequence[str]
    labels: Sequence[str]
    parts: Sequence[str]
    classes: tuple[str, ...] | None = None
    metadata: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class ChosenFiles(AbstractFiles):
    """Some rows of other files."""

    def __init__(self, files: AbstractFiles, rows: Sequence[int]) -> None:
        self._files = files
        self._rows = rows

    def read(self, row: int) -> bytes:
        """All bytes of one of the chosen files."""
        return self._files.read(self._rows[row])

    def stamp(self) -> tuple[str, int]:
        """That of all files, with the choice."""
        stamp, newest = self._files.stamp()
        return hashlib.sha256(f"{stamp} {list(self._rows)}".encode()).hexdigest(), newest

    def close(self) -> None:
        """Close the files."""
        self._files.close()
