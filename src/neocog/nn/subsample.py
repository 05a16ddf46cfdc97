"""Subsample: average pooling with a trainable coefficient and bias per map, as in LeNet-5 of 1998."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class Subsample(nn.Module):
    """The sum over disjoint windows of ``side`` x ``side`` pixels, times one coefficient and plus one bias per map.

    Use it to rebuild networks from before max-pooling. Odd rows and columns at the end are left out.

    Source: LeCun et al. 1998, section II.B (layers S2 and S4). We differ in the start: the coefficient begins as
    1 / side^2, so that the layer begins as the plain average.
    """

    def __init__(self, channels: int, side: int = 2) -> None:
        super().__init__()
        self.side = side
        self.coefficient = nn.Parameter(torch.full((channels,), 1 / side**2))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h2 w2"]:
        """Maps whose sides are divided by ``side``."""
        sums = F.avg_pool2d(maps, self.side) * self.side**2
        return sums * self.coefficient[:, None, None] + self.bias[:, None, None]

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int]:
        """What ``measures.cost`` asks: one multiply-add per unit, its window and its bias as connections."""
        units = gives[0] * gives[1] * gives[2]
        return {"macs": units, "connections": units * (self.side**2 + 1), "kernel": self.side, "stride": self.side}
