"""AbstractSmallNetwork: networks that only claims need, to differ in the one thing that a claim is about."""

from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.networks.network import AbstractNetwork, Facts
from neocog.nn.activations import initialise


class AbstractSmallNetwork(AbstractNetwork):
    """Layers up to the last map, and dense layers on it; whoever derives from it sets ``body``, ``head``, ``stride``.

    Not in the list of networks: they exist to be compared with their own twins.
    """

    facts: ClassVar[Facts] = Facts(idea="a twin that differs from its sibling in one thing", year=2026, source="neocog")
    body: nn.Module
    head: nn.Module
    stride: int = 1

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in the last map."""
        return {"last": self.stride}

    def features(self, items: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``last``."""
        return {"last": self.body(items)}

    def forward(self, items: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(items))


def begin(network: AbstractSmallNetwork, output: nn.Linear) -> None:
    """Initial weights before ReLU; those of the output layer as Glorot's."""
    initialise(network, "relu")
    initialise(output, "glorot")
