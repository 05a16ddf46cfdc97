"""LeNet5: the network that read the digits on cheques, in modern dress or as in 1998."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import Above, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts
from neocog.nn.activations import ACTIVATIONS, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.at_least import EnlargeTo
from neocog.nn.partial_convolution import PartialConvolution
from neocog.nn.pooling_sequence import PoolingSequence
from neocog.nn.subsample import Subsample
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

SIDE = 32
MAPS, UNITS = (6, 16), (120, 84)
TABLE_I = (
    *((i, (i + 1) % 6, (i + 2) % 6) for i in range(6)),
    *((i, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)),
    *((i, (i + 1) % 6, (i + 3) % 6, (i + 4) % 6) for i in range(3)),
    (0, 1, 2, 3, 4, 5),
)
TAPS = {"activation1": "c1", "s2": "s2", "activation2": "s2", "activation3": "c3", "s4": "s4", "activation4": "s4"}


class LeNet5(AbstractNetwork):
    """Two rounds of 5x5 convolution and pooling, then dense layers of 120 and 84 units.

    Modern by default: ReLU, max-pooling, C3 sees all maps of S2. ``variant="1998"`` is the paper's: scaled tanh,
    trainable subsampling, the partial connections of table I, C5 as a convolution that covers all of S4, LeCun's
    initial weights. Images smaller than 32x32 are enlarged by the largest whole factor that fits and padded with 0;
    for larger ones C5 is sized to cover their S4 too. Strides are in pixels of the enlarged image. ``width`` multiplies
    maps and units, which the variant of 1998 refuses.

    Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document recognition",
    section II.B. We differ in both variants: the output is a dense layer of logits in the place of radial basis
    functions of fixed 7x12 bitmaps, whose loss fits no other classes than characters.
    """

    facts = Facts(
        idea="convolution and pooling twice, then dense layers: the first CNN in wide use",
        year=1998,
        source="LeCun et al. 1998, Gradient-based learning applied to document recognition",
        home=32,
        channels=1,
        classes=10,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        variant: Annotated[str, OneOf("modern", "1998"), "ReLU and max-pooling, or as in the paper."] = "modern",
        activation: Annotated[
            str,
            OneOf("auto", "scaled-tanh", *ACTIVATIONS),
            "Activation function of the hidden layers; auto: relu, or scaled-tanh in 1998.",
        ] = "auto",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
    ) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        old = variant == "1998"
        if old and width != 1:
            raise _one_width(width)
        maps, units = ([widened(count, width) for count in counts] for counts in (MAPS, UNITS))
        name = activation if activation != "auto" else "scaled-tanh" if old else "relu"
        self.enlarge = EnlargeTo(takes, SIDE)
        self.body = _body(takes.channels, maps, name, old)
        enlarged = self.enlarge.gives
        sides = ((enlarged.height - 12) // 4, (enlarged.width - 12) // 4)
        output = nn.Linear(units[1], gives.size)
        self.head = nn.Sequential(
            OrderedDict(
                [
                    *_c5(maps[1], units[0], sides, old).items(),
                    ("activation5", activation_layer(name)),
                    ("f6", nn.Linear(units[0], units[1])),
                    ("activation6", activation_layer(name)),
                    ("output", output),
                ]
            )
        )
        initialise(self, name)
        initialise(output, "glorot")

    @property
    def strides(self) -> Mapping[str, int]:
        """Pixels of the enlarged image per step in each map."""
        return {"c1": 1, "s2": 2, "c3": 2, "s4": 4}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``c1``, ``s2``, ``c3`` and ``s4``, each after its activation."""
        return tapped(self.body, self.enlarge(images), TAPS)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(self.enlarge(images)))


def _body(channels: int, maps: Sequence[int], activation: str, old: bool) -> nn.Sequential:
    first, second = maps
    layers: OrderedDict[str, nn.Module] = OrderedDict(c1=nn.Conv2d(channels, first, 5))
    layers["activation1"] = activation_layer(activation)
    layers["s2"] = Subsample(first) if old else nn.MaxPool2d(2)
    if old:
        layers["activation2"] = activation_layer(activation)
    layers["c3"] = PartialConvolution(first, TABLE_I, 5) if old else nn.Conv2d(first, second, 5)
    layers["activation3"] = activation_layer(activation)
    layers["s4"] = Subsample(second) if old else nn.MaxPool2d(2)
    if old:
        layers["activation4"] = activation_layer(activation)
    return PoolingSequence(layers)


def _c5(maps: int, units: int, sides: tuple[int, int], old: bool) -> dict[str, nn.Module]:
    """The same arithmetic either way; torch does the dense layer faster."""
    if old:
        return {"c5": nn.Conv2d(maps, units, sides), "flatten": nn.Flatten()}
    return {"flatten": nn.Flatten(), "c5": nn.Linear(maps * sides[0] * sides[1], units)}


def _one_width(width: float) -> UsageProblem:
    return UsageProblem(
        "network-one-width",
        "lenet5 of 1998 has one width: its table of connections is for 6 and 16 maps",
        where=f"network.width={width:g}",
        help="leave the width out, or take variant=modern",
    )
