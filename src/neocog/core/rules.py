"""Constraints on options, as data: they check, explain themselves, and say which values would break them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Between:
    """``low <= value <= high``; ``open_low`` or ``open_high`` leave that end out."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: object) -> bool:
        """Whether a number (or every number of a sequence) lies in the range."""
        if isinstance(value, (tuple, list)):
            return all(self.holds(item) for item in value)
        if not isinstance(value, (int, float)):
            return False
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = f"above {self.low:g}" if self.open_low else f"{self.low:g}"
        high = f"below {self.high:g}" if self.open_high else f"{self.high:g}"
        return f"{low} to {high}"

    def bad_examples(self) -> list[float]:
        """Values just outside."""
        return [
            self.low if self.open_low else self.low - 1,
            self.high if self.open_high else self.high + 1,
            float("nan"),
        ]


@dataclass(frozen=True)
class AtLeast:
    """``value >= low``."""

    low: float

    def holds(self, value: object) -> bool:
        """Whether a number (or every number of a sequence) is large enough."""
        if isinstance(value, (tuple, list)):
            return all(self.holds(item) for item in value)
        return isinstance(value, (int, float)) and value >= self.low and value != float("inf")

    def __str__(self) -> str:
        return f"at least {self.low:g}"

    def bad_examples(self) -> list[float]:
        """Values just outside."""
        return [self.low - 1, float("nan"), float("inf")]


@dataclass(frozen=True)
class Above:
    """``value > low``."""

    low: float

    def holds(self, value: object) -> bool:
        """Whether a number (or every number of a sequence) is large enough."""
        if isinstance(value, (tuple, list)):
            return all(self.holds(item) for item in value)
        return isinstance(value, (int, float)) and value > self.low and value != float("inf")

    def __str__(self) -> str:
        return f"above {self.low:g}"

    def bad_examples(self) -> list[float]:
        """Values just outside."""
        return [self.low, float("nan"), float("inf")]


@dataclass(frozen=True, init=False)
class OneOf:
    """One of the named values."""

    values: tuple[object, ...]

    def __init__(self, *values: object) -> None:
        object.__setattr__(self, "values", values)

    def holds(self, value: object) -> bool:
        """Whether the value is one of those named."""
        return value in self.values

    def __str__(self) -> str:
        return "one of " + ", ".join(str(value) for value in self.values)

    def bad_examples(self) -> Sequence[object]:
        """Values that are not among those named."""
        return ["no-such-value"]


Rule = Between | AtLeast | Above | OneOf
