"""MLP: the ordinary artificial neural network, dense layers one after the other."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import AtLeast, Between
from neocog.core.shapes import Shape, Vector
from neocog.networks.network import AbstractNetwork, Facts, without_maps
from neocog.nn.activations import ActivationName, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.dropout import Dropout


class MLP(AbstractNetwork):
    """Dense hidden layers, each with an activation and dropout, and a dense output layer.

    It knows nothing of which pixels are neighbours: the ANN that a CNN has to beat.

    Source: Rumelhart, Hinton and Williams 1986; dropout: Srivastava et al. 2014, section 7; batch norm, before the
    activation: Ioffe and Szegedy 2015, arXiv 1502.03167. Weights begin as fits the activation (``nn/activations.py``),
    those of the output layer as Glorot's.
    """

    facts = Facts(
        idea="dense layers; knows nothing of which pixels are neighbours",
        year=1986,
        source="Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors",
    )
    scaled: ClassVar[tuple[str, ...]] = ("widths",)

    def __init__(
        self,
        takes: Shape,
        gives: Vector,
        *,
        widths: Annotated[tuple[int, ...], AtLeast(1), "Units in each hidden layer."] = (512, 256),
        activation: ActivationName = "relu",
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of hidden units left out at each step."] = 0.2,
        batch_norm: Annotated[bool, "Normalise each hidden unit over the batch, before its activation."] = False,
    ) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
        inputs = takes.size
        for number, width in enumerate(widths, 1):
            layers[f"dense{number}"] = nn.Linear(inputs, width, bias=not batch_norm)
            if batch_norm:
                layers[f"norm{number}"] = nn.BatchNorm1d(width)
            layers[f"activation{number}"] = activation_layer(activation)
            layers[f"dropout{number}"] = Dropout(dropout)
            inputs = width
        self.body = nn.Sequential(layers)
        self.head = nn.Linear(inputs, gives.size)
        initialise(self.body, activation)
        initialise(self.head, "glorot")

    @property
    def strides(self) -> Mapping[str, int]:
        """None: there are no maps."""
        return {}

    def features(self, items: Tensor) -> dict[str, Tensor]:
        """Refused: there are no maps."""
        raise without_maps("mlp")

    def forward(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(items))
