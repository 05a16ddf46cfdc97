"""AbstractProgress: how long work tells a person where it is."""

from abc import ABC, abstractmethod


class AbstractProgress(ABC):
    """Told by long work; shown by the command line, ignored in a library."""

    @abstractmethod
    def say(self, text: str) -> None:
        """A line that stays on the screen."""

    @abstractmethod
    def start(self, what: str, total: float, unit: str) -> None:
        """A stretch of work begins: what it is, and how many units it has."""

    @abstractmethod
    def advance(self, done: float, score: str = "") -> None:
        """So many units of the stretch are done, counted from its start; ``score`` is the latest result in words."""

    @abstractmethod
    def end(self) -> None:
        """The stretch is over."""


class Silent(AbstractProgress):
    """Says nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def start(self, what: str, total: float, unit: str) -> None:
        """Nothing."""

    def advance(self, done: float, score: str = "") -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""
