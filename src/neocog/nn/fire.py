"""Fire: a few maps squeezed out of many, then expanded by small and large kernels side by side."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class Fire(nn.Module):
    """1x1 convolution to ``squeezed`` maps, then ``expanded`` maps each by 1x1 and by 3x3 convolution; ReLU after all.

    Source: Iandola et al. 2016, arXiv 1602.07360, figure 1.
    """

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        """Those of the small kernels first."""
        few = F.relu(self.squeeze(maps), inplace=True)
        return torch.cat([F.relu(self.expand1x1(few), inplace=True), F.relu(self.expand3x3(few), inplace=True)], 1)
