"""What a network takes and what it gives: the shape of one item, without the batch."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


class Shape(ABC):
    """The axes of one item; a batch has one more, in front. ``whole`` says that its numbers are whole."""

    whole: ClassVar[bool] = False

    @property
    @abstractmethod
    def axes(self) -> tuple[int, ...]:
        """The lengths of its axes."""

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.axes)

    def __str__(self) -> str:
        return "x".join(map(str, self.axes))


@dataclass(frozen=True)
class Image(Shape):
    """An image of ``channels`` planes, ``height`` by ``width`` pixels."""

    channels: int
    height: int
    width: int

    @property
    def axes(self) -> tuple[int, ...]:
        """Channels, height, width."""
        return self.channels, self.height, self.width


@dataclass(frozen=True)
class Vector(Shape):
    """``length`` numbers, such as one logit per class."""

    length: int

    @property
    def axes(self) -> tuple[int, ...]:
        """One axis."""
        return (self.length,)


@dataclass(frozen=True)
class Table(Shape):
    """A row of ``columns`` numbers; which of them are neighbours means nothing."""

    columns: int

    @property
    def axes(self) -> tuple[int, ...]:
        """One axis."""
        return (self.columns,)


@dataclass(frozen=True)
class Series(Shape):
    """``length`` moments in time, with ``channels`` numbers at each."""

    length: int
    channels: int

    @property
    def axes(self) -> tuple[int, ...]:
        """Length, channels."""
        return self.length, self.channels


@dataclass(frozen=True)
class Tokens(Shape):
    """``length`` tokens in a row, each a whole number below ``vocabulary``."""

    whole: ClassVar[bool] = True
    vocabulary: int
    length: int

    @property
    def axes(self) -> tuple[int, ...]:
        """Length."""
        return (self.length,)


@dataclass(frozen=True)
class Steps(Shape):
    """A vector of ``width`` numbers at each of ``length`` places."""

    length: int
    width: int

    @property
    def axes(self) -> tuple[int, ...]:
        """Length, width."""
        return self.length, self.width


@dataclass(frozen=True)
class Boxes(Shape):
    """Any number of boxes, each of one of ``classes`` kinds: four edges and one logit per class."""

    classes: int

    @property
    def axes(self) -> tuple[int, ...]:
        """What is said of one place: edges and logits."""
        return (4 + self.classes,)
