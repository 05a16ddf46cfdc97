"""runs/range_test: the loss while the learning rate rises."""

import math

import pytest

from neocog.core.catalogue import Spec
from neocog.core.errors import UsageProblem
from neocog.core.progress import Silent
from neocog.runs.range_test import RangeTest, _steepest, range_test
from neocog.runs.setup import Question, open_data, resolve, task_for


def loss_at(rate: float, bend: float) -> float:
    """Falls from 3 to 0.5 around ``bend``, and explodes thirty times above it."""
    share = 1 / (1 + math.exp(-2 * math.log10(rate / bend)))
    return 3 - 2.5 * share + max(0.0, math.log10(rate / bend) - 1.5) ** 2


@pytest.mark.parametrize("bend", [1e-4, 1e-3, 1e-2])
def test_the_fastest_fall_is_found_in_spite_of_noise_at_the_start(bend: float) -> None:
    rates = [1e-7 * 10 ** (step / 30) for step in range(200)]
    losses = [loss_at(rate, bend) for rate in rates]
    losses[0] += 0.5
    losses[1] += 0.2
    assert bend / 4 < _steepest(rates, losses) < bend * 4
    naive = max(range(1, 199), key=lambda i: losses[i - 1] - losses[i + 1])
    assert not bend / 4 < rates[naive] < bend * 4, "the control: the noise would have been taken for the fall"


def test_a_loss_that_only_rises() -> None:
    assert _steepest([0.1, 1.0, 10.0], [1.0, 2.0, 3.0]) == 0.1
    assert _steepest([0.1], [1.0]) == 0.1


def found_with(settings: dict[str, str], steps: int = 60) -> RangeTest:
    task, kind = task_for("digits", None)
    choice, data = open_data(kind, "digits", {}, device="cpu", download=False, keep=False, progress=Silent())
    spec = Spec("mlp", {"widths": (16,)})
    experiment = resolve(Question(task, choice, data), spec, device="cpu", augment="default", settings=settings)
    return range_test(experiment, data, steps=steps)


def test_it_learns_and_explodes_on_digits() -> None:
    found = found_with({"descent.optimizer": "sgd"})
    assert found.rates[0] == pytest.approx(1e-4) and list(found.rates) == sorted(found.rates)
    assert min(found.losses) < found.losses[0]
    assert found.rates[0] < found.suggestion < 10
    assert found == found_with({"descent.optimizer": "sgd"}), "the same seed gives the same test"
    figure = found.figure()
    assert "mlp" in figure.title and figure.svg.startswith("<svg") and figure.table.rows


def test_an_impossible_option_is_refused() -> None:
    with pytest.raises(UsageProblem):
        found_with({"descent.optimizer": "sdg"})
