"""LocallyConnected: a convolution that shares no weights."""

import math
from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class LocallyConnected(nn.Module):
    """Each unit sees a window of pixels, as in a convolution with stride 1 without padding, with weights of its own.

    Use it to tell what a convolution owes to looking at small windows from what it owes to using the same weights
    everywhere. With the same kernel at every place it is that convolution.

    Args:
        inputs: number of input maps.
        outputs: number of output maps.
        side: height and width of the windows, in pixels.
        height: of the input maps, in pixels; every place has its weights, so that the size is fixed.
        width: the same.
        scheme: initial weights, those of the convolution with these windows: He's or Glorot's, uniform. Biases begin
            at 0.

    Source: LeCun 1989, "Generalization and network design strategies", Net-3. The weights are (places, outputs,
    inputs * side * side), places row by row.
    """

    def __init__(
        self, inputs: int, outputs: int, side: int, *, height: int, width: int, scheme: Literal["he", "glorot"] = "he"
    ) -> None:
        super().__init__()
        self.side, self.rows, self.columns = side, height - side + 1, width - side + 1
        window = side * side
        variance = 2 / (inputs * window) if scheme == "he" else 2 / ((inputs + outputs) * window)
        bound = math.sqrt(3 * variance)
        places = self.rows * self.columns
        self.weight = nn.Parameter(torch.empty(places, outputs, inputs * window).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(outputs, self.rows, self.columns))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """Maps whose sides are ``side - 1`` smaller."""
        windows = F.unfold(maps, self.side).permute(2, 0, 1)  # places, items, numbers of a window
        found = torch.bmm(windows, self.weight.transpose(1, 2))
        return found.permute(1, 2, 0).unflatten(2, (self.rows, self.columns)) + self.bias

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int]:
        """What ``measures.cost`` asks: every weight is used once."""
        macs = self.weight.numel()
        return {"macs": macs, "connections": macs + self.bias.numel(), "kernel": self.side, "stride": 1}

    def extra_repr(self) -> str:
        """For ``print(network)``."""
        return f"{self.weight.shape[1]} maps of {self.rows}x{self.columns}, side={self.side}"
