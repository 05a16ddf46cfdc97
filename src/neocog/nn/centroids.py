"""Centroids: one point per cluster, and how far items are from each."""

from collections.abc import Mapping
from fractions import Fraction

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Centroids(nn.Module):
    """The output layer of clustering: squared Euclidean distances to centroids, which are its parameters.

    ``started`` is false until a learner has given the centroids their start from data; before, they are noise.

    Args:
        clusters: number of centroids.
        width: coordinates of each.
    """

    started: Tensor

    def __init__(self, clusters: int, width: int) -> None:
        super().__init__()
        self.centroids = nn.Parameter(torch.randn(clusters, width))
        self.register_buffer("started", torch.tensor(False))

    def forward(self, codes: Float[Tensor, "n d"]) -> Float[Tensor, "n k"]:
        """Squared distances, in float32 whatever the precision of the run: near ties decide where an item belongs."""
        return squared_distances(codes, self.centroids).float()

    def start(self, centroids: Float[Tensor, "k d"]) -> None:
        """Put the centroids where data say."""
        with torch.no_grad():
            self.centroids.copy_(centroids)
            self.started.fill_(True)

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int | Fraction]:
        """A multiply-add per coordinate of every centroid."""
        work = self.centroids.numel()
        return {"macs": work, "connections": work, "kernel": 1, "stride": 1}


def squared_distances(points: Float[Tensor, "n d"], centroids: Float[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    """Squared Euclidean distances, computed in float64 where the device has it; gradients flow through both."""
    with torch.autocast(points.device.type, enabled=False):
        exact = torch.float32 if points.device.type == "mps" else torch.float64
        a, b = points.to(exact), centroids.to(exact)
        return (a.square().sum(1, keepdim=True) - 2.0 * (a @ b.T) + b.square().sum(1)).clamp(min=0.0)
