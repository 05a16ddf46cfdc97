"""OneLoss: lower one loss with one optimizer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful

B = TypeVar("B", bound=Batch)


class OneLoss(AbstractLearner[B]):
    """Ordinary supervised learning: forward, backward, one step of the optimizer.

    Args:
        network: its trainable parameters are moved.
        loss: ``loss(network, batch)`` gives something with ``total`` and ``parts``.
        descent: optimizer, rate, schedule, weight decay, clipping.
    """

    def __init__(self, network: nn.Module, loss: Callable[[nn.Module, B], Any], descent: Descent) -> None:
        self.network = network
        self._loss = loss
        self._descent = descent
        self._optimizer = descent.optimizer_for(network)

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """One update; gives "loss" and the loss's parts."""
        if not self.network.training:
            self.network.train()
        self._descent.set_rate(self._optimizer, progress)
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(self.network, batch)
        loss.total.backward()
        self._descent.clip_gradients(self.network)
        self._optimizer.step()
        return {"loss": loss.total.detach(), **{name: part.detach() for name, part in loss.parts.items()}}

    def parts(self) -> Mapping[str, Stateful]:
        """The network and the optimizer."""
        return {"network": self.network, "optimizer": OptimizerState(self._optimizer)}


class OptimizerState:
    """An optimizer's state that comes back in the memory format of its parameters, as fused optimizers need it."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer

    def state_dict(self) -> dict[str, Any]:
        """What the optimizer remembers."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what another remembered."""
        self._optimizer.load_state_dict(state_dict)
        for parameter, state in self._optimizer.state.items():
            for name, value in state.items():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    state[name] = torch.empty_like(parameter).copy_(value)
