"""StochasticDepth: leaves out a residual branch for some items, while training."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class StochasticDepth(nn.Module):
    """Sets the whole branch of an item to 0 with probability ``p`` and divides the others by ``1 - p``.

    Draws from torch's global generator, one number per item, only while training and where ``p`` is above 0.

    Source: Huang et al. 2016, arXiv 1603.09382, eq. 2; scaled while training instead of at the test.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, branch: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The branches that are left, scaled."""
        if not self.training or self.p == 0:
            return branch
        kept = torch.empty(len(branch), 1, 1, 1, dtype=branch.dtype, device=branch.device).bernoulli_(1 - self.p)
        return branch * kept.div_(1 - self.p)

    def extra_repr(self) -> str:
        """For ``print(network)``."""
        return f"p={self.p:g}"
