"""Linear: softmax regression, the network without a hidden layer."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.shapes import Shape, Vector
from neocog.networks.network import AbstractNetwork, Facts, without_maps
from neocog.nn.activations import initialise


class Linear(AbstractNetwork):
    """One dense layer from the input to the output: softmax regression.

    The yardstick: what a network gains over it is what its hidden layers are worth on these data.
    """

    facts = Facts(
        idea="one weighted sum of the pixels per class (softmax regression)",
        year=1958,
        source="Cox 1958, The regression analysis of binary sequences; Bishop 2006, section 4.3.4",
    )

    def __init__(self, takes: Shape, gives: Vector) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        self.body = nn.Flatten()
        self.head = nn.Linear(takes.size, gives.size)
        initialise(self, "glorot")

    @property
    def strides(self) -> Mapping[str, int]:
        """None: there are no maps."""
        return {}

    def features(self, items: Tensor) -> dict[str, Tensor]:
        """Refused: there are no maps."""
        raise without_maps("linear")

    def forward(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(items))
