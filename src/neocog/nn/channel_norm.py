"""ChannelNorm: layer norm over the maps at each pixel."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class ChannelNorm(nn.LayerNorm):
    """Each pixel's numbers, one per map, brought to mean 0 and deviation 1, then scaled and shifted per map.

    Source: Ba, Kiros and Hinton 2016, arXiv 1607.06450, over the channels alone, as in Liu et al. 2022,
    arXiv 2201.03545.
    """

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The maps, normed."""
        pixels = maps.permute(0, 2, 3, 1)
        return F.layer_norm(pixels, self.normalized_shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)
