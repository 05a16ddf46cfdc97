"""ConvNeXtBlock: a wide convolution of each map by itself, then a small dense network at each pixel."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.nn.stochastic_depth import StochasticDepth

KERNEL = 7
WIDER = 4
EPSILON = 1e-6
LAYER_SCALE = 1e-6


class ConvNeXtBlock(nn.Module):
    """A 7x7 depthwise convolution, layer norm, dense to four times the maps, GELU, dense back; scaled; plus the input.

    Each map of the branch has a scale that is learnt and begins at 1e-6, so that a new block changes almost nothing.

    Args:
        maps: number of maps, in and out.
        drop: share of items whose branch is left out while training.

    Source: Liu et al. 2022, arXiv 2201.03545, figure 4; layer scale: Touvron et al. 2021, arXiv 2103.17239, eq. 2.
    """

    def __init__(self, maps: int, *, drop: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(maps, maps, KERNEL, padding=KERNEL // 2, groups=maps)
        self.norm = nn.LayerNorm(maps, eps=EPSILON)
        self.expand = nn.Linear(maps, WIDER * maps)
        self.activation = nn.GELU()
        self.project = nn.Linear(WIDER * maps, maps)
        self.layer_scale = nn.Parameter(torch.full((maps, 1, 1), LAYER_SCALE))
        self.drop = StochasticDepth(drop)

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The block's maps."""
        pixels = self.norm(self.depthwise(maps).permute(0, 2, 3, 1))
        change = self.project(self.activation(self.expand(pixels))).permute(0, 3, 1, 2)
        return maps + self.drop(change * self.layer_scale)
