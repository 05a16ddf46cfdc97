"""Verdicts in a simulated world whose truth is known, and the usual tests failing there.

A short look with fixed seeds: the cells in which seeds-only and items-only tests go wrong, and an ordinary one.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import optimize, special, stats

from neocog.measures.intervals import arm_interval
from neocog.measures.verdict import Verdict, verdicts

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True)
class World:
    """y = 1[d_i + al + g_i + tau z_s + 1.25 Logistic > 0]: items easy and hard, a network's own idea of them, seeds."""

    hard: float
    own: float
    level: float
    tau: float

    @classmethod
    def of(cls, accuracy: float, seed_sd: float, own: float, mean_accuracy: float) -> "World":
        """Solve for the population accuracy and the standard deviation of a seed's population accuracy."""
        hard = 2 * (1 - mean_accuracy)

        def gaps(unknown: np.ndarray) -> list[float]:
            level, log_tau = unknown
            x = level + np.exp(log_tau) * NODES
            given_seed = sum(
                share * (WEIGHTS * special.expit((middle + np.hypot(sd, own) * NODES + x[:, None]) / 1.25)).sum(axis=1)
                for share, middle, sd in ((hard, 0, 1.8), (1 - hard, 6, 1.2))
            )
            mean = (WEIGHTS * given_seed).sum()
            return [mean - accuracy, 50 * (np.sqrt((WEIGHTS * (given_seed - mean) ** 2).sum()) - seed_sd)]

        solved = optimize.root(gaps, [0.0, -1.0])
        assert solved.success
        return cls(hard, own, solved.x[0], np.exp(solved.x[1]))

    def difficulties(self, generator: np.random.Generator, times: int, n: int) -> np.ndarray:
        hard = generator.random((times, n)) < self.hard
        noise = generator.standard_normal((times, n))
        return np.where(hard, 1.8 * noise, 6 + 1.2 * noise)

    def scores(self, generator: np.random.Generator, difficulties: np.ndarray, runs: int) -> np.ndarray:
        times, n = difficulties.shape
        base = difficulties + self.level + self.own * generator.standard_normal((times, n))
        seeds = self.tau * generator.standard_normal((times, runs, 1))
        noise = 1.25 * special.logit(generator.random((times, runs, n)))
        return (base[:, None, :] + seeds + noise > 0).astype(float)


def comparisons(
    accuracies: list[float], n: int, runs: int, seed_sd: float, own: float, times: int
) -> list[list[np.ndarray]]:
    generator = np.random.default_rng(11)
    worlds = [World.of(accuracy, seed_sd, own, float(np.mean(accuracies))) for accuracy in accuracies]
    drawn = []
    for start in range(0, times, 50):
        difficulties = worlds[0].difficulties(generator, min(50, times - start), n)
        drawn += list(zip(*(world.scores(generator, difficulties, runs) for world in worlds)))
    return [list(arms) for arms in drawn]


def false_beats(drawn: list[list[np.ndarray]]) -> tuple[float, float, float]:
    """Share of false "beats" of ours, of Welch's test over seeds, and of a paired z test over items."""
    ours = items = 0
    for a, b in drawn:
        (found,) = verdicts({"a": a, "b": b}, margin=0)
        ours += found.answer in ("a", "b")
        gap = a.mean(axis=0) - b.mean(axis=0)
        items += abs(gap.mean()) > 1.96 * gap.std(ddof=1) / np.sqrt(len(gap))
    first, second = (np.array([pair[k].mean(axis=1) for pair in drawn]) for k in (0, 1))
    runs = first.shape[1]
    a, b = (np.maximum(part.var(axis=1, ddof=1) / runs, 1e-18) for part in (first, second))
    welch = np.abs(first.mean(axis=1) - second.mean(axis=1)) / np.sqrt(a + b)
    seeds = np.mean(2 * stats.t.sf(welch, (a + b) ** 2 * (runs - 1) / (a**2 + b**2)) < 0.05)
    return ours / len(drawn), float(seeds), items / len(drawn)


def test_seeds_alone_mistake_the_test_set_for_the_world() -> None:
    ours, seeds_only, _ = false_beats(comparisons([0.9, 0.9], n=1000, runs=5, seed_sd=0.001, own=2.0, times=400))
    assert ours <= 0.06
    assert seeds_only >= 0.12


def test_items_alone_mistake_these_seeds_for_all() -> None:
    ours, _, items_only = false_beats(comparisons([0.9, 0.9], n=4000, runs=3, seed_sd=0.01, own=1.0, times=150))
    assert ours <= 0.06
    assert items_only >= 0.2


def test_an_ordinary_cell_is_bounded_and_covered() -> None:
    drawn = comparisons([0.9, 0.9], n=360, runs=3, seed_sd=0.005, own=1.0, times=400)
    ours, _, _ = false_beats(drawn)
    assert ours <= 0.06
    covered = [low <= 0 <= high for low, high in ((v.low, v.high) for v in map(_only, drawn))]
    assert 0.93 <= np.mean(covered) <= 0.992


def test_a_real_difference_is_found_and_covered() -> None:
    drawn = comparisons([0.91, 0.89], n=1000, runs=5, seed_sd=0.001, own=2.0, times=200)
    found = [_only(pair) for pair in drawn]
    assert np.mean([verdict.answer == "a" for verdict in found]) >= 0.78
    assert np.mean([verdict.low <= 0.02 <= verdict.high for verdict in found]) >= 0.93


def test_five_equal_networks_seldom_give_any_winner() -> None:
    drawn = comparisons([0.9] * 5, n=360, runs=3, seed_sd=0.005, own=1.0, times=200)
    wrong = uncorrected = 0
    for arms in drawn:
        found = verdicts(dict(zip("abcde", arms)), margin=0)
        wrong += any(verdict.answer in ("a", "b") for verdict in found)
        uncorrected += any(verdict.low > 0 or verdict.high < 0 for verdict in found)
    assert wrong / len(drawn) <= 0.06
    assert uncorrected / len(drawn) >= 0.1


@pytest.mark.parametrize("accuracy", [0.9, 0.99])
def test_the_interval_of_one_network_covers(accuracy: float) -> None:
    drawn = comparisons([accuracy], n=360, runs=3, seed_sd=0.003, own=1.5, times=300)
    found = [arm_interval(arms[0]) for arms in drawn]
    assert 0.93 <= np.mean([part.low <= accuracy <= part.high for part in found]) <= 0.992


def _only(pair: list[np.ndarray]) -> Verdict:
    return verdicts({"a": pair[0], "b": pair[1]}, margin=0)[0]
