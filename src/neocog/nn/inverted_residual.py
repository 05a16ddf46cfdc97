"""InvertedResidual: many maps inside, few outside, and a way around between the few."""

from jaxtyping import Float
from torch import Tensor, nn

from neocog.nn.normed_convolution import normed_convolution


class InvertedResidual(nn.Module):
    """A 1x1 convolution to more maps, a 3x3 convolution of each map by itself, a 1x1 convolution back to few.

    Batch norm follows each, ReLU6 the first two; the last is linear. The input is added where neither its size nor the
    number of maps changes.

    Args:
        inputs: number of input maps.
        outputs: number of output maps.
        stride: step of the 3x3 convolution, in pixels.
        expansion: maps inside per input map; with 1 the first convolution is left out.

    Source: Sandler et al. 2018, arXiv 1801.04381, figure 3 and section 3.
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        inside = inputs * expansion
        self.adds = stride == 1 and inputs == outputs
        self.expand: nn.Module = nn.Identity()
        if expansion > 1:
            self.expand = normed_convolution(inputs, inside, 1, activation=nn.ReLU6(inplace=True))
        self.depthwise = normed_convolution(
            inside, inside, 3, stride=stride, groups=inside, activation=nn.ReLU6(inplace=True)
        )
        self.project = normed_convolution(inside, outputs, 1)

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """The block's maps."""
        change = self.project(self.depthwise(self.expand(maps)))
        return maps + change if self.adds else change
