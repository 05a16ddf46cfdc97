"""Patience: stop a run whose validation score no longer improves."""

from typing import Any

from neocog.fit.history import Outcome, Row
from neocog.fit.loop import Observer
from neocog.tasks.task import AbstractTask


def patience(looks: int | None, task: AbstractTask[Any, Any], rows: tuple[Row, ...]) -> Observer:
    """The observer that ends a run after so many looks without a better score than before; None never ends it.

    Args:
        looks: looks at the validation part.
        task: its headline is the score.
        rows: what a run that goes on has seen already.
    """
    name, sign = task.headline.name, 1 if task.headline.higher_is_better else -1
    seen = [sign * row.scores[name] for row in rows if row.scores]

    def watch(row: Row) -> Outcome | None:
        if row.scores:
            seen.append(sign * row.scores[name])
        waited = len(seen) - 1 - seen.index(max(seen)) if seen else 0
        return Outcome.STOPPED_EARLY if looks is not None and waited >= looks else None

    return watch
