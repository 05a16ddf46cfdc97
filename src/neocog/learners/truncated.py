"""Truncated: backpropagation through a window of a long sequence, with the state carried to the next window."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.one_loss import OneLoss

B = TypeVar("B", bound=Batch)


class Truncated(AbstractLearner[B]):
    """One update per window; the network's state goes on to the next window, its gradient does not.

    For sources whose item i of a batch goes on where item i of the batch before ended, unless the batch calls it
    fresh: it then begins with a state of zeros. The carried state is part of a checkpoint.

    Source: Williams and Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories, with as many steps back as forward.

    Args:
        network: its trainable parameters are moved.
        loss: ``loss(network, batch, state)`` gives something with ``total`` and ``parts``, and the state after the
            window, which has the items along its second axis; ``state`` is None for the very first window.
        fresh: which items of a batch begin anew.
        descent: optimizer, rate, schedule, weight decay, clipping.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Callable[[nn.Module, B, Tensor | None], tuple[Any, Tensor]],
        fresh: Callable[[B], Bool[Tensor, "n"]],
        descent: Descent,
    ) -> None:
        self.network = network
        self._given, self._fresh = loss, fresh
        self._carried = _Carried()
        self._inner: OneLoss[B] = OneLoss(network, self._loss, descent)

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """One update; gives "loss" and the loss's parts."""
        return self._inner.step(batch, progress)

    def parts(self) -> Mapping[str, Stateful]:
        """The network, the optimizer and the carried state."""
        return {**self._inner.parts(), "carried": self._carried}

    def _loss(self, network: nn.Module, batch: B) -> Any:
        loss, after = self._given(network, batch, self._carried.into(self._fresh(batch)))
        self._carried.state = after.detach()
        return loss


class _Carried:
    """The state after the last window; None before the first."""

    def __init__(self) -> None:
        self.state: Tensor | None = None

    def into(self, fresh: Bool[Tensor, "n"]) -> Tensor | None:
        """What the next window begins with."""
        if self.state is None:
            return None
        state = self.state.to(fresh.device)
        keep = ~fresh.reshape(1, -1, *[1] * (state.ndim - 2))
        return torch.where(keep, state, torch.zeros_like(state))

    def state_dict(self) -> dict[str, Any]:
        return {} if self.state is None else {"state": self.state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.state = state_dict.get("state")
