"""A simulated world in which the truth about networks is known, and the usual tests that go wrong in it.

``y = 1[d_i + level_k + g_ki + tau_k z_ks + 1.25 Logistic > 0]``: test items are easy or hard for everyone (d), each
network k has its own idea of each item (g), each seed s its own luck (z). Levels and taus are solved for the expected
accuracy and for the standard deviation of a seed's accuracy. "Equal" networks have the same expected accuracy and
independent ideas of the items.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, special, stats

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
LOGISTIC = 1.25
AT_ONCE = 3e6  # numbers drawn at a time


@dataclass(frozen=True)
class World:
    """One network among test items: share of hard items, spread of its own idea of them, level, spread of its seeds."""

    hard: float
    own: float
    level: float
    tau: float

    @staticmethod
    @cache
    def of(accuracy: float, seed_sd: float, own: float, mean_accuracy: float) -> "World":
        """Solve for the expected accuracy and for the standard deviation of a seed's accuracy."""
        hard = 2 * (1 - mean_accuracy)

        def moments(level: float, tau: float) -> tuple[float, float]:
            x = level + tau * NODES
            given_seed = sum(
                share
                * (WEIGHTS * special.expit((middle + np.hypot(sd, own) * NODES + x[:, None]) / LOGISTIC)).sum(axis=1)
                for share, middle, sd in ((hard, 0, 1.8), (1 - hard, 6, 1.2))
            )
            mean = float((WEIGHTS * given_seed).sum())
            return mean, float(np.sqrt((WEIGHTS * (given_seed - mean) ** 2).sum()))

        if seed_sd == 0:
            level = optimize.brentq(lambda level: moments(level, 0.0)[0] - accuracy, -20, 20, xtol=1e-12)
            return World(hard, own, float(level), 0.0)

        def gaps(unknown: np.ndarray) -> list[float]:
            mean, sd = moments(unknown[0], float(np.exp(unknown[1])))
            return [mean - accuracy, 50 * (sd - seed_sd)]

        solved = optimize.root(gaps, [0.0, -1.0])
        assert solved.success, (accuracy, seed_sd, own)
        return World(hard, own, float(solved.x[0]), float(np.exp(solved.x[1])))

    def difficulties(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """How easy items are for everyone."""
        hard = generator.random(shape) < self.hard
        noise = generator.standard_normal(shape)
        return np.where(hard, 1.8 * noise, 6 + 1.2 * noise)

    def margins(
        self, generator: np.random.Generator, difficulties: np.ndarray, runs: int, group: int = 1
    ) -> np.ndarray:
        """How surely each run is right on each item, (times, runs, n); ``group`` items share the network's idea."""
        times, n = difficulties.shape
        own = np.repeat(generator.standard_normal((times, n // group)), group, axis=1)
        seeds = self.tau * generator.standard_normal((times, runs, 1))
        return (difficulties + self.level + self.own * own)[:, None, :] + seeds

    def scores(self, generator: np.random.Generator, difficulties: np.ndarray, runs: int, group: int = 1) -> np.ndarray:
        """1 where a run is right on an item, (times, runs, n)."""
        margins = self.margins(generator, difficulties, runs, group)
        chance = special.expit((margins / LOGISTIC).astype(np.float32))
        return (generator.random(margins.shape, dtype=np.float32) < chance).astype(np.float64)


@dataclass(frozen=True)
class Cell:
    """One situation: accuracies of the networks, items, runs, standard deviation of seeds, own ideas, comparisons.

    ``seed_sd`` and ``runs`` are one number for all networks, or one for each.
    """

    accuracies: tuple[float, ...]
    items: int
    runs: int | tuple[int, ...]
    seed_sd: float | tuple[float, ...]
    own: float
    times: int = 2000
    group: int = 1
    seed: int = 11

    def worlds(self) -> list[World]:
        """One for each network."""
        sds = self.seed_sd if isinstance(self.seed_sd, tuple) else (self.seed_sd,) * len(self.accuracies)
        middle = float(np.mean(self.accuracies))
        return [World.of(accuracy, sd, self.own, middle) for accuracy, sd in zip(self.accuracies, sds, strict=True)]

    @property
    def each_runs(self) -> tuple[int, ...]:
        """Runs of each network."""
        return self.runs if isinstance(self.runs, tuple) else (self.runs,) * len(self.accuracies)

    def comparisons(self) -> Iterator[list[np.ndarray]]:
        """For each comparison the scores (runs, items) of every network."""
        for generator, difficulties in self.chunks():
            worlds = zip(self.worlds(), self.each_runs, strict=True)
            yield from map(list, zip(*(w.scores(generator, difficulties, runs, self.group) for w, runs in worlds)))

    def chunks(self) -> Iterator[tuple[np.random.Generator, np.ndarray]]:
        """A generator and the difficulties of the items, for some comparisons at a time."""
        generator = np.random.default_rng(self.seed)
        size = max(1, min(50, int(AT_ONCE / (self.items * max(self.each_runs)))))
        world = self.worlds()[0]
        for start in range(0, self.times, size):
            shape = (min(size, self.times - start), self.items // self.group)
            yield generator, np.repeat(world.difficulties(generator, shape), self.group, axis=1)


def seeds_only(a: np.ndarray, b: np.ndarray) -> float:
    """The p value of Welch's test over runs."""
    first, second = a.mean(axis=1), b.mean(axis=1)
    parts = [max(float(part.var(ddof=1)) / len(part), 1e-18) for part in (first, second)]
    freedom = sum(parts) ** 2 / sum(part**2 / (len(x) - 1) for part, x in zip(parts, (first, second)))
    return float(2 * stats.t.sf(abs(first.mean() - second.mean()) / np.sqrt(sum(parts)), freedom))


def items_only(a: np.ndarray, b: np.ndarray) -> float:
    """The p value of the paired z test over items, of seed-averaged scores."""
    gap = a.mean(axis=0) - b.mean(axis=0)
    error = max(float(gap.std(ddof=1)) / np.sqrt(len(gap)), 1e-18)
    return float(2 * stats.norm.sf(abs(gap.mean()) / error))


def pooled_unpaired(a: np.ndarray, b: np.ndarray) -> float:
    """The p value of the two-proportion z test that takes every run on every item for an item of its own."""
    share = (a.sum() + b.sum()) / (a.size + b.size)
    error = max(np.sqrt(share * (1 - share) * (1 / a.size + 1 / b.size)), 1e-18)
    return float(2 * stats.norm.sf(abs(a.mean() - b.mean()) / error))


def bca_bootstrap(
    a: np.ndarray, b: np.ndarray, generator: np.random.Generator, draws: int = 1000
) -> tuple[float, float]:
    """The 95 % interval of the hierarchical bootstrap (BCa), over seeds within networks and over items."""
    n = a.shape[1]
    rows = generator.integers(0, n, (draws, n), dtype=np.int32) + n * np.arange(draws, dtype=np.int32)[:, None]
    weights = np.bincount(rows.ravel(), minlength=draws * n).reshape(draws, n) / n
    drawn = np.zeros(draws)
    influences = [(a.mean(axis=0) - b.mean(axis=0)) - (a.mean() - b.mean())]
    for sign, part in ((1, a), (-1, b)):
        runs = len(part)
        chosen = generator.multinomial(runs, np.full(runs, 1 / runs), size=draws) / runs
        drawn += sign * ((weights @ part.T) * chosen).sum(axis=1)
        influences.append(sign * (part.mean(axis=1) - part.mean()))
    return _bca(drawn, float(a.mean() - b.mean()), influences)


def _bca(drawn: np.ndarray, found: float, influences: Sequence[np.ndarray]) -> tuple[float, float]:
    """Efron 1987, Journal of the American Statistical Association 82:171, for several samples."""
    below = (np.count_nonzero(drawn < found) + 0.5 * np.count_nonzero(drawn == found)) / len(drawn)
    bias = special.ndtri(np.clip(below, 1e-4, 1 - 1e-4))
    squares = sum(float(np.square(part).sum()) / len(part) ** 2 for part in influences)
    cubes = sum(float((part**3).sum()) / len(part) ** 3 for part in influences)
    acceleration = cubes / (6 * max(squares, 1e-30) ** 1.5)
    low, high = (bias + z / (1 - acceleration * z) for z in (bias - 1.959964, bias + 1.959964))
    ends = np.quantile(drawn, special.ndtr([low, high]))
    return float(ends[0]), float(ends[1])
