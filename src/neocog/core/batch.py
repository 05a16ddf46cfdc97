"""Batch: the items that one step sees."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor

from neocog.core.shapes import Shape


class Batch(ABC):
    """A frozen dataclass of tensors that share their first axis; one subclass per family of data."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of items."""

    def to(self, device: torch.device | str) -> "Batch":
        """The same items on another device."""
        return _each(self, lambda tensor: tensor.to(device, non_blocking=True))

    def select(self, rows: Tensor) -> "Batch":
        """The items of the given rows, in that order."""
        return _each(self, lambda tensor: tensor[rows])


def blank(shape: Shape, items: int, device: torch.device | str = "cpu") -> Tensor:
    """What a network gets of so many items of a shape, all zero."""
    return torch.zeros(items, *shape.axes, dtype=torch.long if shape.whole else torch.float32, device=device)


def _each(batch: Any, change: Callable[[Tensor], Tensor]) -> Any:
    values = {field.name: getattr(batch, field.name) for field in fields(batch)}
    return replace(batch, **{name: change(value) for name, value in values.items() if isinstance(value, Tensor)})
