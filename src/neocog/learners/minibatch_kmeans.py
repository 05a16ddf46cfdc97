"""MiniBatchKMeans: k-means that moves at every batch."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor

from neocog.core.batch import Batch
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.centroid_start import drawn_generator, plus_plus
from neocog.networks.kmeans import KMeans

B = TypeVar("B", bound=Batch)

SELDOM = 0.01  # of the commonest cluster's count: what has less may begin anew
EVERY = 10  # items per cluster between two looks for such clusters


class MiniBatchKMeans(AbstractLearner[B]):
    """Moves each centroid towards the mean of its items in the batch, the less the more items it has had.

    After n items a centroid is the mean of all of them. A cluster that has had less than a hundredth of the commonest
    one's items begins anew at an item of the batch, drawn at random. It never calls backward; the first step puts the
    centroids at points that k-means++ chooses. Take it where a pass over all data is slow; `FullBatchKMeans` ends
    lower.

    Source: Sculley 2010, doi 10.1145/1772690.1772862; beginning anew as in scikit-learn.

    Args:
        network: its centroids are moved.
        start: gives points for k-means++ when it is called, n x d.
        inputs: what the network takes of a batch.
    """

    def __init__(self, network: KMeans, *, start: Callable[[], Tensor], inputs: Callable[[B], Tensor]) -> None:
        self.network: KMeans = network
        self._start = start
        self._inputs = inputs
        self._counts = _Counts(network)

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """Move the centroids once. "loss" is the mean squared distance, before."""
        with torch.no_grad():
            head = self.network.head
            if not head.started:
                head.start(plus_plus(self._start(), len(head.centroids), drawn_generator()))
            items = self._inputs(batch)
            distances, nearest = self.network(items).min(1)
            self._counts.move(head.centroids, self.network.codes(items), nearest)
            return {"loss": distances.mean()}

    def parts(self) -> Mapping[str, Stateful]:
        """The network, and how many items each cluster has had."""
        return {"network": self.network, "counts": self._counts}


class _Counts:
    """How many items each cluster has had."""

    def __init__(self, network: KMeans) -> None:
        centroids = network.head.centroids
        exact = torch.float32 if centroids.device.type == "mps" else torch.float64
        self._counts = torch.zeros(len(centroids), dtype=exact, device=centroids.device)
        self._since = 0

    def move(self, centroids: Tensor, codes: Tensor, nearest: Tensor) -> None:
        members = torch.zeros(len(codes), len(centroids), dtype=self._counts.dtype, device=codes.device)
        members[torch.arange(len(codes), device=codes.device), nearest] = 1.0
        new = members.sum(0)
        self._counts += new
        sums = members.T @ codes.to(members.dtype) - new[:, None] * centroids.to(members.dtype)
        centroids += (sums / self._counts.clamp(min=1.0)[:, None]).to(centroids.dtype)
        self._since += len(codes)
        if self._since >= EVERY * len(centroids):
            self._since = 0
            self._begin_anew(centroids, codes)

    def _begin_anew(self, centroids: Tensor, codes: Tensor) -> None:
        seldom = torch.nonzero(self._counts < SELDOM * self._counts.max())[:, 0]
        if len(seldom) == 0:
            return
        seldom = seldom[: len(codes) // 2]
        chosen = torch.randperm(len(codes))[: len(seldom)].to(codes.device)
        centroids[seldom] = codes[chosen].to(centroids.dtype)
        kept = torch.ones(len(centroids), dtype=torch.bool, device=codes.device)
        kept[seldom] = False
        self._counts[seldom] = self._counts[kept].min() if kept.any() else 1.0

    def state_dict(self) -> dict[str, Any]:
        return {"counts": self._counts, "since": self._since}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._counts = state_dict["counts"].to(self._counts.device).clone()
        self._since = int(state_dict["since"])
