"""What the table needs to run the laws over drawing images: a case with a generator and a discriminator."""

from typing import Any

import torch

from neocog.core.seeds import stream
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.images import ImageData
from neocog.fit.descent import Descent
from neocog.networks.gan import GAN
from neocog.tasks.generate import Generate

AGAINST = {"heart": "two sides play against each other: no score must fall on one batch"}


def generate_parts(data: ImageData, seed: int) -> tuple[Any, ...]:
    """Data, task, learner, source and still source, from a seed; it seeds torch's generator, as a run does.

    The discriminator drops maps, so that torch's own random state matters to a run, too.
    """
    task = Generate.for_data(data, Descent(optimizer="adam", rate=3e-3, schedule="constant"), noise=6, penalty_every=2)
    torch.manual_seed(stream(seed, "weights"))
    network = task.assemble(GAN(data.takes, task.gives(data), width=4, dropout=0.3))
    learner = task.learner(network)
    source = task.source(data, network, Batching(8), Augmentation())
    still = task.still(data, "test", Batching(len(data.test)))
    torch.manual_seed(stream(seed, "training"))
    return data, task, learner, source, still
