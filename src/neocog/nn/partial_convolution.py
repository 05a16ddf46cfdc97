"""PartialConvolution: a convolution in which each output map sees only some of the input maps."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class PartialConvolution(nn.Module):
    """A convolution with ``side`` x ``side`` kernels, stride 1, without padding, along a table of connections.

    Use it to rebuild C3 of LeNet-5. Only the kernels of the table exist as parameters.

    Args:
        inputs: number of input maps.
        table: for each output map, the input maps that it sees.
        side: height and width of the kernels, in pixels.

    Source: LeCun et al. 1998, section II.B and table I; the initial weights are uniform within 2.4 / (inputs of the
    unit), as in its appendix A, and biases begin at 0.
    """

    places: Tensor

    def __init__(self, inputs: int, table: Sequence[Sequence[int]], side: int) -> None:
        super().__init__()
        self.inputs, self.outputs, self.side = inputs, len(table), side
        places = [output * inputs + source for output, sources in enumerate(table) for source in sources]
        bounds = [2.4 / (len(sources) * side**2) for sources in table for _ in sources]
        self.register_buffer("places", torch.tensor(places), persistent=False)
        uniform = torch.empty(len(places), side, side).uniform_(-1, 1)
        self.weight = nn.Parameter(uniform * torch.tensor(bounds)[:, None, None])
        self.bias = nn.Parameter(torch.zeros(self.outputs))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """Maps whose sides are ``side - 1`` smaller."""
        empty = self.weight.new_zeros(self.outputs * self.inputs, self.side, self.side)
        full = empty.index_copy(0, self.places, self.weight)
        return F.conv2d(maps, full.view(self.outputs, self.inputs, self.side, self.side), self.bias)

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int]:
        """What ``measures.cost`` asks: multiply-adds along the table only (here the gaps are filled with 0)."""
        positions = gives[1] * gives[2]
        macs = self.weight.numel() * positions
        return {"macs": macs, "connections": macs + self.outputs * positions, "kernel": self.side, "stride": 1}
