"""The table that the laws run over: one row per network, task, learner and source, on tiny data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from neocog.data.augment import Augmentation
from neocog.data.box_source import BoxSource
from neocog.data.draws import DrawSource
from neocog.data.environment_source import EpisodeSource, RolloutSource
from neocog.data.family import AbstractData
from neocog.data.feature_source import FeatureSource
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import Preparation
from neocog.data.series_source import SeriesSource
from neocog.data.table_source import TableSource
from neocog.data.text_source import TextSource
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.adversarial import Adversarial
from neocog.learners.averaged import Averaged
from neocog.learners.deep_q import DeepQ
from neocog.learners.embedded_clustering import EmbeddedClustering
from neocog.learners.full_batch_kmeans import FullBatchKMeans
from neocog.learners.minibatch_kmeans import MiniBatchKMeans
from neocog.learners.on_features import OnFeatures
from neocog.learners.one_loss import OneLoss
from neocog.learners.proximal_policy import ProximalPolicy
from neocog.learners.truncated import Truncated
from neocog.networks import NETWORKS, Autoencoder, KMeans
from neocog.tasks import TASKS
from neocog.tasks.boxes import DetectBoxes
from neocog.tasks.classify import Classify
from neocog.tasks.cluster import Cluster
from neocog.tasks.control import Control
from neocog.tasks.forecast import Forecast
from neocog.tasks.generate import Generate
from neocog.tasks.language import Language
from neocog.testing import Case
from neocog.testing import case as small_case
from table_boxes import boxes_parts
from table_cluster import NO_CHANCE, NO_HEART, ONE_PARAMETER, clusters, embedded, rows_of_a_table
from table_control import BY_PLAYING, catching
from table_features import WHOLE, features_parts
from table_forecast import forecast_parts
from table_generate import AGAINST, generate_parts
from table_language import language_parts
from timm_stand_in import timm_stand_in

CLASSES = ("bar", "dot", "frame")
TINY = {
    "resnet": {"depth": 8},
    "mlp": {"widths": (32,)},
    "alexnet": {"stem": "small", "width": 0.0625},
    "vgg": {"stem": "small", "width": 0.0625},
    "resnet-imagenet": {"stem": "small", "width": 0.0625},
    "squeezenet": {"stem": "small", "version": "1.1", "width": 0.25},
    "mobilenet-v2": {"stem": "small", "width": 0.125},
    "convnext": {"stem": "small", "width": 0.0625},
    "googlenet": {"stem": "small", "width": 0.0625},
    "inception-v3": {"stem": "small", "width": 0.0625},
    "timm": {"model": "tiny_maps"},
}
SLOWLY = {"squeezenet": Descent(rate=1e-3, schedule="constant")}  # it has no norm: at 3e-3 its last ReLU dies


@dataclass(frozen=True)
class Row:
    """A public class, how to build a case with it, and the laws that mean nothing for it, each with its reason.

    ``by_heart`` is what falls, of the case's scores, when one batch is learnt by heart; ``unneeded`` are parts (or
    "random") whose loss at resume changes nothing here.
    """

    kind: str
    name: str
    subject: type
    build: Callable[[int], Case]
    meaningless: Mapping[str, str] = field(default_factory=dict)
    by_heart: str = "log_loss"
    unneeded: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


def tiny_data(items: int = 24) -> ImageData:
    """Three easy shapes in noise, 12 x 12 grey."""
    random = np.random.default_rng(7)
    labels = np.arange(items) % len(CLASSES)
    images = random.integers(0, 60, (items, 12, 12, 1), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        if label == 0:
            image[:, 5:7] = 250
        elif label == 1:
            image[4:8, 4:8] = 250
        else:
            image[[0, -1]] = image[:, [0, -1]] = 250
    part = ImagePart(images, labels, [f"#{row}" for row in range(items)])
    return ImageData("tiny", CLASSES, part, part, part, Preparation.measured(images), "tiny")


def case(
    seed: int,
    network: str = "mlp",
    *,
    task: str = "classify",
    options: Mapping[str, Any] | None = None,
    data: AbstractData | None = None,
    batch: int = 8,
    wrap: Callable[[AbstractLearner[Any]], AbstractLearner[Any]] = lambda learner: learner,
    augmentation: Augmentation | None = None,
    descent: Descent | None = None,
) -> Case:
    """A case on the tiny data; it seeds torch's generator, as a run does."""
    built = small_case(
        seed,
        data or tiny_data(),
        TASKS[task],
        NETWORKS[network],
        network_options=TINY.get(network),
        task_options=options,
        descent=descent,
        augmentation=augmentation,
        batch_size=batch,
    )
    return replace(built, learner=wrap(built.learner))


