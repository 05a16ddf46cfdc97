"""Cluster: which items belong together, where nobody has said it?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.rules import AtLeast, Between, OneOf
from neocog.core.shapes import Vector
from neocog.core.source import AbstractSource
from neocog.data.as_trained import image_batch, image_items
from neocog.data.augment import Augmentation
from neocog.data.family import AbstractData, Batching, Family, items_of
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageBatch, ImageData
from neocog.data.table_data import TableBatch, TableData
from neocog.data.table_family import TABLE_OR_IMAGES
from neocog.data.table_rows import table_batch, table_rows
from neocog.data.table_source import TableSource
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.centroid_start import MOST_POINTS
from neocog.learners.embedded_clustering import EmbeddedClustering, Refinement
from neocog.learners.full_batch_kmeans import FullBatchKMeans
from neocog.learners.minibatch_kmeans import MiniBatchKMeans
from neocog.measures import clustering
from neocog.networks.autoencoder import Autoencoder
from neocog.networks.kmeans import KMeans
from neocog.tasks.cluster_figures import cluster_figures
from neocog.tasks.task import AbstractMeter, AbstractTask, Answers, Headline, Record, Samples

_WITHOUT_LABELS = 2  # classes; fewer tell nothing


class Division(NamedTuple):
    """What a network says of a batch: squared distances to the centroids, codes, and whether centroids have begun."""

    distances: Float[Tensor, "n k"]
    codes: Float[Tensor, "n d"]
    started: bool


@dataclass(frozen=True)
class Cluster(AbstractTask[Batch, Division]):
    """Divide images, or rows of a table, into clusters; labels are scored with where they exist, and choose nothing.

    Args:
        data: what is divided.
        descent: for networks that a gradient moves.
    """

    headline: ClassVar[Headline] = Headline("silhouette", unit="", margin=0.005)
    family: ClassVar[Family] = TABLE_OR_IMAGES
    usual_data: ClassVar[str] = "digits"
    networks: ClassVar[tuple[str, ...]] = ("kmeans", "autoencoder")
    network: ClassVar[str] = "kmeans"

    data: AbstractData = field(repr=False, compare=False)
    descent: Descent
    _: KW_ONLY
    clusters: Annotated[int, Between(2, 10_000), "Number of clusters."] = 10
    method: Annotated[
        str, OneOf("full-batch", "mini-batch"), "When k-means moves: after a pass, or at every batch."
    ] = "full-batch"
    space: Annotated[
        str, OneOf("inputs", "codes"), "Where the silhouette is measured: the same for all networks, or the network's."
    ] = "inputs"
    pretraining: Annotated[
        float, Between(0, 1, open_high=True), "Share of the plan that trains an autoencoder before there are clusters."
    ] = 0.6
    weight: Annotated[float, AtLeast(0), "Of the clustering loss beside an autoencoder's reconstruction error."] = 1.0
    refresh: Annotated[int, AtLeast(1), "Steps between two new targets of an autoencoder's clusters."] = 100

    @classmethod
    def for_data(cls, data: AbstractData, descent: Descent, **options: Any) -> "Cluster":
        """The task on these data.

        Raises:
            UsageProblem: ``option-too-many-clusters``.
        """
        task, items = cls(data, descent, **options), items_of(data, "train")
        if 0 < items < task.clusters:
            raise UsageProblem(
                "option-too-many-clusters",
                f"{task.clusters:,} clusters cannot be made of {items:,} training items",
                where=f"task.clusters={task.clusters}",
                help=f"give at most {items:,}: --set task.clusters={max(2, items // 10)}",
            )
        return task

    def gives(self, data: AbstractData) -> Vector:
        """A squared distance per cluster."""
        return Vector(self.clusters)

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself, if it has centroids."""
        if not isinstance(network, KMeans | Autoencoder):
            raise UsageProblem(
                "network-without-centroids",
                f"{type(network).__name__} has no centroids, so it divides nothing into clusters",
                where="task cluster",
                help="choose kmeans or autoencoder",
            )
        return network

    def source(
        self, data: AbstractData, network: nn.Module, batching: Batching, augmentation: Augmentation
    ) -> AbstractSource[Any]:
        """The training part: for full batches in its own order and whole; else shuffled, augmented for autoencoders."""
        if isinstance(network, KMeans) and self.method == "full-batch":
            return self.still(data, "train", batching)
        if isinstance(data, TableData):
            return TableSource(data.train, data.scaling, batching, shuffle=True)
        assert isinstance(data, ImageData)
        own = augmentation if isinstance(network, Autoencoder) else Augmentation()
        return ImageSource.training(data, batching, own)

    def still(self, data: AbstractData, part: str, batching: Batching) -> AbstractSource[Any]:
        """A part in its own order."""
        if isinstance(data, TableData):
            return TableSource(data.part(part), data.scaling, batching, shuffle=False)
        assert isinstance(data, ImageData)
        return ImageSource.still(data, part, batching)

    def learner(self, network: nn.Module) -> AbstractLearner[Any]:
        """k-means for centroids alone; deep embedded clustering for an autoencoder."""
        if isinstance(network, Autoencoder):
            return EmbeddedClustering(
                network,
                descent=self.descent,
                inputs=inputs_of,
                originals=self._originals(_device_of(network)),
                rows=_rows_of,
                clean=lambda: self._training_batches(_device_of(network)),
                refinement=Refinement(self.pretraining, self.weight, self.refresh),
            )
        assert isinstance(network, KMeans)
        start = _Start(self, network)
        if self.method == "mini-batch":
            return MiniBatchKMeans(network, start=start, inputs=inputs_of)
        return FullBatchKMeans(network, items=items_of(self.data, "train"), start=start, inputs=inputs_of)

    def predict(self, network: nn.Module, batch: Batch) -> Division:
        """Distances to all centroids, and the codes that were compared with them."""
        assert isinstance(network, KMeans | Autoencoder)
        codes = network.codes(inputs_of(batch)).float()
        return Division(network.head(codes), codes, bool(network.head.started))

    def meter(self) -> "ClusterMeter":
        """Collects distances and points."""
        return ClusterMeter(in_codes=self.space == "codes", labelled=self._labelled)

    def scores(self, record: Record) -> dict[str, float]:
        """Silhouette and inertia; with labels adjusted Rand index, mutual information and matched accuracy."""
        found = {
            "silhouette": float(record["silhouettes"].mean()),
            "inertia": clustering.inertia(record["distances"]),
            "clusters_used": float(len(np.unique(record["clusters"]))),
        }
        if "labels" not in record:
            return found
        clusters, labels = record["clusters"], record["labels"]
        return found | {
            "adjusted_rand": clustering.adjusted_rand(clusters, labels),
            "mutual_information": clustering.normalised_mutual_information(clusters, labels),
            "matched_accuracy": clustering.matched_accuracy(clusters, labels),
        }

    def item_scores(self, record: Record) -> np.ndarray:
        """The silhouette of each item."""
        return record["silhouettes"]

    def items(self, given: Any) -> Sequence[Any]:
        """Image files or arrays; for a table CSV files or an array, one element per row."""
        if isinstance(self.data, TableData):
            return table_rows(given, self.data.columns, self.data.scaling.scale)
        return image_items(given)

    def inputs(self, data: AbstractData, items: Sequence[Any], device: str) -> Batch:
        """Prepared as the training items were."""
        if isinstance(data, TableData):
            return table_batch(items, data, device)
        assert isinstance(data, ImageData)
        return image_batch(items, data.preparation, device)

    def answer(self, network: nn.Module, batch: Batch) -> Answers:
        """``cluster``, ``distance`` to its centroid, the ``next`` cluster, and ``margin``: 0 between them, 1 at it."""
        distances = self.predict(network, batch).distances.double().sqrt()
        if not torch.isfinite(distances).all():
            raise DataProblem("cluster-not-finite", "an item lies at no finite distance", help="check its values")
        nearest, places = distances.topk(2, largest=False)
        values: list[dict[str, Any]] = []
        for (own, other), (place, then) in zip(nearest.tolist(), places.tolist(), strict=True):
            margin = 1.0 - own / other if other > 0 else 0.0
            values.append({"cluster": place, "distance": own, "next": then, "margin": margin})
        words = [f"cluster {each['cluster']} (margin {each['margin']:.2f} to {each['next']})" for each in values]
        return Answers(values, words)

    def figures(self, samples: Samples) -> list[Figure]:
        """Typical and doubtful members, or the plane and the profiles of a table; of the first network."""
        columns = self.data.columns if isinstance(self.data, TableData) else ()
        return cluster_figures(samples, columns, self.data.classes if self._labelled else ())

    @property
    def _labelled(self) -> bool:
        return len(self.data.classes) >= _WITHOUT_LABELS

    def _originals(self, device: str) -> Callable[[Any], Tensor]:
        """What a network takes of the items of a training batch before augmentation; rows of a table have none."""
        if isinstance(self.data, TableData):
            return inputs_of
        assert isinstance(self.data, ImageData)
        source = ImageSource.still(self.data, "train", Batching(self.evaluation_batch, device))
        return lambda batch: source.images(batch.rows)

    def _training_batches(self, device: str) -> Iterator[Any]:
        return self.still(self.data, "train", Batching(self.evaluation_batch, device)).batches(0, 0)


