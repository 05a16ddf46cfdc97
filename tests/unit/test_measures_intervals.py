"""The interval of one network."""

import math

import numpy as np
import pytest
from scipy import stats

from neocog.measures.intervals import arm_interval, wilson


def test_hand_worked_case() -> None:
    scores = np.array([[3.0, 1.0, 2.0, 2.0], [5.0, 3.0, 5.0, 3.0]])
    # run means 2 and 4: S = 2; item means 4 2 3.5 2.5: var = 2.5/3, I = 2.5/12; residuals +-(0 0 .5 .5): E = 1/3
    found = arm_interval(scores)
    variance = 2 / 2 + 2.5 / 12 - (1 / 3) / 8
    freedom = variance**2 / 1.0**2
    assert found.mean == 3
    assert found.seeds_error == pytest.approx(math.sqrt((2 - 1 / 12) / 2))
    assert found.items_error == pytest.approx(math.sqrt(2.5 / 12))
    assert found.high - 3 == pytest.approx(stats.t.ppf(0.975, freedom) * math.sqrt(variance), rel=1e-9)
    assert found.note == "Rests on 2 runs, which differ widely; add seeds."


def test_one_run_of_zeros_and_ones_is_wilson() -> None:
    scores = np.array([[1.0] * 90 + [0.0] * 10])
    found = arm_interval(scores)
    low, high = wilson(90, 100)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))
    assert found.seeds_error is None
    assert found.note == "One run: this holds for this trained model only."


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("runs", [1, 3])
def test_no_mistake_is_not_certainty(runs: int, value: float) -> None:
    found = arm_interval(np.full((runs, 100), value))
    assert found.mean == value
    assert 0.02 < found.high - found.low < 0.05
    assert 0 <= found.low <= found.mean <= found.high <= 1


def test_constant_scores_of_another_kind_have_an_interval() -> None:
    found = arm_interval(np.full((3, 100), -0.7))
    assert found.high - found.low == pytest.approx(2 * 1.959964 * math.sqrt(2) / 100, rel=1e-6)


def test_seeds_that_differ_widen_it() -> None:
    generator = np.random.default_rng(0)
    alike = (generator.random((3, 2000)) < 0.9).astype(float)
    apart = np.stack([(generator.random(2000) < p).astype(float) for p in (0.85, 0.9, 0.95)])
    narrow, wide = arm_interval(alike), arm_interval(apart)
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)
    assert wide.seeds_error is not None and narrow.seeds_error is not None
    assert wide.seeds_error > 4 * narrow.seeds_error


def test_a_copied_run_adds_nothing() -> None:
    row = (np.random.default_rng(0).random((1, 500)) < 0.9).astype(float)
    one, five = arm_interval(row), arm_interval(np.repeat(row, 5, axis=0))
    assert (one.low, one.high) == (pytest.approx(five.low), pytest.approx(five.high))
    assert five.seeds_error == 0


def test_rare_mistakes_count_each_item_once() -> None:
    """Two mistakes of nine runs: their items look steadier than they are, but n items are no more than n."""
    scores = np.ones((9, 100))
    scores[0, 0] = scores[1, 1] = 0
    found = arm_interval(scores)
    mean, trials = 1 - 2 / 900, 100
    least = 1.96**2 / trials  # the quantile is at least the normal one
    middle = (mean + least / 2) / (1 + least)
    half = math.sqrt(least * (mean * (1 - mean) + least / 4)) / (1 + least)
    assert found.low < middle - half