def _network(name: str) -> Row:
    return Row("network", name, NETWORKS[name], lambda seed: case(seed, name, descent=SLOWLY.get(name)))


def _of_timm(seed: int) -> Case:
    with timm_stand_in():
        return case(seed, "timm")


def _drawing(seed: int) -> Case:
    return Case(*generate_parts(tiny_data(), seed))


def _everything(seed: int) -> Case:
    """All of the augmentation at once."""
    mixed = Augmentation(shift=0.1, rotation=10, scale=0.1, flip="horizontal", noise=0.05, erasing=0.3, mixup=0.2)
    return case(seed, augmentation=mixed)


def _clusters(seed: int) -> Case:
    return clusters(seed, tiny_data())


def _mini_batches(seed: int) -> Case:
    return clusters(seed, tiny_data(), method="mini-batch")


def _embedded(seed: int) -> Case:
    return embedded(seed, tiny_data())


def _features(seed: int) -> Case:
    return Case(*features_parts(seed, tiny_data()))


def _forecast(seed: int) -> Case:
    return Case(*forecast_parts(seed))


def _language(seed: int) -> Case:
    return Case(*language_parts(seed))


ROWS: tuple[Row, ...] = (
    Row("network", "kmeans", KMeans, _clusters, ONE_PARAMETER, "inertia"),
    Row("network", "autoencoder", Autoencoder, _embedded, NO_HEART),
    Row("task", "cluster", Cluster, _clusters, ONE_PARAMETER, "inertia"),
    Row("learner", "full-batch-kmeans", FullBatchKMeans, _clusters, ONE_PARAMETER, "inertia", NO_CHANCE),
    Row("learner", "minibatch-kmeans", MiniBatchKMeans, _mini_batches, ONE_PARAMETER, "inertia", NO_CHANCE),
    Row("learner", "embedded-clustering", EmbeddedClustering, _embedded, NO_HEART, unneeded=NO_CHANCE),
    Row("source", "table", TableSource, rows_of_a_table, ONE_PARAMETER, "inertia"),
    Row("task", "boxes", DetectBoxes, lambda seed: Case(*boxes_parts(seed)), by_heart="missed"),
    Row("source", "boxes", BoxSource, lambda seed: Case(*boxes_parts(seed, moved=True)), by_heart="missed"),
    Row("task", "control", Control, catching, BY_PLAYING),
    Row("learner", "proximal-policy", ProximalPolicy, catching, BY_PLAYING),
    Row("learner", "deep-q", DeepQ, lambda seed: catching(seed, "dqn"), BY_PLAYING),
    Row("source", "rollouts", RolloutSource, catching, BY_PLAYING),
    Row("source", "episodes", EpisodeSource, catching, BY_PLAYING),
    *(_network(name) for name in Classify.networks),
    *(_network(name) for name in ("alexnet", "vgg", "resnet-imagenet", "squeezenet", "mobilenet-v2", "convnext")),
    *(_network(name) for name in ("googlenet", "inception-v3", "locally-connected")),
    Row("network", "timm", NETWORKS["timm"], _of_timm),
    Row("task", "classify", Classify, case),
    Row("network", "gan", NETWORKS["gan"], _drawing, AGAINST),
    Row("task", "generate", Generate, _drawing, AGAINST),
    Row("learner", "adversarial", Adversarial, _drawing, AGAINST),
    Row("source", "draws", DrawSource, _drawing, AGAINST),
    Row("learner", "one-loss", OneLoss, case),
    Row("learner", "averaged", Averaged, lambda seed: case(seed, wrap=lambda learner: Averaged(learner, 0.9))),
    Row(
        "source",
        "images",
        ImageSource,
        _everything,
        {"heart": "with MixUp and erasing no batch is seen twice, so that none can be learnt by heart"},
    ),
    Row("learner", "on-features", OnFeatures, _features, WHOLE),
    Row("source", "features", FeatureSource, _features, WHOLE),
    Row("task", "language", Language, _language, by_heart="nats_per_character"),
    Row("network", "recurrent", NETWORKS["recurrent"], _language, by_heart="nats_per_character"),
    Row("learner", "truncated", Truncated, _language, by_heart="nats_per_character"),
    Row("source", "text", TextSource, _language, by_heart="nats_per_character"),
    Row("task", "forecast", Forecast, _forecast, by_heart="mae"),
    Row("network", "causal-cnn", NETWORKS["causal-cnn"], _forecast, by_heart="mae"),
    Row("source", "series", SeriesSource, _forecast, by_heart="mae"),
)