class ClusterMeter(AbstractMeter[Division, Any]):
    """Clusters, distances and points of all items seen, in order."""

    def __init__(self, *, in_codes: bool, labelled: bool) -> None:
        self._in_codes = in_codes
        self._labelled = labelled
        self._started = True
        self._kept: dict[str, list[Tensor]] = {}

    def update(self, prediction: Division, batch: Any) -> None:
        """Take in one batch."""
        self._started = self._started and prediction.started
        distances, clusters = prediction.distances.min(1)
        points = prediction.codes if self._in_codes else inputs_of(batch).flatten(1)
        found = {"distances": distances, "clusters": clusters, "points": points}
        if self._labelled:
            found["labels"] = batch.labels
        if isinstance(batch, TableBatch):
            found["rows"] = batch.raw
        for name, values in found.items():
            self._kept.setdefault(name, []).append(values.float().cpu() if name == "points" else values.cpu())

    def record(self) -> Record:
        """``clusters``, ``distances`` (squared, to their centroids), ``silhouettes``, ``labels`` where there are some.

        For tables also ``rows``, as they stood, and ``plane``: their places on the two main axes. Before centroids
        have begun all items are in cluster 0.
        """
        kept = {name: torch.cat(values).numpy() for name, values in self._kept.items()}
        points = kept.pop("points")
        if not self._started:
            kept["clusters"] = np.zeros_like(kept["clusters"])
        kept["silhouettes"] = clustering.silhouettes(points, kept["clusters"])
        if "rows" in kept:
            kept["plane"] = clustering.main_axes(points)
        return kept


@dataclass(frozen=True)
class _Start:
    """Training items in memory, of many a random sample, for k-means++."""

    task: Cluster
    network: KMeans

    def __call__(self) -> Float[Tensor, "n d"]:
        items = items_of(self.task.data, "train")
        chosen = torch.zeros(items, dtype=torch.bool)
        chosen[torch.randperm(items)[:MOST_POINTS] if items > MOST_POINTS else slice(None)] = True
        found, seen = [], 0
        for batch in self.task._training_batches(_device_of(self.network)):
            mask = chosen[seen : seen + batch.size]
            found.append(self.network.codes(inputs_of(batch))[mask.to(batch.rows.device)])
            seen += batch.size
        return torch.cat(found)


def inputs_of(batch: Any) -> Tensor:
    """What a network takes of a batch of images or of rows."""
    return batch.images if isinstance(batch, ImageBatch) else batch.values


def _rows_of(batch: Any) -> Tensor:
    return batch.rows


def _device_of(network: nn.Module) -> str:
    return str(next(network.parameters()).device)
