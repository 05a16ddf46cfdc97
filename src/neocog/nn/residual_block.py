"""ResidualBlock: two 3x3 convolutions and a way around them."""

from jaxtyping import Float
from torch import Tensor, nn

from neocog.nn.activations import activation as activation_layer
from neocog.nn.pad_shortcut import PadShortcut


class ResidualBlock(nn.Module):
    """Convolution, batch norm, activation, convolution, batch norm; plus the input; activation.

    Args:
        inputs: number of input maps.
        outputs: number of output maps.
        stride: step of the first convolution, in pixels.
        shortcut: where shapes change, "A" pads the input with maps of zeros and "B" projects it with a 1x1
            convolution and batch norm; "none" leaves the way around out everywhere (the plain twin).
        activation: a name of ``ACTIVATIONS``.
        in_place: let a ReLU write over its input, which saves time where maps are large.

    Source: He et al. 2016, arXiv 1512.03385, figure 2 and section 3.3.
    """

    shortcut: nn.Module | None

    def __init__(
        self, inputs: int, outputs: int, *, stride: int, shortcut: str, activation: str, in_place: bool = False
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.activation1 = activation_layer(activation)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.activation2 = activation_layer(activation)
        for layer in (self.activation1, self.activation2):
            if isinstance(layer, nn.ReLU):
                layer.inplace = in_place
        if shortcut == "none":
            self.shortcut = None
        elif stride == 1 and inputs == outputs:
            self.shortcut = nn.Identity()
        elif shortcut == "A":
            self.shortcut = PadShortcut(stride, outputs - inputs)
        else:
            projection = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """The block's maps."""
        change = self.norm2(self.conv2(self.activation1(self.norm1(self.conv1(maps)))))
        return self.activation2(change if self.shortcut is None else change + self.shortcut(maps))
