"""EmbeddedClustering: an autoencoder first, then clusters among its codes, drawn apart."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.centroid_start import best_of, drawn_generator
from neocog.learners.one_loss import OneLoss
from neocog.networks.autoencoder import Autoencoder

B = TypeVar("B", bound=Batch)

TINY = 1e-12  # no membership is smaller, so that its logarithm is a number


@dataclass(frozen=True)
class Refinement:
    """How the plan is divided, and how the clusters are drawn apart.

    Args:
        pretraining: share of the plan that trains the autoencoder alone, 0 to 1.
        weight: of the clustering loss beside the reconstruction error (mean square per number, inputs standardised).
        refresh: steps between two looks at all items, for new targets.
        starts: k-means starts on the codes, of which the lowest inertia is taken.
    """

    pretraining: float = 0.6
    weight: float = 1.0
    refresh: int = 100
    starts: int = 5


class _Loss(NamedTuple):
    total: Tensor
    parts: Mapping[str, Tensor]


class EmbeddedClustering(AbstractLearner[B]):
    """Deep embedded clustering, in three parts of one plan.

    1. The autoencoder learns to rebuild its items.
    2. Once: k-means on the codes of all training items, the best of several starts, gives the centroids.
    3. Each item's soft memberships are drawn towards sharper targets, which are made anew from all items every
       ``refresh`` steps; the reconstruction error stays in the loss.

    Source: Xie, Girshick and Farhadi 2016, arXiv 1511.06335. We differ: the autoencoder is trained as a whole, not
    layer by layer with dropout; its reconstruction error stays in the loss (Guo et al. 2017, doi
    10.24963/ijcai.2017/243); where images are augmented, the network learns from augmented images, while centroids and
    targets come from images as they are (Guo et al. 2018, "Deep embedded clustering with data augmentation"), and what
    it rebuilds is the image as it was before (a denoising autoencoder: Vincent et al. 2008, doi
    10.1145/1390156.1390294), so that a code need not hold how an image was moved.

    Args:
        network: its encoder, decoder and centroids are moved.
        descent: of the whole plan.
        inputs: what the network takes of a batch.
        originals: the same of the items of a batch as they are, without augmentation.
        rows: the place of each item of a batch among the items of ``clean``.
        clean: gives all training items in order, as they are, in batches.
        refinement: how the plan is divided.
    """

    def __init__(
        self,
        network: Autoencoder,
        *,
        descent: Descent,
        inputs: Callable[[B], Tensor],
        originals: Callable[[B], Tensor],
        rows: Callable[[B], Tensor],
        clean: Callable[[], Iterable[B]],
        refinement: Refinement,
    ) -> None:
        self.network: Autoencoder = network
        self._inputs = inputs
        self._originals = originals
        self._rows = rows
        self._clean = clean
        self._refinement = refinement
        self._targets = _Targets(network)
        self._descending = OneLoss(network, self._loss, descent)

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """One update; gives "loss", "reconstruction" and, once clusters are there, "clustering"."""
        head = self.network.head
        if not head.started and progress >= self._refinement.pretraining:
            codes = self._all_codes()
            with torch.no_grad():
                head.start(best_of(codes, len(head.centroids), drawn_generator(), starts=self._refinement.starts))
                self._targets.take(target_distribution(memberships(head(codes))))
        elif head.started and (not self._targets.made or self._targets.age >= self._refinement.refresh):
            with torch.no_grad():
                self._targets.take(target_distribution(memberships(head(self._all_codes()))))
        self._targets.age += 1
        return self._descending.step(batch, progress)

    def parts(self) -> Mapping[str, Stateful]:
        """The network, the optimizer, and the targets of all training items with their age."""
        return {**self._descending.parts(), "targets": self._targets}

    def _loss(self, network: nn.Module, batch: B) -> _Loss:
        codes = self.network.codes(self._inputs(batch))
        rebuilt, originals = self.network.decode(codes).float(), self._originals(batch).flatten(1).float()
        reconstruction = nn.functional.mse_loss(rebuilt, originals)
        if not self.network.head.started:
            return _Loss(reconstruction, {"reconstruction": reconstruction})
        targets = self._targets.of(self._rows(batch))
        found = memberships(self.network.head(codes))
        clustering = (targets * (targets.clamp(min=TINY).log() - found.clamp(min=TINY).log())).sum(1).mean()
        total = reconstruction + self._refinement.weight * clustering
        return _Loss(total, {"reconstruction": reconstruction, "clustering": clustering})

    def _all_codes(self) -> Float[Tensor, "n d"]:
        training = self.network.training
        self.network.eval()
        with torch.no_grad():
            codes = torch.cat([self.network.codes(self._inputs(batch)).float() for batch in self._clean()])
        self.network.train(training)
        return codes


class _Targets:
    """What the memberships of every training item are drawn to, and for how many steps that has been so."""

    def __init__(self, network: Autoencoder) -> None:
        self._values = torch.zeros(0, len(network.head.centroids), device=network.head.centroids.device)
        self.age = 0

    @property
    def made(self) -> bool:
        return len(self._values) > 0

    def take(self, values: Float[Tensor, "n k"]) -> None:
        self._values = values
        self.age = 0

    def of(self, rows: Tensor) -> Float[Tensor, "m k"]:
        return self._values[rows]

    def state_dict(self) -> dict[str, Any]:
        return {"values": self._values, "age": self.age}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._values = state_dict["values"].to(self._values.device).clone()
        self.age = int(state_dict["age"])


def memberships(squared_distances: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
    """Soft memberships by Student's t with one degree of freedom, each row adding up to 1 (equation 1 of the paper)."""
    near = 1.0 / (1.0 + squared_distances)
    return near / near.sum(1, keepdim=True)


def target_distribution(found: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
    """Memberships squared, over the size of each cluster, each row adding up to 1 (equation 3 of the paper)."""
    sharper = found.square() / found.sum(0)
    return sharper / sharper.sum(1, keepdim=True)
