"""Case: everything that a run is made of, small, for the laws to look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from neocog.core.seeds import stream
from neocog.core.source import AbstractSource
from neocog.data.augment import Augmentation
from neocog.data.family import AbstractData, Batching, items_of
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.networks.network import refuse_other_shapes
from neocog.tasks.task import AbstractTask


@dataclass(frozen=True)
class Case:
    """Everything that a run is made of, freshly built from a seed.

    ``still`` gives the test part in its own order, as one batch.
    """

    data: AbstractData
    task: AbstractTask[Any, Any]
    learner: AbstractLearner[Any]
    source: AbstractSource[Any]
    still: AbstractSource[Any]


Build = Callable[[int], Case]


def case(
    seed: int,
    data: AbstractData,
    task: type[AbstractTask[Any, Any]],
    network: Callable[..., torch.nn.Module],
    *,
    network_options: Mapping[str, Any] | None = None,
    task_options: Mapping[str, Any] | None = None,
    descent: Descent | None = None,
    augmentation: Augmentation | None = None,
    batch_size: int = 8,
) -> Case:
    """Build a case as a run is built: seeded weights, then the learner and the sources.

    Args:
        seed: of the weights and of all that is drawn in training.
        data: small data, of the task's family: a few dozen items.
        task: the class of the task.
        network: the class of the network.
        network_options: options that make it small.
        task_options: options of the task.
        descent: how a loss is lowered; by default AdamW at a constant rate of 0.003.
        augmentation: none by default.
        batch_size: items of a training batch.
    """
    asked = task.for_data(data, descent or Descent(rate=3e-3, schedule="constant"), **(task_options or {}))
    torch.manual_seed(stream(seed, "weights"))
    gives = asked.gives(data)
    refuse_other_shapes(network, network.__name__, data.takes, gives)
    built = asked.assemble(network(data.takes, gives, **(network_options or {})))
    learner = asked.learner(built)
    source = asked.source(data, built, Batching(batch_size), augmentation or Augmentation())
    still = asked.still(data, "test", Batching(items_of(data, "test")))
    torch.manual_seed(stream(seed, "training"))
    return Case(data, asked, learner, source, still)
