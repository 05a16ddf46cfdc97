"""What a network takes and what it gives: the shape of one item, without the batch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """An image of ``channels`` planes, ``height`` by ``width`` pixels."""

    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}"


@dataclass(frozen=True)
class Vector:
    """``size`` numbers, such as one logit per class."""

    size: int

    def __str__(self) -> str:
        return f"{self.size}"
