"""Verdicts in a simulated world whose truth is known, and the usual tests failing there.

Short forms, with fixed seeds, of every row that ``benchmarks/verdicts.py`` repeats at full length: a bound is allowed
two standard errors of so few comparisons, and a control stays on its own side of it.
"""

from functools import partial

import numpy as np
import pytest
from verdict_trials import advised, family, jackknifed, looked_twice, pairwise, planned_and_found, tailed, usual_tests
from verdict_world import Cell

from neocog.measures.intervals import arm_interval


def at_most(bound: float, flags: np.ndarray) -> bool:
    return float(np.mean(flags)) <= bound + 2 * np.sqrt(bound * (1 - bound) / len(flags))


def at_least(bound: float, flags: np.ndarray) -> bool:
    return float(np.mean(flags)) >= bound - 2 * np.sqrt(bound * (1 - bound) / len(flags))


def test_seeds_alone_mistake_the_test_set_for_the_world() -> None:
    cell = Cell((0.9, 0.9), 1000, 5, 0.001, 2.0, times=400)
    assert at_most(0.06, pairwise(cell)["beats"])
    assert usual_tests(cell)["seeds"].mean() >= 0.12


def test_items_alone_and_pooled_runs_mistake_these_seeds_for_all() -> None:
    cell = Cell((0.9, 0.9), 10_000, 3, 0.005, 2.0, times=120)
    usual = usual_tests(cell)
    assert at_most(0.06, pairwise(cell)["beats"])
    assert usual["items"].mean() >= 0.2
    assert usual["pooled"].mean() >= 0.2


def test_the_bootstrap_errs_both_ways() -> None:
    bootstrap = partial(usual_tests, bootstrap=True)
    items_matter = Cell((0.9, 0.9), 500, 3, 0.001, 1.5, times=60)
    seeds_matter = Cell((0.9, 0.9), 500, 3, 0.03, 0.5, times=60)
    assert bootstrap(items_matter)["bootstrap"].mean() < 0.05
    assert bootstrap(seeds_matter)["bootstrap"].mean() > 0.1
    assert at_most(0.06, pairwise(seeds_matter)["beats"])


@pytest.mark.parametrize(
    ("accuracy", "items", "runs", "sd", "own"),
    [(0.9, 360, 3, 0.005, 1.0), (0.99, 1000, 5, 0.001, 1.5), (0.9, 360, 10, 0.0, 2.0)],
)
def test_equal_networks_seldom_differ_and_the_interval_covers(
    accuracy: float, items: int, runs: int, sd: float, own: float
) -> None:
    trials = pairwise(Cell((accuracy, accuracy), items, runs, sd, own, times=300))
    assert at_most(0.06, trials["beats"])
    assert at_least(0.93, trials["covered"])
    assert trials["half"].mean() <= 1.1 * trials["unfloored"].mean()


def test_few_differing_items_are_covered_too() -> None:
    trials = pairwise(Cell((0.99, 0.99), 360, 3, 0.001, 1.0, times=300))
    few = trials["covered"][trials["differing"] < 20]
    assert len(few) > 150 and at_least(0.925, few)


def test_seeds_of_unequal_spread() -> None:
    assert at_most(0.08, pairwise(Cell((0.9, 0.9), 1000, 3, (0.0002, 0.01), 1.0, times=300))["beats"])


def test_a_real_difference_is_found_and_covered() -> None:
    trials = pairwise(Cell((0.91, 0.89), 1000, 5, 0.001, 2.0, times=200))
    assert at_least(0.78, trials["beats"])
    assert at_least(0.93, trials["covered"])


def test_networks_that_differ_by_the_margin_seldom_tie() -> None:
    cell = Cell((0.905, 0.895), 4000, 5, 0.001, 0.5, times=150)
    assert at_most(0.065, pairwise(cell, margin=0.01)["tie"])
    assert pairwise(cell, margin=0.03)["tie"].mean() >= 0.5


@pytest.mark.parametrize("worse", [0.0, 0.04])
def test_of_five_networks_nothing_false_is_said(worse: float) -> None:
    cell = Cell((0.9,) * 4 + (0.9 - worse,), 360, 3, 0.005, 1.0, times=120)
    assert at_most(0.06, family(cell, equal=5 if worse == 0 else 4)["wrong"])


def test_advice_that_is_followed_settles() -> None:
    ratios = []
    for times_the_margin in (0.0, 1.5):
        half = times_the_margin * 0.005
        trials = advised(Cell((0.9 + half, 0.9 - half), 1000, 5, 0.002, 1.0, times=40), margin=0.01)
        assert len(trials["settled"]) >= 8 and at_least(0.8, trials["settled"])
        ratios += [*trials["ratio"]]
    assert len(ratios) >= 10 and np.median(ratios) <= 3  # over all cells, as the full table has it


def test_items_alone_are_never_named_with_few_runs() -> None:
    trials = advised(Cell((0.9, 0.9), 500, 3, 0.0, 2.0, times=25), margin=0.02)
    assert len(trials["items_alone_few"]) and not trials["items_alone_few"].any()


def test_two_looks_together_are_as_sure_as_one() -> None:
    assert at_most(0.06, looked_twice(Cell((0.9, 0.9), 500, 6, 0.002, 1.0, times=200))["either"])


def test_power_is_foretold() -> None:
    trials = planned_and_found(Cell((0.91, 0.89), 1000, 5, 0.003, 1.0, times=200))
    assert trials["planned"][0] == pytest.approx(trials["beats"].mean(), abs=0.06 + 2 * 0.035)


def test_groups_as_items() -> None:
    cell = Cell((0.9, 0.9), 1000, 3, 0.001, 2.0, times=200, group=20)
    assert at_most(0.06, pairwise(cell, by_groups=True)["beats"])
    assert pairwise(cell)["beats"].mean() > 0.2


@pytest.mark.parametrize("score", ["log-loss", "brier"])
def test_scores_with_tails(score: str) -> None:
    assert at_most(0.06, tailed(Cell((0.9, 0.9), 500, 3, 0.003, 1.0, times=150), score)["beats"])


@pytest.mark.parametrize("score", ["macro F1", "balanced accuracy", "AUC"])
def test_scores_that_are_no_means(score: str) -> None:
    assert at_most(0.06, jackknifed(Cell((0.9, 0.9), 300, 3, 0.003, 1.0, times=120), score)["beats"])


@pytest.mark.parametrize("accuracy", [0.9, 0.99])
def test_the_interval_of_one_network_covers(accuracy: float) -> None:
    drawn = Cell((accuracy,), 360, 3, 0.003, 1.5, times=300).comparisons()
    found = [arm_interval(arms[0]) for arms in drawn]
    assert 0.93 <= np.mean([part.low <= accuracy <= part.high for part in found]) <= 0.992
