"""The power law of learning, in a world whose truth is known."""

import numpy as np
import pytest
from scipy.stats import norm

from neocog.measures.power_law import PowerLaw, power_law

SIZES = (100, 300, 1000, 3000)
LAW = (0.02, 2.0, 0.5)
TRUE = LAW[1] * 3000 ** -LAW[2] * (1 - 2 ** -LAW[2])


def drawn(seed: int, *, runs: int = 3, items: int = 500, sizes: tuple[int, ...] = SIZES) -> list[np.ndarray]:
    """Errors of runs on the same test items: some items are hard for all, and some runs are luckier than others."""
    random = np.random.default_rng(seed)
    hard = random.normal(0, 1, items)
    found = []
    for size in sizes:
        share = LAW[0] + LAW[1] * size ** -LAW[2]
        place = norm.ppf(share) * np.sqrt(2)  # of a unit normal, so that the mean over hard is the share
        luck = random.normal(0, 0.05, (runs, 1))
        found.append((place + hard + luck > random.normal(0, 1, (runs, items))).astype(float))
    return found


def fitted(seed: int, **how: object) -> PowerLaw:
    found = power_law(how.get("sizes", SIZES), drawn(seed, **how))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_law_without_noise_is_found_again() -> None:
    errors = []
    for size in SIZES:
        wrong = round(10_000 * (LAW[0] + LAW[1] * size ** -LAW[2]))
        errors.append(np.tile((np.arange(10_000) < wrong).astype(float), (2, 1)))
    found = power_law(SIZES, errors)
    assert found is not None
    assert (found.floor, found.exponent) == pytest.approx((LAW[0], LAW[2]), abs=0.03)
    assert found.doubling.gain == pytest.approx(TRUE, rel=0.05)
    assert found.error(6000) == pytest.approx(found.error(3000) - found.doubling.gain, abs=1e-9)
    assert found.doubling.low <= found.doubling.gain <= found.doubling.high


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    found = [fitted(seed).doubling for seed in range(60)]
    covered = np.mean([each.low <= TRUE <= each.high for each in found])
    assert covered >= 0.9  # of 95 %; the standard error of 60 draws is 3
    assert np.median([each.high - each.low for each in found]) < 2 * TRUE  # and says something
    half = [(each.gain - (each.gain - each.low) / 4, each.gain + (each.high - each.gain) / 4) for each in found]
    assert np.mean([low <= TRUE <= high for low, high in half]) < 0.75  # the control: an interval that is too short


def test_more_items_and_runs_tell_more() -> None:
    few = [fitted(seed).doubling for seed in range(8)]
    many = [fitted(seed, items=4000, runs=5).doubling for seed in range(8)]
    wide, narrow = (np.median([each.high - each.low for each in found]) for found in (few, many))
    assert narrow < 0.7 * wide


def test_too_few_sizes_or_runs_cannot_tell() -> None:
    assert power_law((100, 300), drawn(0, sizes=(100, 300))) is None
    assert power_law((100, 300, 1000), drawn(0, runs=1, sizes=(100, 300, 1000))) is None
    assert power_law((100, 300, 1000), drawn(0, runs=2, sizes=(100, 300, 1000))) is not None
    assert power_law(SIZES, drawn(0, runs=1)) is not None


def test_it_is_followed_four_times_and_no_farther() -> None:
    found = fitted(0)
    assert found.error(12_000) < found.error(6_000) < found.error(3_000)
    with pytest.raises(ValueError, match="more than 4 times"):
        found.error(12_001)
    assert [gain.times for gain in found.gains] == [2, 4]


def test_where_more_data_bring_nothing_the_interval_reaches_0() -> None:
    random = np.random.default_rng(0)
    hard = random.random(800) < 0.1
    errors = [np.tile(hard, (3, 1)) ^ (random.random((3, 800)) < 0.01) for _ in SIZES]
    found = power_law(SIZES, [each.astype(float) for each in errors])
    assert found is not None and found.doubling.low < 0.001


def test_a_misfit_widens() -> None:
    def of(shares: tuple[float, ...]) -> PowerLaw:
        order = [np.random.default_rng(seed).permutation(2000) for seed in range(len(shares))]
        errors = [np.tile((o < 2000 * share).astype(float), (2, 1)) for o, share in zip(order, shares, strict=True)]
        found = power_law(SIZES, errors)
        assert found is not None
        return found

    smooth, bumpy = of((0.2, 0.12, 0.08, 0.05)), of((0.2, 0.07, 0.13, 0.05))
    assert smooth.misfit < 1 < bumpy.misfit
