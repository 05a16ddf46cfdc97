"""DeepQ: the value of every action, learnt from moves that are remembered (DQN)."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from neocog.data.environment_data import RolloutBatch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.one_loss import OptimizerState


@dataclass(frozen=True)
class ValueOptions:
    """How values are learnt.

    Args:
        discount: of rewards per move.
        memory: moves that are remembered; the oldest are forgotten first.
        minibatch: remembered moves per update.
        reuse: how often a move is drawn, on average, per time that it was played: updates in a step are the batch's
            moves times this, over the minibatch.
        target: updates between two copies of the network into the one that the future is valued by.
    """

    discount: float = 0.99
    memory: int = 20_000
    minibatch: int = 64
    reuse: float = 8.0
    target: int = 200


class DeepQ(AbstractLearner[RolloutBatch]):
    """Double deep Q-learning with a memory and a target network, which are part of its checkpoints.

    The network gives the value of each action. A step remembers a batch of moves, then makes its updates on moves
    drawn at random from all that are remembered. It learns in evaluation mode (without dropout).

    Source: Mnih et al. 2015, doi 10.1038/nature14236, with the double estimate of van Hasselt et al. 2016, arXiv
    1509.06461, and the Huber loss; gradients are clipped by the descent.

    Args:
        network: observations to one number per action.
        descent: of all updates; a step of the plan is one batch of moves.
        options: how it learns.
    """

    def __init__(self, network: nn.Module, *, descent: Descent, options: ValueOptions) -> None:
        self.network = network
        self._options = options
        self._descent = descent
        self._optimizer = descent.optimizer_for(network)
        self._target: nn.Module = copy.deepcopy(network).requires_grad_(False).eval()
        self._memory = Memory(options.memory)

    def step(self, batch: RolloutBatch, progress: float) -> Mapping[str, Tensor]:
        """Remember one batch of moves and learn; gives means of "loss" (Huber) and "value" (of the moves drawn)."""
        self.network.eval()
        self._descent.set_rate(self._optimizer, progress)
        self._memory.keep(batch)
        updates = max(1, round(batch.actions.numel() * self._options.reuse / self._options.minibatch))
        losses, values = [], []
        for _ in range(updates):
            loss, value = self._update(self._memory.draw(self._options.minibatch))
            losses.append(loss)
            values.append(value)
            self._memory.updates += 1
            if self._memory.updates % self._options.target == 0:
                self._target.load_state_dict(self.network.state_dict())
        return {"loss": torch.stack(losses).mean(), "value": torch.stack(values).mean()}

    def parts(self) -> Mapping[str, Stateful]:
        """The network, the optimizer, the target network and the memory."""
        return {
            "network": self.network,
            "optimizer": OptimizerState(self._optimizer),
            "target": self._target,
            "memory": self._memory,
        }

    def _update(self, moves: "Remembered") -> tuple[Tensor, Tensor]:
        with torch.autocast(moves.rewards.device.type, enabled=False):
            with torch.no_grad():
                best = self.network(moves.nexts).argmax(1, keepdim=True)
                future = self._target(moves.nexts).gather(1, best)[:, 0]
                wanted = moves.rewards + self._options.discount * future * ~moves.ended
            found = self.network(moves.observations).gather(1, moves.actions[:, None])[:, 0]
            loss = nn.functional.smooth_l1_loss(found, wanted)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._descent.clip_gradients(self.network)
        self._optimizer.step()
        return loss.detach(), found.detach().mean()


@dataclass(frozen=True)
class Remembered:
    """Some moves, each for itself."""

    observations: Float[Tensor, "m *axes"]
    actions: Int[Tensor, "m"]
    rewards: Float[Tensor, "m"]
    nexts: Float[Tensor, "m *axes"]
    ended: Bool[Tensor, "m"]


class Memory:
    """The newest moves, up to so many; the oldest are written over first.

    Args:
        most: moves that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._place = 0
        self._kept: dict[str, Tensor] = {}
        self.updates = 0

    @property
    def size(self) -> int:
        """Moves that are remembered."""
        return len(self._kept["actions"]) if self._kept else 0

    def keep(self, batch: RolloutBatch) -> None:
        """Remember the moves of a batch."""
        for name in ("observations", "actions", "rewards", "nexts", "ended"):
            new = getattr(batch, name).flatten(0, 1)[-self._most :]
            old = self._kept.get(name)
            room = self._most - (0 if old is None else len(old))
            grown = new[:room] if old is None else torch.cat([old, new[:room]])
            rest = new[room:] if room < len(new) else new[:0]
            if len(rest):
                places = (self._place + torch.arange(len(rest), device=rest.device)) % self._most
                grown = grown.index_copy(0, places, rest)
            self._kept[name] = grown
        self._place = (self._place + len(rest)) % self._most

    def draw(self, moves: int) -> Remembered:
        """So many of them at random, the same one possibly twice."""
        rows = torch.randint(self.size, (moves,)).to(self._kept["actions"].device)
        return Remembered(**{name: values[rows] for name, values in self._kept.items()})

    def state_dict(self) -> dict[str, Any]:
        """The moves, and where the next is written."""
        return {"place": self._place, "updates": self.updates, "kept": dict(self._kept)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state."""
        self._place = int(state_dict["place"])
        self.updates = int(state_dict["updates"])
        self._kept = {name: values.clone() for name, values in state_dict["kept"].items()}
