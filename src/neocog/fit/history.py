"""History: what a run wrote down, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from torch import Tensor


class Outcome(Enum):
    """How a run ended, as a sentence for a person."""

    RUNNING = "It has not finished yet; `neocog resume` goes on from its last checkpoint."
    DONE = "Every planned step was made."
    STOPPED_EARLY = "The validation score stopped improving, so it ended before the plan."
    INTERRUPTED = "It was stopped from outside; `neocog resume` goes on from its last checkpoint."
    OUT_OF_TIME = "The time budget ended before its plan; `neocog resume` goes on from its last checkpoint."
    DIVERGED = "The loss stopped being a number. Try a smaller learning rate."
    OUT_OF_MEMORY = "The memory did not suffice. Try a smaller batch or smaller images."
    FAILED = "It stopped at an error, which is written in its run folder."

    @property
    def finished(self) -> bool:
        """Whether the run has a result that counts."""
        return self in (Outcome.DONE, Outcome.STOPPED_EARLY)


@dataclass(frozen=True)
class Row:
    """One moment of a run, after a step.

    ``seconds`` counts training only. ``numbers`` are means since the last row that has any; ``scores`` are the
    validation scores. Both are empty at moments when nothing was measured.
    """

    step: int
    epoch: float
    seconds: float
    numbers: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a line of ``history.jsonl``."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "numbers": dict(self.numbers),
            "scores": dict(self.scores),
        }


class Pending(NamedTuple):
    """Numbers of the steps since the last row that has any: their sums, and how many steps they are of."""

    sums: Mapping[str, Tensor]
    steps: int


NONE_PENDING = Pending({}, 0)


@dataclass(frozen=True)
class History:
    """All measured rows of a run, how the loop ended, and what a run that goes on needs for its next row."""

    rows: tuple[Row, ...]
    outcome: Outcome
    pending: Pending = field(default=NONE_PENDING, compare=False)
