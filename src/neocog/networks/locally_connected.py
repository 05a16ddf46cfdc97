"""LocallyConnectedNet: a convolutional network whose convolutions share no weights."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.activations import ActivationName, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.at_least import EnlargeTo
from neocog.nn.dropout import Dropout
from neocog.nn.locally_connected import LocallyConnected
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened


@dataclass(frozen=True)
class Twin:
    """The shape of a convolutional network: (maps, side of the window) of each layer, dense units, dropout of both."""

    layers: tuple[tuple[int, int], ...]
    units: tuple[int, ...]
    dropout: tuple[float, float] = (0.0, 0.0)
    enlarged: int = 1
    smallest: int = 1
    scheme: Literal["he", "glorot"] = "he"


TWINS = {
    "lenet5": Twin(((6, 5), (16, 5)), (120, 84), enlarged=32),
    "simple-cnn": Twin(((32, 3),), (128,), (0.25, 0.5), smallest=4, scheme="glorot"),
}


class LocallyConnectedNet(AbstractNetwork):
    """The twin of a convolutional network, layer for layer, in which every place has weights of its own.

    The control between dense and convolutional networks: beside its twin it shows what sharing weights is worth, and
    beside an MLP what it is worth that a unit sees a small window. ``twin="lenet5"`` has the layers, sizes and initial
    weights of a modern LeNet-5 (it enlarges small images to 32x32 too), ``"simple-cnn"`` those of simple-cnn. Its
    weights grow with the image, since there is one kernel per pixel.

    Raises:
        UsageProblem: ``network-image-too-small``, under 4x4 pixels as simple-cnn.

    Source: LeCun 1989, "Generalization and network design strategies", which compared nets without (Net-3) and with
    shared weights (Net-4 and Net-5) on digits of 16x16 pixels. We differ in all sizes: they are the twin's.
    """

    facts = Facts(
        idea="a convolutional network without weight sharing: the control between dense and convolutional networks",
        year=1989,
        source="LeCun 1989, Generalization and network design strategies, Net-3",
        home=16,
        channels=1,
        classes=10,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        twin: Annotated[str, OneOf(*TWINS), "The network whose layers and sizes it has."] = "lenet5",
        activation: ActivationName = "relu",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
    ) -> None:
        super().__init__()
        like = TWINS[twin]
        check_size(takes, like.smallest, "locally-connected", remedy="take `locally-connected[twin=lenet5]`")
        self.takes, self.gives = takes, gives
        self.enlarge = EnlargeTo(takes, like.enlarged)
        inputs, rows, columns = self.enlarge.gives.axes
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for place, (published, side) in enumerate(like.layers, 1):
            maps = widened(published, width)
            layers[f"local{place}"] = LocallyConnected(
                inputs, maps, side, height=rows, width=columns, scheme=like.scheme
            )
            layers[f"activation{place}"] = activation_layer(activation)
            layers[f"pool{place}"] = nn.MaxPool2d(2)
            inputs, rows, columns = maps, (rows - side + 1) // 2, (columns - side + 1) // 2
        layers["dropout"] = Dropout(like.dropout[0])
        self.body = nn.Sequential(layers)
        dense: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
        numbers = inputs * rows * columns
        for place, units in enumerate([widened(count, width) for count in like.units], 1):
            dense[f"dense{place}"] = nn.Linear(numbers, units)
            dense[f"activation{place}"] = activation_layer(activation)
            numbers = units
        dense["dropout"] = Dropout(like.dropout[1])
        dense["output"] = nn.Linear(numbers, gives.size)
        self.head = nn.Sequential(dense)
        initialise(self.head, "glorot" if like.scheme == "glorot" else activation)
        initialise(dense["output"], "glorot")
        self._last = len(like.layers)

    @property
    def strides(self) -> Mapping[str, int]:
        """Pixels of the enlarged image per step in each map."""
        numbers = range(1, self._last + 1)
        return {f"{kind}{n}": 2 ** (n - (kind == "local")) for n in numbers for kind in ("local", "pool")}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``local1``, after its activation, ``pool1`` ...; the last after its dropout."""
        taps = {f"activation{n}": f"local{n}" for n in range(1, self._last + 1)}
        taps |= {f"pool{n}": f"pool{n}" for n in range(1, self._last)} | {"dropout": f"pool{self._last}"}
        return tapped(self.body, self.enlarge(images), taps)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(self.enlarge(images)))
