"""ProximalPolicy: policies that move a little at a time (PPO)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neocog.data.environment_data import RolloutBatch
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.learners.advantages import generalised_advantages
from neocog.learners.one_loss import OptimizerState

_TINY = 1e-8


@dataclass(frozen=True)
class PolicyOptions:
    """How a policy learns from what it went through.

    Args:
        discount: of rewards per move.
        trace: lambda of the advantages.
        clip: share by which the probability of a move may change before its gradient stops.
        entropy: weight of the entropy of the policy, which keeps it from deciding too early.
        value: weight of the error of the values.
        passes: over the moves of a batch, in one step.
        minibatch: moves per update.
    """

    discount: float = 0.99
    trace: float = 0.95
    clip: float = 0.2
    entropy: float = 0.01
    value: float = 0.5
    passes: int = 4
    minibatch: int = 256


@dataclass(frozen=True)
class _Moves:
    """Some moves with what was thought of them when they were made."""

    observations: Tensor
    actions: Int[Tensor, "m"]
    logs: Float[Tensor, "m"]
    advantages: Float[Tensor, "m"]
    returns: Float[Tensor, "m"]

    def select(self, rows: Tensor) -> "_Moves":
        return _Moves(
            self.observations[rows], self.actions[rows], self.logs[rows], self.advantages[rows], self.returns[rows]
        )


class ProximalPolicy(AbstractLearner[RolloutBatch]):
    """PPO with clipping: several passes over each batch of moves, inside one step.

    The network gives one logit per action and, last, the value of what it sees. It plays and learns in evaluation mode
    (without dropout), so that the probabilities of the moves are those they were made with.

    Source: Schulman et al. 2017, arXiv 1707.06347, equations 7 and 9, with advantages by Schulman et al. 2016, made
    of mean 0 and deviation 1 in each update, and gradients clipped by the descent; the values' error is not clipped.

    Args:
        network: observations to actions + 1 numbers.
        descent: of all updates; a step of the plan is one batch of moves.
        options: how it learns.
    """

    def __init__(self, network: nn.Module, *, descent: Descent, options: PolicyOptions) -> None:
        self.network = network
        self._options = options
        self._descent = descent
        self._optimizer = descent.optimizer_for(network)

    def step(self, batch: RolloutBatch, progress: float) -> Mapping[str, Tensor]:
        """Learn from one batch of moves; gives means of "loss", "policy", "value", "entropy" and "clipped"."""
        self.network.eval()
        self._descent.set_rate(self._optimizer, progress)
        moves = self._thought_of(batch)
        sums: dict[str, Tensor] = {}
        updates = 0
        for _ in range(self._options.passes):
            order = torch.randperm(len(moves.actions)).to(moves.actions.device)
            for rows in order.split(self._options.minibatch):
                numbers = self._update(moves.select(rows))
                sums = {name: sums[name] + value if name in sums else value for name, value in numbers.items()}
                updates += 1
        return {name: total / updates for name, total in sums.items()}

    def parts(self) -> Mapping[str, Stateful]:
        """The network and the optimizer."""
        return {"network": self.network, "optimizer": OptimizerState(self._optimizer)}

    def _thought_of(self, batch: RolloutBatch) -> _Moves:
        copies, length = batch.actions.shape
        with torch.no_grad():
            logits, values = thoughts(self.network, batch.observations.flatten(0, 1))
            _, next_values = thoughts(self.network, batch.nexts.flatten(0, 1))
            values, next_values = values.view(copies, length), next_values.view(copies, length)
            advantages = generalised_advantages(
                batch.rewards,
                values,
                next_values,
                batch.ended,
                batch.cut,
                discount=self._options.discount,
                trace=self._options.trace,
            )
            actions = batch.actions.flatten()
            logs = logits.log_softmax(1).gather(1, actions[:, None])[:, 0]
        returns = (advantages + values).flatten()
        return _Moves(batch.observations.flatten(0, 1), actions, logs, advantages.flatten(), returns)

    def _update(self, moves: _Moves) -> dict[str, Tensor]:
        logits, values = thoughts(self.network, moves.observations)
        all_logs = logits.log_softmax(1)
        logs = all_logs.gather(1, moves.actions[:, None])[:, 0]
        advantages = moves.advantages - moves.advantages.mean()
        advantages = advantages / (moves.advantages.std(correction=0) + _TINY)
        policy, clipped = clipped_objective(logs - moves.logs, advantages, self._options.clip)
        value = 0.5 * nn.functional.mse_loss(values, moves.returns)
        entropy = -(all_logs.exp() * all_logs).sum(1).mean()
        total = policy + self._options.value * value - self._options.entropy * entropy
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        self._descent.clip_gradients(self.network)
        self._optimizer.step()
        numbers = {"loss": total, "policy": policy, "value": value, "entropy": entropy, "clipped": clipped}
        return {name: number.detach() for name, number in numbers.items()}


def clipped_objective(
    log_ratios: Float[Tensor, "m"], advantages: Float[Tensor, "m"], clip: float
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """What PPO lowers (equation 7, with its sign turned), and the share of moves whose change was beyond the clip."""
    ratios = log_ratios.exp()
    held = ratios.clamp(1.0 - clip, 1.0 + clip)
    lowered = -torch.minimum(ratios * advantages, held * advantages).mean()
    return lowered, ((ratios - 1.0).abs() > clip).float().mean().detach()


def thoughts(network: nn.Module, observations: Tensor) -> tuple[Float[Tensor, "m a"], Float[Tensor, "m"]]:
    """Logits of the actions, and the value, in float32 whatever the precision of the run."""
    with torch.autocast(observations.device.type, enabled=False):
        found = network(observations)
    return found[:, :-1], found[:, -1]
