"""KMeans: nothing but centroids."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.shapes import Shape, Vector
from neocog.networks.network import AbstractNetwork, Facts, without_maps
from neocog.nn.centroids import Centroids


class KMeans(AbstractNetwork):
    """One centroid per cluster, in the space of the inputs; an item belongs to the nearest.

    Its centroids are ordinary parameters (saved, loaded, counted), but no gradient moves them: its learners are
    ``FullBatchKMeans`` and ``MiniBatchKMeans``.
    """

    facts = Facts(
        idea="one point per cluster; each item belongs to the nearest (k-means)",
        year=1957,
        source="Lloyd 1957 (published 1982), Least squares quantization in PCM, doi 10.1109/TIT.1982.1056489",
    )

    def __init__(self, takes: Shape, gives: Vector) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        self.body = nn.Flatten()
        self.head: Centroids = Centroids(gives.size, takes.size)

    @property
    def strides(self) -> Mapping[str, int]:
        """None: there are no maps."""
        return {}

    def features(self, items: Tensor) -> dict[str, Tensor]:
        """Refused: there are no maps."""
        raise without_maps("kmeans")

    def codes(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n d"]:
        """Where the items are compared with the centroids: their own numbers in a row."""
        return self.body(items)

    def forward(self, items: Float[Tensor, "n *axes"]) -> Float[Tensor, "n k"]:
        """Squared distances to the centroids."""
        return self.head(self.codes(items))
