"""Averaged: a learner whose network is the moving average of another learner's network."""

import copy
from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.fit.learner import AbstractLearner, Stateful

B = TypeVar("B", bound=Batch)


class Averaged(AbstractLearner[B]):
    """Exponential moving average of the weights (EMA), around any learner.

    After step t the average moves by ``1 - min(decay, (1 + t) / (10 + t))`` towards the weights, so that a short run
    is not dominated by its beginning. Buffers (running statistics) are taken over as they are.

    Source: Polyak and Juditsky 1992, doi 10.1137/0330046, in the exponential form of Tan and Le 2019,
    arXiv:1905.11946; the start-up rule is that of TensorFlow's ExponentialMovingAverage with ``num_updates``.

    Args:
        inner: moves the weights.
        decay: share of the old average that stays, per step.
    """

    def __init__(self, inner: AbstractLearner[B], decay: float) -> None:
        self.network: nn.Module = copy.deepcopy(inner.network).requires_grad_(False)
        self._inner = inner
        self._decay = decay
        self._steps = _Counter()

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """One update of the inner learner, then of the average."""
        numbers = self._inner.step(batch, progress)
        t = self._steps.advance()
        share = 1.0 - min(self._decay, (1 + t) / (10 + t))
        with torch.no_grad():
            for mean, now in zip(self.network.parameters(), self._inner.network.parameters(), strict=True):
                mean.lerp_(now, share)
            for kept, latest in zip(self.network.buffers(), self._inner.network.buffers(), strict=True):
                kept.copy_(latest)
        return numbers

    def parts(self) -> Mapping[str, Stateful]:
        """The inner learner's parts, the average, and the number of steps."""
        return {**self._inner.parts(), "average": self.network, "average_steps": self._steps}


class _Counter:
    """Counts steps."""

    def __init__(self) -> None:
        self.count = 0

    def advance(self) -> int:
        self.count += 1
        return self.count

    def state_dict(self) -> dict[str, int]:
        return {"count": self.count}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        self.count = state_dict["count"]
