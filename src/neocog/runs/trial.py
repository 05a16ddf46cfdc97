"""Trial: a short look at how fast an experiment runs, to turn a share of time into a number of steps."""

import tempfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

import torch

from neocog.core.errors import UsageProblem
from neocog.core.seeds import stream
from neocog.data.family import AbstractData, items_of
from neocog.runs.build import Parts, build, evaluation_source, predictions
from neocog.runs.checkpoints import Checkpoint, save_checkpoint
from neocog.runs.experiment import Experiment
from neocog.runs.keeper import random_state
from neocog.runs.training_flops import Counter, StepFlops

FEWEST_STEPS = 20
_FEWEST_LOOKS, _MOST_LOOKS = 1, 20
_LOOKING = 0.15  # of a run's time may go to looks at the validation part
SAFETY = 0.92  # a machine is not always as fast as in the trial
_WARM_STEPS = 3


@dataclass(frozen=True)
class Trial:
    """Seconds that one run spends: on each step, on each look at the validation part, and around them.

    ``flops`` is what its steps cost; None where they could not be counted. ``building`` is what of ``around`` lies
    before the first step; by default all of it.
    """

    step: float
    look: float
    around: float
    flops: StepFlops | None = None
    building: float | None = None

    @property
    def around_short(self) -> float:
        """Around the steps of a run that is looked at once, and neither saved nor scored on the test part."""
        return (self.around if self.building is None else self.building) + self.look

    def looks(self, share: float) -> int:
        """How many looks at the validation part fit a run of ``share`` seconds."""
        return max(_FEWEST_LOOKS, min(_MOST_LOOKS, int(_LOOKING * share / self.look)))

    def steps(self, share: float) -> int:
        """How many steps fit a run of ``share`` seconds."""
        return int(SAFETY * (share - self.around - self.looks(share) * self.look) / self.step)

    def smallest_share(self) -> float:
        """The shortest run that is worth it."""
        return self.around + _FEWEST_LOOKS * self.look + FEWEST_STEPS * self.step / SAFETY


def trial(experiment: Experiment, data: AbstractData, *, seconds: float, allow_modules: Collection[str] = ()) -> Trial:
    """Run a few steps and one look of an experiment, and forget them; takes about ``seconds``."""
    cuda = [torch.device("cuda")] if experiment.engine.device == "cuda" else []
    with experiment.engine.active(), torch.random.fork_rng(devices=cuda):
        begun = perf_counter()
        parts = build(experiment, data, allow_modules)
        torch.manual_seed(stream(experiment.plan.seed, "trial"))
        counter = Counter(experiment, parts)
        counter.begin()
        building = perf_counter() - begun
        flops = _warm_up(counter, parts, experiment.engine.compile is True)
        batches = counter.batches
        times: list[float] = []
        while sum(times) < seconds:
            begun = perf_counter()
            parts.learner.step(next(batches), 0.0)["loss"].item()
            times.append(perf_counter() - begun)
        begun = perf_counter()
        val = evaluation_source(experiment, data, "val", parts.task)
        predictions(parts.task, parts.learner.network, val, most=1)
        per_item = (perf_counter() - begun) / max(1, min(items_of(data, "val"), parts.task.evaluation_batch))
        saving = _saving_time(parts, experiment.engine.device)
    look = per_item * items_of(data, "val") + 1.7 * saving
    around = building + per_item * (items_of(data, "val") + items_of(data, "test")) + 2 * saving
    return Trial(step=sum(times) / len(times), look=look, around=around, flops=flops, building=building)


def _warm_up(counter: Counter, parts: Parts, compiled: bool) -> StepFlops | None:
    """The first steps are slow, so that they may as well be counted; what is compiled cannot be."""
    flops = None
    if not compiled:
        with suppress(UsageProblem):
            flops = counter.flops()
    for batch in islice(counter.batches, _WARM_STEPS if compiled else 1):
        parts.learner.step(batch, 0.0)
    return flops


def _saving_time(parts: Parts, device: str) -> float:
    state = {name: part.state_dict() for name, part in parts.learner.parts().items()}
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        save_checkpoint(Path(folder), "trial", Checkpoint(0, {**state, "random": random_state(device)}))
        return perf_counter() - begun
