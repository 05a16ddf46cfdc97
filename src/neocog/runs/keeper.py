"""Keeper: the observer that saves a run's checkpoints, and brings the last one back."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from neocog.core.progress import AbstractProgress
from neocog.fit.history import NONE_PENDING, Outcome, Pending, Row
from neocog.fit.plan import BEGINNING, Start
from neocog.runs.build import Parts
from neocog.runs.checkpoints import Checkpoint, load_newest, save_checkpoint
from neocog.runs.folder import RunFolder


class Keeper:
    """Saves checkpoints: the last at every look at the validation part, the best whenever it is (again) the best."""

    def __init__(self, parts: Parts, folder: RunFolder, device: str) -> None:
        self._parts = parts
        self._folder = folder
        self._device = device
        self._best: float | None = None
        self.rows: tuple[Row, ...] = ()
        self._step = 0

    def __call__(self, row: Row) -> Outcome | None:
        """Read one row; save where there are scores."""
        self._step = row.step
        if row.numbers:
            self.rows = (*self.rows, row)
        if row.scores:
            self.keep_best(row)
            self.keep_last()
        return None

    def keep_best(self, row: Row) -> None:
        """Save the network if no validation score so far is better; of equal ones the later is kept."""
        score = self._sign * row.scores[self._parts.task.headline.name]
        if self._best is None or score >= self._best:
            self._best = score
            state = {"network": self._parts.learner.network.state_dict()}
            save_checkpoint(self._folder.checkpoints, "best", Checkpoint(row.step, state))

    def keep_last(self, pending: Pending = NONE_PENDING) -> None:
        """Save everything that the run needs to go on exactly; ``pending`` are numbers that no row has yet."""
        state = state_of(self._parts, self._device)
        if pending.steps:
            state["pending"] = {"sums": dict(pending.sums), "steps": pending.steps}
        save_checkpoint(self._folder.checkpoints, "last", Checkpoint(self._step, state, self.rows))

    def restore(self, progress: AbstractProgress) -> Start:
        """Go back to the last whole checkpoint, if there is one."""
        checkpoint, damaged = load_newest(self._folder.checkpoints, "last")
        for sentence in damaged:
            progress.say(f"warning: {sentence}")
        if checkpoint is None:
            return BEGINNING
        for name, part in self._parts.learner.parts().items():
            part.load_state_dict(checkpoint.state[name])
        set_random_state(checkpoint.state["random"])
        self._step, self.rows = checkpoint.step, checkpoint.rows
        name = self._parts.task.headline.name
        self._best = max((self._sign * row.scores[name] for row in self.rows if row.scores), default=None)
        self._forget_after(checkpoint.step)
        pending = checkpoint.state.get("pending", {"sums": {}, "steps": 0})
        return Start(checkpoint.step, checkpoint.rows, Pending(pending["sums"], pending["steps"]))

    def _forget_after(self, step: int) -> None:
        """A best checkpoint of a step that the run has not reached again does not count yet."""
        for path in self._folder.checkpoints.glob("best-*"):
            if int(path.stem.rsplit("-", 1)[1]) > step:
                path.unlink()

    @property
    def _sign(self) -> int:
        return 1 if self._parts.task.headline.higher_is_better else -1


def state_of(parts: Parts, device: str) -> dict[str, Any]:
    """What the last checkpoint of a run holds at this moment: its learner's parts, and torch's own generators."""
    state: dict[str, Any] = {name: part.state_dict() for name, part in parts.learner.parts().items()}
    return {**state, "random": random_state(device)}


def random_state(device: str) -> dict[str, Tensor]:
    """The state of torch's own generators (dropout), as tensors."""
    state = {"cpu": torch.get_rng_state()}
    return state | ({"cuda": torch.cuda.get_rng_state()} if device == "cuda" else {})


def set_random_state(state: Mapping[str, Tensor]) -> None:
    """Take back what ``random_state`` gave."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
