"""Range test: the loss while the learning rate rises from far too small to far too large."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain, count, islice

import torch

from neocog.core.progress import AbstractProgress, Silent
from neocog.core.seeds import stream
from neocog.data.family import AbstractData
from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.fit.descent import OPTIMIZERS
from neocog.runs.build import build
from neocog.runs.experiment import Experiment

BELOW, ABOVE, HIGHEST = 1e-3, 1e3, 100.0
SMOOTHING = 0.95
EXPLODED = 4.0


@dataclass(frozen=True)
class RangeTest:
    """``losses`` are smoothed; ``suggestion`` is the rate at which they fall fastest, before their lowest point."""

    network: str
    optimizer: str
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float

    def figure(self) -> Figure:
        """The loss against the rate."""
        return curves(
            "lr-find",
            f"{self.network}: the loss falls fastest at a learning rate of {self.suggestion:.2g}",
            [Curve(f"{self.network}, {self.optimizer}", [(self.rates, self.losses)])],
            Axis("learning rate", log=True),
            Axis("training loss"),
            mark=(self.suggestion, "fastest fall"),
        )


def range_test(
    experiment: Experiment,
    data: AbstractData,
    *,
    steps: int = 200,
    progress: AbstractProgress | None = None,
    allow_modules: Collection[str] = (),
) -> RangeTest:
    """Train for some steps while the rate rises exponentially, from a thousandth to a thousand times the usual one.

    Use it before a long run, to choose ``descent.rate``; the weights are thrown away. It stops as soon as the loss is
    four times its lowest value, or no number.

    Args:
        experiment: resolved; its schedule and its rate are replaced.
        data: the experiment's data.
        steps: updates, at least 2.
        progress: told of steps and loss.
        allow_modules: modules outside neocog whose classes the experiment may name.

    Source: Smith 2017, arXiv:1506.01186, section 3.3. There the rate rises linearly and the accuracy is looked at; we
    raise it exponentially and look at the loss, smoothed by an exponential mean.
    """
    told = progress or Silent()
    usual = OPTIMIZERS[experiment.descent.optimizer].rate
    low, high = usual * BELOW, min(usual * ABOVE, HIGHEST)
    # The exponential schedule falls from the full rate to a share of it; walked backwards, it rises.
    descent = replace(experiment.descent, rate=high, schedule="exponential", warmup=0.0, final=low / high)
    rates: list[float] = []
    losses: list[float] = []
    smooth = 0.0
    cuda = [torch.device("cuda")] if experiment.engine.device == "cuda" else []
    with experiment.engine.active(), torch.random.fork_rng(devices=cuda):
        parts = build(replace(experiment, descent=descent), data, allow_modules)
        torch.manual_seed(stream(experiment.plan.seed, "range-test"))
        batches = chain.from_iterable(parts.source.batches(epoch, experiment.plan.seed) for epoch in count())
        told.start(str(experiment.network), steps, "steps")
        for step, batch in enumerate(islice(batches, steps)):
            share = step / max(1, steps - 1)
            loss = parts.learner.step(batch, 1.0 - share)["loss"].item()
            smooth = SMOOTHING * smooth + (1 - SMOOTHING) * loss
            corrected = smooth / (1 - SMOOTHING ** (step + 1))
            if not math.isfinite(loss) or (losses and corrected > EXPLODED * min(losses)):
                break
            rates.append(low * (high / low) ** share)
            losses.append(corrected)
            told.advance(step + 1, f"loss {corrected:.3f}")
        told.end()
    return RangeTest(
        str(experiment.network), experiment.descent.optimizer, tuple(rates), tuple(losses), _steepest(rates, losses)
    )


def _steepest(rates: list[float], losses: list[float]) -> float:
    """The rate at which the loss falls fastest per factor of rate, before it is lowest.

    Falls are taken over a sixth of the test, so that the noise of the first steps does not count.
    """
    lowest = losses.index(min(losses))
    half = max(1, len(losses) // 12)
    places = range(half, lowest - half + 1)
    if not places:
        return rates[lowest]
    return rates[max(places, key=lambda i: losses[i - half] - losses[min(i + half, lowest)])]
