"""fit: the one training loop."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from time import perf_counter
from typing import TypeVar

from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.core.source import AbstractSource
from neocog.fit.history import History, Outcome, Pending, Row
from neocog.fit.learner import AbstractLearner
from neocog.fit.plan import BEGINNING, Plan, Start

B = TypeVar("B", bound=Batch)

Evaluate = Callable[[nn.Module], Mapping[str, float]]
Observer = Callable[[Row], Outcome | None]


def fit(
    learner: AbstractLearner[B],
    source: AbstractSource[B],
    plan: Plan,
    *,
    start: Start = BEGINNING,
    evaluate: Evaluate,
    observers: Sequence[Observer] = (),
) -> History:
    """Make the plan's steps.

    Observers are called after every step, in order, with a row that holds numbers or scores when they were measured;
    one that returns an outcome ends the loop. A loss that is no number ends it too, before anyone sees the row.

    Args:
        learner: moves the parameters.
        source: gives the batches; pass ``epoch`` is ``source.batches(epoch, plan.seed)``.
        plan: how many steps, and when to look.
        start: where to go on; the learner's parts must be those of that step.
        evaluate: validation scores of the learner's network.
        observers: readers of rows.
    """
    rows, step, outcome = list(start.rows), start.step, None
    spent, clock = (rows[-1].seconds if rows else 0.0), perf_counter()
    sums, added = dict[str, Tensor](start.pending.sums), start.pending.steps
    for epoch, batch in _batches_from(step, source, plan):
        numbers = learner.step(batch, step / plan.steps)
        step, added = step + 1, added + 1
        for name, value in numbers.items():
            sums[name] = sums[name] + value if name in sums else value.clone()
        means: Mapping[str, float] = {}
        scores: Mapping[str, float] = {}
        if plan.logs(step):
            means = {name: total.item() / added for name, total in sums.items()}
            sums, added = {}, 0
            if not all(math.isfinite(value) for value in means.values()):
                return History(tuple(rows), Outcome.DIVERGED)
        spent, clock = spent + perf_counter() - clock, perf_counter()
        if plan.evaluates(step):
            scores = evaluate(learner.network)
            clock = perf_counter()
        row = Row(step, epoch, spent, means, scores)
        if means:
            rows.append(row)
        for observer in observers:
            outcome = observer(row) or outcome
        if outcome:
            return History(tuple(rows), outcome, Pending(sums, added))
    return History(tuple(rows), Outcome.DONE)


def _batches_from(step: int, source: AbstractSource[B], plan: Plan) -> Iterator[tuple[float, B]]:
    """Each remaining batch with the epochs that are done after it."""
    while step < plan.steps:
        epoch, skip = divmod(step, source.size) if source.size else (0, step)
        length = source.size or plan.steps
        for batch in islice(source.batches(epoch, plan.seed), skip, skip + plan.steps - step):
            step += 1
            yield step / length, batch
