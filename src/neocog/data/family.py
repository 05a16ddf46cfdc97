"""Families of data: how one kind of data is chosen, opened, remembered by a run, and read anew."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neocog.core.shapes import Shape
from neocog.figures.figure import Figure

PARTS = ("train", "val", "test")


class AbstractData(ABC):
    """A data set of any kind, opened and divided: what everything that trains and scores needs to know of it.

    ``notes`` are sentences for the person; ``skipped`` names what was left out, with the reason; ``fingerprint`` is a
    SHA-256 over all that training can see; ``classes`` is the class map, empty where the data have none.
    """

    name: str
    fingerprint: str
    notes: tuple[str, ...]
    skipped: Mapping[str, str]
    classes: tuple[str, ...]
    test_made: bool = False  # whether the test part was taken at random from all items

    @property
    @abstractmethod
    def takes(self) -> Shape:
        """What a network gets of one item."""

    @abstractmethod
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Items of each part ("train", "val", "test") by class; under one word, such as "windows", without classes."""

    @abstractmethod
    def line(self) -> str:
        """What they are, in one line for a person, without their name."""

    @abstractmethod
    def details(self) -> Mapping[str, Any]:
        """The same as plain values for a machine, beside name, classes and counts."""

    @abstractmethod
    def figures(self) -> Sequence[Figure]:
        """What one should look at before training."""

    @abstractmethod
    def facts(self) -> Mapping[str, Any]:
        """Plain values of which ``Family.like`` makes data of the same kind, without their items."""

    @abstractmethod
    def names(self, part: str) -> Sequence[str]:
        """Where each item of a part came from."""

    @abstractmethod
    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> Mapping[int, bytes]:
        """PNG images of some items by row, in that order, until they have so many bytes; none of what has no look."""

    @abstractmethod
    def seen(self) -> Mapping[str, bytes]:
        """PNG images, by caption, of a few training items as a network gets them."""


def items_of(data: AbstractData, part: str) -> int:
    """The number of items of a part."""
    return sum(data.counts()[part].values())


@dataclass(frozen=True)
class Batching:
    """How a source makes batches: items in each, where, and whether images are kept as rows of pixels in memory."""

    size: int
    device: str = "cpu"
    channels_last: bool = False


@dataclass(frozen=True)
class Family:
    """One kind of data, such as labelled images.

    Args:
        choice: the options of its data, a frozen dataclass with a field ``name``.
        open: ``open(choice, *, download, keep, largest, progress)`` gives the data, checked and divided; ``largest``
            is the longest side of images where the choice names none.
        like: from a run's facts of its data, the data without their items.
        labelled: ``labelled(choice, like, *, download, keep, progress)`` gives new data with all their items in the
            part "test", prepared and named as those of a run.
        given: from whatever a caller of the Python interface has in memory to data.
        claims: whether a name, as it is typed, can only mean data of this kind.
        known: the built-in data sets, each with one line on what it is.
    """

    choice: Callable[..., Any]
    open: Callable[..., AbstractData]
    like: Callable[[Mapping[str, Any]], AbstractData]
    labelled: Callable[..., AbstractData]
    given: Callable[[Any], AbstractData]
    claims: Callable[[str], bool]
    known: Mapping[str, str]
