"""What the table needs to run the laws over boxes: a case on the tiny images of ``tiny_boxes``."""

from typing import Any

import torch

from neocog.core.seeds import stream
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.fit.descent import Descent
from neocog.networks.resnet import ResNet
from neocog.tasks.boxes import DetectBoxes
from tiny_boxes import tiny_boxes

MOVED = Augmentation(shift=0.1, scale=0.2, flip="both", brightness=0.1, fill="zeros")


def boxes_parts(seed: int, *, moved: bool = False) -> tuple[Any, ...]:
    """Data, task, learner, source and still source, from a seed; it seeds torch's generator, as a run does."""
    data = tiny_boxes()
    task = DetectBoxes.for_data(data, Descent(rate=5e-3, schedule="constant"), width=8)
    torch.manual_seed(stream(seed, "weights"))
    network = task.assemble(ResNet(data.takes, task.gives(data), depth=8, width=8, stem=2))
    learner = task.learner(network)
    source = task.source(data, network, Batching(8), MOVED if moved else Augmentation())
    still = task.still(data, "test", Batching(len(data.test)))
    torch.manual_seed(stream(seed, "training"))
    return data, task, learner, source, still
