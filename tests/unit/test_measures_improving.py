"""late_gain: curves that rise, curves that have ended, and curves that only scatter."""

import numpy as np
import pytest

from neocog.measures.improving import late_gain

MARGIN = 0.005


def plateaued(random: np.random.Generator, looks: int = 20, noise: float = 0.004) -> list[float]:
    x = np.arange(looks) / looks
    return list(0.95 - 0.6 * np.exp(-12 * x) + random.normal(0, noise, looks))


def rising(random: np.random.Generator, looks: int = 20, noise: float = 0.004) -> list[float]:
    x = np.arange(looks) / looks
    return list(0.5 + 0.3 * x + random.normal(0, noise, looks))


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
def test_rising_curves_are_flagged_and_plateaus_are_not(seeds: int) -> None:
    random = np.random.default_rng(seeds)
    up = [late_gain([rising(random) for _ in range(seeds)], MARGIN) for _ in range(200)]
    flat = [late_gain([plateaued(random) for _ in range(seeds)], MARGIN) for _ in range(200)]
    assert sum(found is not None and found.improving for found in up) >= 195
    assert sum(found is not None and found.improving for found in flat) <= 10, "one in twenty"


def test_control_without_the_standard_error_scatter_alone_would_be_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    noisy = [[plateaued(random, noise=0.03)] for _ in range(200)]
    flagged = sum(found is not None and found.improving for found in (late_gain(curves, MARGIN) for curves in noisy))
    monkeypatch.setattr("neocog.measures.improving.ERRORS", 0.0)
    careless = sum(found is not None and found.improving for found in (late_gain(curves, MARGIN) for curves in noisy))
    assert flagged <= 20 and careless >= 60


def test_seeds_that_disagree_are_not_flagged() -> None:
    up, down = [0.5] * 16 + [0.7] * 4, [0.7] * 16 + [0.5] * 4
    found = late_gain([up, up, down], 0.0)
    assert found is not None and found.gain == pytest.approx(0.2 / 3) and not found.improving
    again = late_gain([up, up, up], 0.0)
    assert again is not None and again.improving


def test_the_gain_is_the_last_fifth_less_the_fifth_before() -> None:
    found = late_gain([[0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.4, 0.6]], 0.1)
    assert found is not None and found.looks == 2
    assert found.gain == pytest.approx(0.3)
    assert found.error == pytest.approx(np.sqrt(0.02 / 2 + 0.02 / 2))


@pytest.mark.parametrize("curves", [[], [[0.1, 0.2, 0.3]], [[], [0.5]]])
def test_too_few_looks_tell_nothing(curves: list[list[float]]) -> None:
    assert late_gain(curves, MARGIN) is None


def test_a_gain_within_the_margin_does_not_matter() -> None:
    slow = [list(np.linspace(0.9, 0.91, 20))]
    small, large = late_gain(slow, 0.001), late_gain(slow, 0.02)
    assert small is not None and small.improving
    assert large is not None and not large.improving
