"""FullBatchKMeans: Lloyd's algorithm, batch by batch."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from neocog.core.batch import Batch
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.centroid_start import drawn_generator, plus_plus
from neocog.networks.kmeans import KMeans

B = TypeVar("B", bound=Batch)


class FullBatchKMeans(AbstractLearner[B]):
    """Sums up a whole pass, and moves the centroids to the means of their items at its end.

    A step is a batch: what the pass has summed so far is part of every checkpoint. It never calls backward. The first
    step puts the centroids at points that k-means++ chooses. A cluster that has no items at the end of a pass gets the
    item that is farthest from its centroid, as in scikit-learn.

    Source: Lloyd 1982, doi 10.1109/TIT.1982.1056489. Sums are kept in float64, centroids in float32.

    Args:
        network: its centroids are moved.
        items: of a pass; the batches of a pass must hold exactly these, each once.
        start: gives points for k-means++ when it is called, n x d.
        inputs: what the network takes of a batch.
    """

    def __init__(
        self, network: KMeans, *, items: int, start: Callable[[], Tensor], inputs: Callable[[B], Tensor]
    ) -> None:
        self.network: KMeans = network
        self._items = items
        self._start = start
        self._inputs = inputs
        self._pass = _Pass(network)

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """Add one batch; at the end of the pass move the centroids. "loss" is the mean squared distance."""
        with torch.no_grad():
            head = self.network.head
            if not head.started:
                head.start(plus_plus(self._start(), len(head.centroids), drawn_generator()))
            items = self._inputs(batch)
            distances, nearest = self.network(items).min(1)
            self._pass.add(self.network.codes(items), distances, nearest)
            if self._pass.seen >= self._items:
                self._pass.move(head.centroids)
            return {"loss": distances.mean()}

    def parts(self) -> Mapping[str, Stateful]:
        """The network, and the sums of the pass so far."""
        return {"network": self.network, "pass": self._pass}


class _Pass:
    """Sums and counts per cluster, and the items farthest from their centroids."""

    def __init__(self, network: KMeans) -> None:
        self._like = network.head.centroids
        self._reset()

    def _reset(self) -> None:
        clusters, width = self._like.shape
        exact = torch.float32 if self._like.device.type == "mps" else torch.float64
        self.seen = 0
        self._sums = torch.zeros(clusters, width, dtype=exact, device=self._like.device)
        self._counts = torch.zeros(clusters, dtype=torch.long, device=self._like.device)
        self._far = torch.zeros(0, width, device=self._like.device)
        self._far_distances = torch.zeros(0, device=self._like.device)
        self._far_clusters = torch.zeros(0, dtype=torch.long, device=self._like.device)

    def add(self, codes: Float[Tensor, "n d"], distances: Float[Tensor, "n"], nearest: Tensor) -> None:
        members = torch.zeros(len(codes), len(self._sums), dtype=self._sums.dtype, device=codes.device)
        members[torch.arange(len(codes), device=codes.device), nearest] = 1.0
        self._sums += members.T @ codes.to(self._sums.dtype)
        self._counts += members.sum(0).long()
        self.seen += len(codes)
        all_distances = torch.cat([self._far_distances, distances])
        kept = all_distances.argsort(descending=True, stable=True)[: len(self._sums)]
        self._far = torch.cat([self._far, codes.float()])[kept]
        self._far_distances = all_distances[kept]
        self._far_clusters = torch.cat([self._far_clusters, nearest])[kept]

    def move(self, centroids: Tensor) -> None:
        empty = torch.nonzero(self._counts == 0)[:, 0].tolist()
        for cluster, (item, old) in zip(empty, zip(self._far, self._far_clusters.tolist(), strict=True)):
            if self._counts[old] > 1:
                self._sums[old] -= item
                self._counts[old] -= 1
                self._sums[cluster] = item
                self._counts[cluster] = 1
        filled = self._counts > 0
        centroids[filled] = (self._sums[filled] / self._counts[filled, None]).to(centroids.dtype)
        self._reset()

    def state_dict(self) -> dict[str, Any]:
        return {
            "seen": self.seen,
            "sums": self._sums,
            "counts": self._counts,
            "far": self._far,
            "far_distances": self._far_distances,
            "far_clusters": self._far_clusters,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.seen = int(state_dict["seen"])
        for name in ("sums", "counts", "far", "far_distances", "far_clusters"):
            setattr(self, f"_{name}", state_dict[name].to(self._like.device).clone())
