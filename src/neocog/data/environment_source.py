"""Sources that act: moves played with a network, and episodes that are still to be played."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.seeds import generator, stream
from neocog.core.source import AbstractSource
from neocog.data.environment_data import AbstractEnvironments, EpisodeBatch, RolloutBatch
from neocog.data.family import Batching

Act = Callable[[Float[Tensor, "n *axes"], Float[Tensor, "n two"], int], Int[Tensor, "n"]]
"""Actions from observations, two random numbers from 0 to 1 for each, and the number of the pass."""

_LARGEST_SEED = 2**31 - 1


class RolloutSource(AbstractSource[RolloutBatch]):
    """Moves played with a network that is learning: one batch per pass, with all copies restarted before it.

    A pass is one batch, so every step ends one, and whatever a run is cut at is a border: environments and the draws
    of the actions depend on (seed, pass) alone, and the network is that of the step. Episodes longer than
    ``moves`` never get to their end in training.

    Args:
        environments: what is played in.
        act: what is done there.
        batching: copies side by side, and where batches are kept.
        moves: of each copy in a pass.
    """

    size = 1

    def __init__(self, environments: AbstractEnvironments, act: Act, batching: Batching, *, moves: int) -> None:
        self._environments = environments
        self._act = act
        self._copies = batching.size
        self._device = batching.device
        self._moves = moves

    def batches(self, epoch: int, seed: int) -> Iterator[RolloutBatch]:
        """The one batch of a pass."""
        seeds = [stream(seed, "environment", epoch, copy) % _LARGEST_SEED for copy in range(self._copies)]
        draws = torch.rand(self._moves, self._copies, 2, generator=generator(seed, "act", epoch)).to(self._device)
        seen = self._environments.restart(seeds)
        observations, actions, told = [], [], []
        for move in range(self._moves):
            chosen = self._act(torch.from_numpy(seen).to(self._device), draws[move], epoch).cpu().numpy()
            moved = self._environments.move(chosen)
            observations.append(seen)
            actions.append(chosen)
            told.append(moved)
            seen = moved.observations
        yield RolloutBatch(
            observations=self._stacked(observations),
            actions=self._stacked(actions),
            rewards=self._stacked([each.rewards for each in told]),
            nexts=self._stacked([each.finals for each in told]),
            ended=self._stacked([each.ended for each in told]),
            cut=self._stacked([each.cut for each in told]),
        )

    def _stacked(self, arrays: Sequence[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays, axis=1)).to(self._device)


class EpisodeSource(AbstractSource[EpisodeBatch]):
    """Episodes that are still to be played, by their seeds, always in the same order.

    Args:
        seeds: of the episodes.
        batching: episodes that are played side by side.
    """

    def __init__(self, seeds: Sequence[int], batching: Batching) -> None:
        self._seeds = torch.tensor(list(seeds), dtype=torch.int64, device=batching.device)
        self._at_once = batching.size
        self.size = -(-len(seeds) // batching.size)

    def batches(self, epoch: int, seed: int) -> Iterator[EpisodeBatch]:
        """All of them, whatever the pass."""
        for start in range(0, len(self._seeds), self._at_once):
            yield EpisodeBatch(self._seeds[start : start + self._at_once])
