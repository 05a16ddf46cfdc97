"""Where centroids begin (k-means++), and where whole passes over points in memory lead them (Lloyd)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from neocog.nn.centroids import squared_distances

MOST_POINTS = 20_000  # k-means++ looks at so many points; of more, at a random sample


def plus_plus(points: Float[Tensor, "n d"], clusters: int, generator: torch.Generator) -> Float[Tensor, "k d"]:
    """Centroids among the points, each new one drawn in proportion to the squared distance from those before.

    Source: Arthur and Vassilvitskii 2007, k-means++; of 2 + log k candidates the one that lowers the inertia most is
    taken, as they suggest and scikit-learn does.

    Args:
        points: at least as many as clusters.
        clusters: how many centroids.
        generator: on the CPU; what the draws come from.
    """
    chosen = [int(torch.randint(len(points), (), generator=generator))]
    nearest = squared_distances(points, points[chosen])[:, 0]
    for _ in range(clusters - 1):
        sums = nearest.cumsum(0)
        draws = torch.rand(2 + int(math.log(clusters)), generator=generator, dtype=torch.float64).to(sums)
        candidates = torch.searchsorted(sums, draws * sums[-1]).clamp(max=len(points) - 1)
        each = torch.minimum(nearest[:, None], squared_distances(points, points[candidates]))
        best = int(each.sum(0).argmin())
        chosen.append(int(candidates[best]))
        nearest = each[:, best]
    return points[chosen].clone()


def lloyd(
    points: Float[Tensor, "n d"], start: Float[Tensor, "k d"], *, passes: int = 100
) -> tuple[Float[Tensor, "k d"], float]:
    """Centroids after so many passes, or once no item changes its cluster; and their inertia.

    A cluster that lost all its items keeps its centroid.
    """
    centroids = start
    before: Tensor | None = None
    for _ in range(passes):
        nearest = squared_distances(points, centroids).argmin(1)
        if before is not None and torch.equal(nearest, before):
            break
        before = nearest
        members = torch.zeros(len(points), len(start), dtype=torch.float64, device=points.device)
        members[torch.arange(len(points), device=points.device), nearest] = 1.0
        counts = members.sum(0)[:, None]
        means = (members.T @ points.double()) / counts.clamp(min=1.0)
        centroids = torch.where(counts > 0, means.to(points.dtype), centroids)
    return centroids, float(squared_distances(points, centroids).amin(1).sum())


def best_of(
    points: Float[Tensor, "n d"], clusters: int, generator: torch.Generator, *, starts: int
) -> Float[Tensor, "k d"]:
    """The centroids of lowest inertia out of several starts, each followed to its end."""
    found = [lloyd(points, plus_plus(points, clusters, generator)) for _ in range(starts)]
    return min(found, key=lambda each: each[1])[0]


def drawn_generator() -> torch.Generator:
    """A CPU generator seeded by torch's own, whose state a run keeps in its checkpoints."""
    return torch.Generator().manual_seed(int(torch.randint(2**62, ())))
