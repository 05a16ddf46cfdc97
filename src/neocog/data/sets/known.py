"""A data set known by name: what it is, where its files come from, how they are read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from neocog.core.errors import UsageProblem
from neocog.data.readers.findings import Findings
from neocog.data.readers.raw import ImageArrays
from neocog.data.sets.download import Remote


class AbstractKnownSet(ABC):
    """A built-in data set. ``about`` is one line for a table; ``remotes`` are the files of its official home."""

    name: str
    about: str
    remotes: tuple[Remote, ...]

    @abstractmethod
    def present(self, folder: Path) -> bool:
        """Whether a folder holds files that ``read`` can read."""

    @abstractmethod
    def read(self, folder: Path, findings: Findings) -> ImageArrays:
        """The images in a folder for which ``present`` holds; for a set without files the folder does not matter."""

    @abstractmethod
    def wanted(self) -> Sequence[str]:
        """The names of the files that would do, in words for a person."""

    def missing(self, folder: Path, *, named: bool) -> UsageProblem:
        """The files are not there: where to put them, and which."""
        megabytes = sum(remote.size for remote in self.remotes) / 1e6
        there = f"to have them fetched ({megabytes:.0f} MB, checked by SHA-256), pass --download"
        return UsageProblem(
            "data-not-here",
            f"the files of {self.name} are not in {folder}",
            where=[f"looked for {wanted}" for wanted in self.wanted()],
            note="nothing was downloaded: that is done only when asked for",
            help=(f"put one of these there, or {there}" if named else f"pass their folder with --root FOLDER; {there}"),
        )
