"""EnlargeTo: images brought to at least a given size, by whole factors and padding only."""

from collections.abc import Mapping
from fractions import Fraction

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from neocog.core.shapes import Image


class EnlargeTo(nn.Module):
    """Repeat each pixel by the largest whole factor with which both sides still fit ``side``, then pad with 0 to it.

    A network whose layers need a certain size begins with it. The padding goes to all four sides alike (the odd row
    or column to the bottom and right) and is 0, which is the mean colour of normalised images. A side that is large
    enough already stays as it is; nothing is cropped or stretched.
    """

    def __init__(self, takes: Image, side: int) -> None:
        super().__init__()
        self.factor = max(1, side // max(takes.height, takes.width))
        height, width = takes.height * self.factor, takes.width * self.factor
        self.gives = Image(takes.channels, max(height, side), max(width, side))
        rows, columns = self.gives.height - height, self.gives.width - width
        self.padding = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h2 w2"]:
        """The same images, larger where they were too small."""
        if self.factor > 1:
            images = F.interpolate(images, scale_factor=self.factor, mode="nearest")
        return F.pad(images, self.padding) if any(self.padding) else images

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int | Fraction]:
        """What ``measures.cost`` asks: no arithmetic, and steps of a fraction of a pixel."""
        return {"macs": 0, "connections": 0, "kernel": 1, "stride": Fraction(1, self.factor)}

    def extra_repr(self) -> str:
        """For ``print(network)``."""
        return f"{self.gives}, factor={self.factor}"
