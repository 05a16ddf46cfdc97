"""OneLoss: lower one loss with one optimizer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

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
        return {"network": self.network, "optimizer": self._optimizer}
