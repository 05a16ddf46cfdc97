"""The Frechet distance against scipy's matrix root and cases worked by hand."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from neocog.measures.frechet import Moments, frechet_distance, frechet_items, moments


def cloud(seed: int, items: int = 400, width: int = 6) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(items, width)) @ random.normal(size=(width, width)) + random.normal(size=width)


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_formula_with_scipys_root(seed: int) -> None:
    a, b = moments(cloud(seed)), moments(cloud(seed + 100))
    root = np.trace(sqrtm(a.covariance @ b.covariance)).real
    expected = ((a.mean - b.mean) ** 2).sum() + np.trace(a.covariance) + np.trace(b.covariance) - 2 * root
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-9)


def test_worked_by_hand() -> None:
    one = Moments(np.array([1.0]), np.array([[4.0]]))
    other = Moments(np.array([3.0]), np.array([[9.0]]))
    assert frechet_distance(one, other) == pytest.approx((3 - 1) ** 2 + (3 - 2) ** 2)
    # axes do not mix: the squared differences of means and of standard deviations, summed
    a = Moments(np.array([0.0, 1.0]), np.diag([1.0, 16.0]))
    b = Moments(np.array([2.0, 1.0]), np.diag([25.0, 4.0]))
    assert frechet_distance(a, b) == pytest.approx(4 + (5 - 1) ** 2 + (4 - 2) ** 2)


def test_equal_clouds_are_at_no_distance_and_a_shift_is_its_square() -> None:
    a = moments(cloud(1))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    moved = Moments(a.mean + 3, a.covariance)
    assert frechet_distance(moved, a) == pytest.approx(9 * len(a.mean))


def test_a_plane_and_a_single_point_have_a_distance() -> None:
    flat = cloud(1)
    flat[:, 2:] = 0
    assert np.isfinite(frechet_distance(moments(flat), moments(cloud(2))))
    point, rest = moments(np.zeros((1, 6))), moments(cloud(2))
    expected = (rest.mean**2).sum() + np.trace(rest.covariance)
    assert frechet_distance(point, rest) == pytest.approx(expected)
    assert frechet_items(np.zeros((1, 6)), rest) == pytest.approx([expected])


def test_the_items_mean_is_the_distance() -> None:
    points, reference = cloud(3), moments(cloud(4))
    assert frechet_items(points, reference).mean() == pytest.approx(frechet_distance(moments(points), reference))


def test_an_items_part_is_what_weighing_it_more_does() -> None:
    points, reference = cloud(3, 200, 3), moments(cloud(4, 200, 3))
    influence = frechet_items(points, reference) - frechet_distance(moments(points), reference)
    step = 1e-6
    for item in (0, 17, 123):
        weights = np.full(200, (1 - step) / 200)
        weights[item] += step
        mean = weights @ points
        apart = points - mean
        heavier = Moments(mean, (apart * weights[:, None]).T @ apart)
        slope = (frechet_distance(heavier, reference) - frechet_distance(moments(points), reference)) / step
        assert influence[item] == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_the_items_spread_is_the_distances_error() -> None:
    reference = moments(cloud(4, 4000, 3))
    draws = [cloud_of_one(seed) for seed in range(300)]
    found = np.std([frechet_distance(moments(points), reference) for points in draws])
    said = np.mean([frechet_items(points, reference).std() / np.sqrt(len(points)) for points in draws])
    assert said == pytest.approx(found, rel=0.15)


def cloud_of_one(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(300, 3)) * [1.0, 2.0, 0.5] + [1.0, 0.0, -1.0]
