"""PadShortcut: a residual shortcut without parameters."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class PadShortcut(nn.Module):
    """Every ``stride``-th pixel of the maps as they are, and ``more`` maps of zeros around them.

    Source: He et al. 2016, arXiv 1512.03385, section 3.3, option A. The paper does not say where the zeros go: here one
    half (rounded down) stands before the maps and the rest after them, as in the weights that are published for CIFAR.
    """

    def __init__(self, stride: int, more: int) -> None:
        super().__init__()
        self.stride, self.more = stride, more

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """Smaller and deeper maps."""
        every = F.avg_pool2d(maps, 1, self.stride)  # a slice would give its gradient in another memory format
        before = self.more // 2
        return F.pad(every, (0, 0, 0, 0, before, self.more - before))

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int]:
        """What ``measures.cost`` asks: no arithmetic, no learnt connections."""
        return {"macs": 0, "connections": 0, "kernel": 1, "stride": self.stride}

    def extra_repr(self) -> str:
        """For ``print(network)``."""
        return f"stride={self.stride}, more={self.more}"
