"""AdaptiveMean: maps brought to a given side by means over windows, the same on every device."""

import math
from collections.abc import Mapping
from fractions import Fraction

import torch
from jaxtyping import Float
from torch import Tensor, nn


class AdaptiveMean(nn.Module):
    """What ``nn.AdaptiveAvgPool2d(side)`` gives: the mean over windows that divide the map as evenly as they can.

    Dense layers of fixed size stand behind it, so that a network takes images of any size. Rows and columns are
    averaged by two matrix products, since torch's own layer has no deterministic gradient on a GPU; maps that have the
    side already pass as they are. Smaller maps are repeated.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c s s"]:
        """Maps of ``side`` x ``side``."""
        height, width = maps.shape[2:]
        if height == width == self.side:
            return maps
        rows, columns = (self._windows(length, maps) for length in (height, width))
        return rows @ maps @ columns.t()

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int | Fraction]:
        """What ``measures.cost`` asks: no weights, a window of pixels per unit."""
        height, width = (math.ceil(length / self.side) for length in takes[1:])
        connections = 0 if takes == gives else math.prod(gives) * height * width
        stride = max(Fraction(length, self.side) for length in takes[1:])
        return {"macs": 0, "connections": connections, "kernel": max(height, width), "stride": stride}

    def _windows(self, length: int, like: Tensor) -> Float[Tensor, "s l"]:
        """One row per window: 1 / pixels inside it, 0 elsewhere; window i goes from floor(i l / s) to its ceiling."""
        window = torch.arange(self.side, device=like.device)[:, None]
        first, end = window * length // self.side, ((window + 1) * length + self.side - 1) // self.side
        pixel = torch.arange(length, device=like.device)
        return ((pixel >= first) & (pixel < end)).to(like.dtype) / (end - first)

    def extra_repr(self) -> str:
        """For ``print(network)``."""
        return f"side={self.side}"
