"""Gymnasium: environments of the package of that name, several copies side by side."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from neocog.core.errors import DataProblem, MissingExtra, Problem, UsageProblem
from neocog.core.options import near
from neocog.core.shapes import Image, Shape, Table
from neocog.data.environment_data import AbstractEnvironments, Moved

_TOP = 255.0
_IMAGE_AXES = 3


class Gymnasium(AbstractEnvironments):
    """Copies of one environment of gymnasium, played one after the other in this process.

    Observations are vectors of numbers, taken as they are, or 8-bit images (height x width x channels), divided by
    255. Actions are one of several.

    Args:
        name: as gymnasium knows it, such as "CartPole-v1".

    Raises:
        MissingExtra: gymnasium is not installed.
        UsageProblem: ``environment-unknown``, ``environment-unsuitable``.
        DataProblem: ``environment-raised``, whenever the environment does.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._package = gymnasium()
        self._copies = [self._new()]
        spaces = self._package.spaces
        seen, moves = self._copies[0].observation_space, self._copies[0].action_space
        if not isinstance(moves, spaces.Discrete) or not isinstance(seen, spaces.Box) or len(seen.shape) not in (1, 3):
            raise UsageProblem(
                "environment-unsuitable",
                f"{name} has observations {seen} and actions {moves}",
                where=name,
                help="choose one with a vector or an 8-bit image to see, and one of several actions to take",
            )
        self._pixels = len(seen.shape) == _IMAGE_AXES
        self.takes: Shape = Image(seen.shape[2], *seen.shape[:2]) if self._pixels else Table(seen.shape[0])
        self._first = int(moves.start)
        self.actions = tuple(f"action {action}" for action in range(int(moves.n)))

    def restart(self, seeds: Sequence[int]) -> Float[np.ndarray, "n *axes"]:
        """One copy per seed."""
        while len(self._copies) < len(seeds):
            self._copies.append(self._new())
        del self._copies[len(seeds) :]
        return self._seen([self._asked(copy.reset, seed=seed)[0] for copy, seed in zip(self._copies, seeds)])

    def move(self, actions: Int[np.ndarray, "n"]) -> Moved:
        """One action in each copy."""
        told = [self._asked(copy.step, self._first + int(a)) for copy, a in zip(self._copies, actions, strict=True)]
        finals = self._seen([each[0] for each in told])
        ended = np.array([bool(each[2]) for each in told])
        cut = np.array([bool(each[3]) for each in told]) & ~ended
        observations = finals.copy()
        for place in np.flatnonzero(ended | cut):
            observations[place] = self._seen([self._asked(self._copies[place].reset)[0]])[0]
        rewards = np.array([float(each[1]) for each in told], np.float32)
        return Moved(observations, rewards, ended, cut, finals)

    def picture(self) -> UInt8[np.ndarray, "h w c"] | None:
        """What the first copy renders, if it can."""
        try:
            frame = self._copies[0].render()
        except Exception:  # no display, no drawing package: there is nothing to see, and nothing is lost
            return None
        return np.asarray(frame, np.uint8) if isinstance(frame, np.ndarray) and frame.ndim == _IMAGE_AXES else None

    def _new(self) -> Any:
        try:
            return self._package.make(self._name, render_mode="rgb_array")
        except self._package.error.Error as problem:
            meant = near(self._name, self._package.registry)
            raise UsageProblem(
                "environment-unknown",
                f"gymnasium has no environment {self._name}: {problem}",
                where=self._name,
                help=f"did you mean `{meant}`?" if meant else "see gymnasium.pprint_registry()",
            ) from problem
        except Exception as problem:
            raise self._raised(problem) from problem

    def _asked(self, ask: Callable[..., Any], *given: Any, **named: Any) -> Any:
        try:
            return ask(*given, **named)
        except Exception as problem:
            raise self._raised(problem) from problem

    def _raised(self, problem: Exception) -> Problem:
        return DataProblem(
            "environment-raised",
            f"the environment {self._name} raised {type(problem).__name__}: {problem}",
            where=self._name,
            note="the last checkpoint is kept",
            help="mend the environment, then go on with `neocog resume`",
        )

    def _seen(self, observations: Sequence[Any]) -> Float[np.ndarray, "n *axes"]:
        values = np.asarray(observations, np.float32)
        if not np.isfinite(values).all():
            raise DataProblem(
                "environment-not-finite",
                f"the environment {self._name} showed what is no finite number",
                where=self._name,
                help="mend the environment",
            )
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2)) / _TOP if self._pixels else values


def gymnasium() -> Any:
    """The package.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import gymnasium as package  # noqa: PLC0415
    except ImportError as problem:
        raise MissingExtra(
            "extra-missing",
            "environments of gymnasium need the extra `control`",
            where="import gymnasium",
            help='pip install "neocog[control]"',
        ) from problem
    return package
