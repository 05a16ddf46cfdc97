"""From an experiment and its data to the task, network, learner and sources of a run."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import nn

from neocog.core.catalogue import find
from neocog.core.seeds import stream
from neocog.core.source import AbstractSource
from neocog.data.family import AbstractData, Batching
from neocog.data.feature_source import FeatureSource
from neocog.data.image_source import ImageSource
from neocog.fit.learner import AbstractLearner
from neocog.fit.plan import Plan
from neocog.learners.averaged import Averaged
from neocog.learners.on_features import HeadAlone, OnFeatures
from neocog.networks import NETWORKS
from neocog.networks.network import refuse_other_shapes
from neocog.networks.weights import load_weights
from neocog.nn.low_rank import adapt
from neocog.runs.experiment import Experiment
from neocog.runs.features import body_of
from neocog.runs.weights import Weights, as_expected, read_weights, start_facts
from neocog.tasks import TASKS
from neocog.tasks.task import AbstractTask, Record


@dataclass(frozen=True)
class Parts:
    """What an experiment is made of, built: task, network, learner and sources.

    ``val`` makes the validation part as it is looked at during training, by what ``seen`` makes of the network.
    ``facts`` are what run.json says of the weights that it began with; empty where they come from a checkpoint.
    """

    task: AbstractTask[Any, Any]
    network: nn.Module
    learner: AbstractLearner[Any]
    source: AbstractSource[Any]
    val: Callable[[], AbstractSource[Any]]
    seen: Callable[[nn.Module], nn.Module]
    facts: Mapping[str, Any]


def build_task(
    experiment: Experiment, data: AbstractData, allow_modules: Collection[str] = ()
) -> AbstractTask[Any, Any]:
    """The experiment's task on these data."""
    kind = find(experiment.task.name, TASKS, "task", allow_modules)
    return kind.for_data(data, experiment.descent, **experiment.task.options)


def build_network(
    experiment: Experiment, data: AbstractData, task: AbstractTask[Any, Any], allow_modules: Collection[str] = ()
) -> nn.Module:
    """The experiment's network with the initial weights of its seed, on its device; what it starts from is not read."""
    return _network(experiment, data, task, allow_modules)[0]


def begin_network(
    experiment: Experiment, data: AbstractData, task: AbstractTask[Any, Any], allow_modules: Collection[str] = ()
) -> tuple[nn.Module, Mapping[str, Any]]:
    """The network as it is before the first step, with the weights that it starts from; and what run.json says of them.

    Raises:
        UsageProblem, DataProblem: the weights are not here, are damaged, or do not fit.
    """
    weights = read_weights(experiment.start, experiment.network.name)
    network, notes = _network(experiment, data, task, allow_modules, weights, experiment.start.rank)
    return network, start_facts(experiment.start, weights, notes)


def _network(
    experiment: Experiment,
    data: AbstractData,
    task: AbstractTask[Any, Any],
    allow_modules: Collection[str],
    weights: Weights | None = None,
    rank: int = 0,
) -> tuple[nn.Module, tuple[str, ...]]:
    name, notes = experiment.network.name, tuple[str, ...]()
    kind = find(name, NETWORKS, "network", allow_modules)
    refuse_other_shapes(kind, name, data.takes, task.gives(data))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream(experiment.plan.seed, "weights"))
        network = kind(data.takes, task.gives(data), **experiment.network.options)
        if weights is not None:
            notes = weights.notes + load_weights(network, weights.tensors, name=name, source=weights.source)
        if rank:
            torch.manual_seed(stream(experiment.plan.seed, "adapters"))
            adapt(network, rank, leave_out=getattr(network, "head", None))
        assembled = task.assemble(network)
    return experiment.engine.place(assembled), notes


def build(
    experiment: Experiment, data: AbstractData, allow_modules: Collection[str] = (), *, begun: bool = False
) -> Parts:
    """Everything that a run needs, as it is before the first step.

    Args:
        experiment: resolved.
        data: the experiment's data.
        allow_modules: modules outside neocog whose classes the experiment may name.
        begun: a checkpoint will replace all weights, so that those it started from are not read again.
    """
    data = as_expected(data, experiment.start)
    task = build_task(experiment, data, allow_modules)
    facts: Mapping[str, Any] = {}
    if begun:
        network, _ = _network(experiment, data, task, allow_modules, rank=experiment.start.rank)
    else:
        network, facts = begin_network(experiment, data, task, allow_modules)
    experiment.engine.compiled(network)
    assert experiment.plan.batch_size is not None, "the experiment is resolved"
    source = task.source(data, network, _batching(experiment, experiment.plan.batch_size), experiment.augment)
    val: Callable[[], AbstractSource[Any]] = partial(evaluation_source, experiment, data, "val", task)
    seen: Callable[[nn.Module], nn.Module] = _as_it_is
    body = body_of(experiment, network, source)
    learner: AbstractLearner[Any]
    if body is None:
        learner = task.learner(network)
    else:
        still = val()
        assert isinstance(source, ImageSource) and isinstance(still, ImageSource)
        learner, seen = OnFeatures(network, task.learner), HeadAlone
        source, val = FeatureSource(source, body), partial(FeatureSource, still, body)
    if experiment.plan.average is not None:
        learner = Averaged(learner, experiment.plan.average)
    return Parts(task, network, learner, source, val, seen, facts)


def _as_it_is(network: nn.Module) -> nn.Module:
    return network


def evaluation_source(
    experiment: Experiment, data: AbstractData, part: str, task: AbstractTask[Any, Any]
) -> AbstractSource[Any]:
    """A part in its own order, in large batches, as it is."""
    return task.still(as_expected(data, experiment.start), part, _batching(experiment, task.evaluation_batch))


def _batching(experiment: Experiment, size: int) -> Batching:
    return Batching(size, experiment.engine.device, bool(experiment.engine.channels_last))


def predictions(
    task: AbstractTask[Any, Any], network: nn.Module, source: AbstractSource[Any], *, most: int | None = None
) -> Record:
    """The task's record of a network over a source, or ``most`` batches of it; its mode is as before afterwards."""
    training = network.training
    meter = task.meter()
    network.eval()
    try:
        with torch.inference_mode():
            for batch in islice(source.batches(0, 0), most):
                meter.update(task.predict(network, batch), batch)
    finally:
        network.train(training)
    return meter.record()


def plan_of(experiment: Experiment) -> Plan:
    """The loop's plan of a resolved experiment."""
    steps = experiment.plan.steps
    every = max(1, -(-steps // experiment.plan.evaluations))
    return Plan(steps, experiment.plan.seed, every, log_every=max(1, min(50, steps // 100)))
