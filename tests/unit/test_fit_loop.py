"""The one loop: when it looks, when it stops, and that going on equals never having stopped."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.core.seeds import generator
from neocog.core.source import AbstractSource
from neocog.fit.descent import Descent
from neocog.fit.history import History, Outcome, Row
from neocog.fit.learner import AbstractLearner, Stateful
from neocog.fit.loop import fit
from neocog.fit.plan import BEGINNING, Plan, Start
from neocog.learners.averaged import Averaged
from neocog.learners.one_loss import OneLoss
from neocog.tasks.task import Loss


@dataclass(frozen=True)
class Points(Batch):
    x: Float[Tensor, "n d"]
    y: Float[Tensor, "n 1"]

    @property
    def size(self) -> int:
        return len(self.x)


class PointSource(AbstractSource[Points]):
    """Points near a plane; ``asked`` notes which passes were asked for, ``given`` how many batches were made."""

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.asked: list[int] = []
        self.given = 0

    def batches(self, epoch: int, seed: int) -> Iterator[Points]:
        self.asked.append(epoch)
        for number in itertools.count() if self.size is None else range(self.size):
            x = torch.randn(8, 3, generator=generator(seed, epoch, number))
            self.given += 1
            yield Points(x, x.sum(1, keepdim=True))


class Counting(AbstractLearner[Points]):
    """Moves nothing; its loss is the number of the step, or what ``losses`` says of it."""

    def __init__(self, losses: Mapping[int, float] | None = None) -> None:
        self.network = nn.Linear(3, 1)
        self.losses = losses or {}
        self.progress: list[float] = []

    def step(self, batch: Points, progress: float) -> Mapping[str, Tensor]:
        self.progress.append(progress)
        step = len(self.progress)
        return {"loss": torch.tensor(self.losses.get(step, float(step))), "size": torch.tensor(float(batch.size))}

    def parts(self) -> Mapping[str, Stateful]:
        return {"network": self.network}


def square(network: nn.Module, batch: Points) -> Loss:
    return Loss((network(batch.x) - batch.y).square().mean(), {})


def learner(*, average: bool = False) -> AbstractLearner[Points]:
    """Dropout, momentum and a schedule: state of every kind."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    made: AbstractLearner[Points] = OneLoss(network, square, Descent(optimizer="adam", rate=0.01))
    torch.manual_seed(1)
    return Averaged(made, 0.9) if average else made


def never(network: nn.Module) -> Mapping[str, float]:
    return {}


def test_when_it_looks_at_the_loss_and_at_the_validation_part() -> None:
    rows: list[Row] = []
    moving = Counting()
    looks: list[nn.Module] = []

    def evaluate(network: nn.Module) -> Mapping[str, float]:
        looks.append(network)
        return {"score": float(len(moving.progress))}

    def watch(row: Row) -> Outcome | None:
        rows.append(row)
        return None

    plan = Plan(11, 0, evaluate_every=4, log_every=3)
    history = fit(moving, PointSource(5), plan, evaluate=evaluate, observers=[watch])
    assert [row.step for row in rows] == list(range(1, 12))
    assert [row.step for row in rows if row.scores] == [4, 8, 11]
    assert [row.step for row in rows if row.numbers] == [3, 4, 6, 8, 9, 11]
    assert [row.scores["score"] for row in rows if row.scores] == [4, 8, 11]
    assert [row.numbers["loss"] for row in rows if row.numbers] == [2, 4, 5.5, 7.5, 9, 10.5]  # means since the last
    assert {row.numbers["size"] for row in rows if row.numbers} == {8}
    assert [row.epoch for row in rows] == [step / 5 for step in range(1, 12)]
    assert history == History(tuple(row for row in rows if row.numbers), Outcome.DONE)
    assert looks == [moving.network] * 3
    assert moving.progress == [step / 11 for step in range(11)]


def test_seconds_count_training_and_only_grow() -> None:
    def slow(network: nn.Module) -> Mapping[str, float]:
        torch.linalg.svd(torch.randn(400, 400, generator=generator(0)))
        return {"score": 0.0}

    rows = fit(Counting(), PointSource(5), Plan(6, 0, 1, 1), evaluate=slow).rows
    seconds = [row.seconds for row in rows]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0
    begun = Start(3, rows[:3])
    assert fit(Counting(), PointSource(5), Plan(6, 0, 1, 1), start=begun, evaluate=slow).rows[3].seconds > seconds[2]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("when", [5, 6])
def test_a_loss_that_is_no_number_stops_where_it_is_noticed_before_any_observer(bad: float, when: int) -> None:
    seen: list[int] = []

    def watch(row: Row) -> Outcome | None:
        seen.append(row.step)
        return None

    moving, looks = Counting({when: bad}), list[int]()

    def evaluate(network: nn.Module) -> Mapping[str, float]:
        looks.append(len(moving.progress))
        return {"score": 0.0}

    history = fit(moving, PointSource(4), Plan(12, 0, 6, 3), evaluate=evaluate, observers=[watch])
    assert history.outcome is Outcome.DIVERGED
    assert len(moving.progress) == 6
    assert seen == [1, 2, 3, 4, 5]
    assert looks == []
    assert [row.step for row in history.rows] == [3]


