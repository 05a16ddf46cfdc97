"""Plan: how long a run is, and when it is looked at."""

from dataclasses import dataclass

from neocog.fit.history import NONE_PENDING, Pending, Row


@dataclass(frozen=True)
class Plan:
    """A resolved plan: everything is counted in steps.

    Args:
        steps: number of updates; 0 means that the network is only evaluated.
        seed: names the order of the items and their augmentation.
        evaluate_every: steps between two looks at the validation part; the last step is always looked at.
        log_every: steps between two looks at the loss, where a loss that is no number is noticed.
    """

    steps: int
    seed: int
    evaluate_every: int
    log_every: int = 10

    def evaluates(self, step: int) -> bool:
        """Whether the validation part is looked at after this step."""
        return step % self.evaluate_every == 0 or step == self.steps

    def logs(self, step: int) -> bool:
        """Whether the loss is looked at after this step."""
        return step % self.log_every == 0 or self.evaluates(step)


@dataclass(frozen=True)
class Start:
    """Where a run goes on: the steps done, the rows written so far, and what belongs to the next one."""

    step: int
    rows: tuple[Row, ...] = ()
    pending: Pending = NONE_PENDING


BEGINNING = Start(0)
