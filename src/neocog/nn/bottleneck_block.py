"""BottleneckBlock: fewer maps, a 3x3 convolution on them, many maps again, and a way around."""

from jaxtyping import Float
from torch import Tensor, nn

WIDER = 4


class BottleneckBlock(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, each with batch norm; plus the input; ReLU.

    Args:
        inputs: number of input maps.
        maps: number of maps in the bottleneck; the block gives four times as many.
        stride: step of the 3x3 convolution, in pixels.
        shortcut: "projection" brings the input to the new shape, where that changes, by a 1x1 convolution and batch
            norm; "none" leaves the way around out everywhere (the plain twin).

    Source: He et al. 2016, arXiv 1512.03385, figure 5. We differ where the paper's first 1x1 convolution steps: here
    the 3x3 one does, as in torchvision ("v1.5"), which loses no pixel.
    """

    shortcut: nn.Module | None

    def __init__(self, inputs: int, maps: int, *, stride: int, shortcut: str) -> None:
        super().__init__()
        outputs = WIDER * maps
        self.conv1 = nn.Conv2d(inputs, maps, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(maps)
        self.conv2 = nn.Conv2d(maps, maps, 3, stride=stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(maps)
        self.conv3 = nn.Conv2d(maps, outputs, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(outputs)
        self.activation1, self.activation2, self.activation3 = (nn.ReLU(inplace=True) for _ in range(3))
        if shortcut == "none":
            self.shortcut = None
        elif stride == 1 and inputs == outputs:
            self.shortcut = nn.Identity()
        else:
            projection = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """The block's maps."""
        change = self.activation1(self.norm1(self.conv1(maps)))
        change = self.activation2(self.norm2(self.conv2(change)))
        change = self.norm3(self.conv3(change))
        return self.activation3(change if self.shortcut is None else change + self.shortcut(maps))
