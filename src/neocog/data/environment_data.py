"""Environments: what acts back, many at once; and data that are episodes played in them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.seeds import stream
from neocog.core.shapes import Image, Shape, Table
from neocog.data.family import AbstractData
from neocog.figures.figure import Figure

AT_ONCE = "episodes at once"
_LARGEST_SEED = 2**31 - 1


class Moved(NamedTuple):
    """What follows one move in each of n environments.

    ``observations`` are what comes next, of the new episode where one has ended; ``finals`` are what came next before
    that. ``ended``: the episode is over; ``cut``: it was broken off by a limit on its length, and could have gone on.
    """

    observations: Float[np.ndarray, "n *axes"]
    rewards: Float[np.ndarray, "n"]
    ended: Bool[np.ndarray, "n"]
    cut: Bool[np.ndarray, "n"]
    finals: Float[np.ndarray, "n *axes"]


class AbstractEnvironments(ABC):
    """Several copies of one environment, side by side; each plays one episode after the other.

    ``takes`` is the shape of an observation, ``actions`` are their names. What happens in a copy depends on its own
    seed and on its own actions alone.
    """

    takes: Shape
    actions: tuple[str, ...]

    @abstractmethod
    def restart(self, seeds: Sequence[int]) -> Float[np.ndarray, "n *axes"]:
        """As many copies as seeds, each at the beginning of its first episode; gives the first observations."""

    @abstractmethod
    def move(self, actions: Int[np.ndarray, "n"]) -> Moved:
        """One action in each copy; an episode that is over is followed by the next."""

    @abstractmethod
    def picture(self) -> UInt8[np.ndarray, "h w c"] | None:
        """What the first copy looks like now; None where that cannot be had."""


@dataclass(frozen=True)
class EpisodeBatch(Batch):
    """Episodes that are to be played, each by its seed."""

    seeds: Int[Tensor, "n"]

    @property
    def size(self) -> int:
        """Number of episodes."""
        return len(self.seeds)


@dataclass(frozen=True)
class RolloutBatch(Batch):
    """What n copies of an environment went through in t moves.

    ``nexts`` are the observations after each move, before another episode begins; a move after which the episode had
    ``ended`` has no future, one after which it was ``cut`` has one that is not seen.
    """

    observations: Float[Tensor, "n t *axes"]
    actions: Int[Tensor, "n t"]
    rewards: Float[Tensor, "n t"]
    nexts: Float[Tensor, "n t *axes"]
    ended: Bool[Tensor, "n t"]
    cut: Bool[Tensor, "n t"]

    @property
    def size(self) -> int:
        """Number of copies."""
        return len(self.actions)


@dataclass(frozen=True)
class EnvironmentData(AbstractData):
    """An environment, and the episodes that a network is judged by: other ones for choosing than for the final score.

    Args:
        name: of the environment.
        shape: of an observation.
        actions: their names.
        make: gives fresh copies.
        episodes: of the final score.
        choosing: episodes for choosing (val).
        seed: of both.
        fingerprint: what it depends on.
        notes: sentences for the person.
    """

    name: str
    shape: Shape
    actions: tuple[str, ...]
    make: Callable[[], AbstractEnvironments] = field(repr=False, compare=False)
    episodes: int
    choosing: int
    seed: int
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def takes(self) -> Shape:
        """An observation."""
        return self.shape

    def seeds(self, part: str) -> list[int]:
        """The seeds of the episodes of "val" or "test"; those of training come from the run's own."""
        count = {"train": 0, "val": self.choosing, "test": self.episodes}[part]
        return [stream(self.seed, part, episode) % _LARGEST_SEED for episode in range(count)]

    def counts(self) -> dict[str, dict[str, int]]:
        """Episodes to be judged by; training plays as many as its budget allows."""
        return {"train": {AT_ONCE: 1}, "val": {AT_ONCE: self.choosing}, "test": {AT_ONCE: self.episodes}}

    def line(self) -> str:
        """Observations and actions."""
        kind = "pixels" if isinstance(self.takes, Image) else "numbers"
        return f"an environment: {self.takes} {kind} in, {len(self.actions)} actions ({', '.join(self.actions)})"

    def details(self) -> dict[str, Any]:
        """Actions and episodes."""
        return {"actions": list(self.actions), "episodes": self.episodes}

    def figures(self) -> list[Figure]:
        """None: it is looked at by playing."""
        return []

    def facts(self) -> dict[str, Any]:
        """Shape, actions and episodes."""
        kind = "image" if isinstance(self.takes, Image) else "table"
        return {
            "sees": {"kind": kind, "axes": list(self.takes.axes)},
            "actions": list(self.actions),
            "episodes": self.episodes,
            "choosing": self.choosing,
            "seed": self.seed,
        }

    def names(self, part: str) -> Sequence[str]:
        """The seeds of the episodes."""
        return [f"episode {seed}" for seed in self.seeds(part)]

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """None: an episode has a look only once it is played."""
        return {}

    def seen(self) -> dict[str, bytes]:
        """None."""
        return {}


def shape_of(facts: Mapping[str, Any]) -> Shape:
    """The shape that ``facts`` tells."""
    axes = tuple(int(length) for length in facts["axes"])
    return Image(*axes) if facts["kind"] == "image" else Table(*axes)
