"""Autoencoder: items to short codes and back, with centroids among the codes."""

from collections import OrderedDict
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import AtLeast
from neocog.core.shapes import Shape, Vector
from neocog.networks.network import AbstractNetwork, Facts, without_maps
from neocog.nn.activations import ActivationName, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.centroids import Centroids


class Autoencoder(AbstractNetwork):
    """A dense encoder to a short code, its mirror image as decoder, and centroids in the space of the codes.

    Source: Hinton and Salakhutdinov 2006, doi 10.1126/science.1127647; with centroids: Xie, Girshick and Farhadi 2016,
    arXiv 1511.06335, whose layers are ``widths=500+500+2000``. Ours is narrower by default, is trained as a whole
    instead of layer by layer, and uses no dropout.
    """

    facts = Facts(
        idea="squeezes items into short codes and rebuilds them; clusters are found among the codes",
        year=2016,
        source="Xie, Girshick and Farhadi 2016, Unsupervised deep embedding for clustering analysis, arXiv 1511.06335",
    )
    scaled: ClassVar[tuple[str, ...]] = ("widths",)

    def __init__(
        self,
        takes: Shape,
        gives: Vector,
        *,
        widths: Annotated[tuple[int, ...], AtLeast(1), "Units in each hidden layer of the encoder."] = (500, 250),
        code: Annotated[int, AtLeast(1), "Numbers in the code of an item."] = 10,
        activation: ActivationName = "relu",
    ) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        inside, outside = (takes.size, *widths, code), (code, *reversed(widths), takes.size)
        self.encoder = nn.Sequential(OrderedDict(flatten=nn.Flatten(), **_dense(inside, activation)))
        self.decoder = nn.Sequential(_dense(outside, activation))
        self.head: Centroids = Centroids(gives.size, code)
        for half in (self.encoder, self.decoder):
            initialise(half, activation)
            initialise(half[-1], "glorot")

    @property
    def strides(self) -> Mapping[str, int]:
        """None: there are no maps."""
        return {}

    def features(self, items: Tensor) -> dict[str, Tensor]:
        """Refused: there are no maps."""
        raise without_maps("autoencoder")

    def codes(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n d"]:
        """The short codes."""
        return self.encoder(items)

    def decode(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n m"]:
        """The items rebuilt from their codes, each as one row of numbers."""
        return self.decoder(codes)

    def forward(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n k"]:
        """Squared distances of the codes to the centroids."""
        return self.head(self.codes(items))


def _dense(sizes: tuple[int, ...], activation: ActivationName) -> OrderedDict[str, nn.Module]:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number, (inputs, outputs) in enumerate(pairwise(sizes), 1):
        layers[f"dense{number}"] = nn.Linear(inputs, outputs)
        if number < len(sizes) - 1:
            layers[f"activation{number}"] = activation_layer(activation)
    return layers
