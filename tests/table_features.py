"""A head that is trained on what its frozen body gave once."""

from typing import Any

import torch

from neocog.core.seeds import stream
from neocog.data.augment import Augmentation
from neocog.data.family import Batching, items_of
from neocog.data.feature_source import FeatureSource
from neocog.data.images import ImageData
from neocog.fit.descent import Descent
from neocog.learners.on_features import OnFeatures
from neocog.networks.simple_cnn import SimpleCNN
from neocog.runs.features import Body
from neocog.tasks.classify import Classify

WHOLE: dict[str, str] = {"heart": "training batches hold features, and the network as a whole takes images only"}


def features_parts(seed: int, data: ImageData) -> tuple[Any, ...]:
    """Everything of a case, on a body with random weights; its head has dropout."""
    task = Classify.for_data(data, Descent(rate=3e-3, schedule="constant", freeze="backbone"))
    torch.manual_seed(stream(seed, "weights"))
    network = SimpleCNN(data.takes, task.gives(data), maps=4, width=8)
    learner: OnFeatures[Any] = OnFeatures(network, task.learner)
    source = FeatureSource(task.source(data, network, Batching(8), Augmentation()), Body(network))
    still = task.still(data, "test", Batching(items_of(data, "test")))
    torch.manual_seed(stream(seed, "training"))
    return data, task, learner, source, still