def test_a_finite_loss_does_not_stop_it() -> None:
    assert fit(Counting({6: 1e30}), PointSource(4), Plan(12, 0, 6, 3), evaluate=never).outcome is Outcome.DONE


def test_an_observer_ends_it_and_all_of_them_see_the_last_row() -> None:
    seen: list[tuple[str, int]] = []

    def first(row: Row) -> Outcome | None:
        seen.append(("first", row.step))
        return Outcome.STOPPED_EARLY if row.step == 2 else None

    def second(row: Row) -> Outcome | None:
        seen.append(("second", row.step))
        return None

    moving = Counting()
    history = fit(moving, PointSource(4), Plan(12, 0, 6, 1), evaluate=never, observers=[first, second])
    assert history.outcome is Outcome.STOPPED_EARLY
    assert len(moving.progress) == 2
    assert seen == [("first", 1), ("second", 1), ("first", 2), ("second", 2)]
    assert [row.step for row in history.rows] == [1, 2]


def test_the_later_of_two_outcomes_counts() -> None:
    ends = [lambda row: Outcome.STOPPED_EARLY, lambda row: Outcome.INTERRUPTED]
    assert fit(Counting(), PointSource(4), Plan(3, 0, 1), evaluate=never, observers=ends).outcome is Outcome.INTERRUPTED


def test_no_steps_no_looks() -> None:
    source = PointSource(4)
    assert fit(Counting(), source, Plan(0, 0, 1), evaluate=never) == History((), Outcome.DONE)
    assert source.asked == []


@pytest.mark.parametrize(("size", "asked"), [(4, [0, 1, 2]), (None, [0]), (10, [0]), (100, [0])])
def test_passes_follow_each_other_and_no_batch_is_made_in_vain(size: int | None, asked: list[int]) -> None:
    source = PointSource(size)
    rows: list[Row] = []
    watch = [lambda row: rows.append(row)]
    fit(Counting(), source, Plan(10, 0, 10), evaluate=never, observers=watch)  # type: ignore[arg-type]
    assert source.asked == asked
    assert source.given == 10
    assert rows[-1].epoch == (1 if size is None else 10 / size)


STEPS = 13
PLAN = Plan(STEPS, 7, evaluate_every=5, log_every=2)


def weights(made: AbstractLearner[Points]) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in made.network.state_dict().items()}


def cut_and_go_on(step: int, size: int | None, *, average: bool, forget: str = "") -> tuple[dict[str, Tensor], History]:
    """Train up to a step, carry the state over to a fresh learner, go on."""
    first = learner(average=average)
    cut = [lambda row: Outcome.INTERRUPTED if row.step == step else None]
    history = fit(first, PointSource(size), PLAN, evaluate=never, observers=cut)
    states = copy.deepcopy({name: part.state_dict() for name, part in first.parts().items()})
    random = torch.get_rng_state()
    second = learner(average=average)
    for name, part in second.parts().items():
        if name != forget:
            part.load_state_dict(states[name])
    if forget != "random":
        torch.set_rng_state(random)
    done = fit(second, PointSource(size), PLAN, start=Start(step, history.rows), evaluate=never)
    return weights(second), done


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize("size", [4, 1, 50, None])
def test_going_on_from_any_step_equals_never_having_stopped(size: int | None, average: bool) -> None:
    whole = learner(average=average)
    history = fit(whole, PointSource(size), PLAN, start=BEGINNING, evaluate=never)
    for step in range(1, STEPS):
        found, done = cut_and_go_on(step, size, average=average)
        assert same(found, weights(whole)), step
        assert [(row.step, row.epoch) for row in done.rows] == [(row.step, row.epoch) for row in history.rows], step
        if PLAN.logs(step):
            assert [row.numbers for row in done.rows] == [row.numbers for row in history.rows], step


@pytest.mark.parametrize("forgotten", ["network", "optimizer", "average", "average_steps", "random"])
def test_control_what_is_forgotten_shows(forgotten: str) -> None:
    whole = learner(average=True)
    fit(whole, PointSource(4), PLAN, evaluate=never)
    assert not same(cut_and_go_on(5, 4, average=True, forget=forgotten)[0], weights(whole))


def test_another_seed_gives_other_batches() -> None:
    one, other = learner(), learner()
    fit(one, PointSource(4), PLAN, evaluate=never)
    torch.manual_seed(1)
    fit(other, PointSource(4), Plan(STEPS, 8, 5, 2), evaluate=never)
    assert not same(weights(one), weights(other))
