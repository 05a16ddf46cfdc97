"""Temperature, and the calibration error that chance alone shows."""

import numpy as np
import pytest
from scipy.special import softmax

from neocog.measures.calibration import HIGHEST, LOWEST, errors_by_chance, temperature, tempered
from neocog.measures.classification import expected_calibration_error, log_loss

CLASSES = 5


def drawn(items: int, seed: int, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of logits that are ``factor`` times too large, and labels drawn from the true ones."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (items, CLASSES))
    true = softmax(logits, axis=1)
    labels = (true.cumsum(1) < random.random((items, 1))).sum(1).clip(max=CLASSES - 1)
    return softmax(factor * logits, axis=1), labels


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_a_known_factor_is_found_again(factor: float) -> None:
    said, labels = drawn(20_000, 0, factor)
    found = temperature(said, labels)
    assert found == pytest.approx(factor, rel=0.03)
    mended = tempered(said, found)
    assert (mended.argmax(1) == said.argmax(1)).all()
    assert np.allclose(mended.sum(1), 1)
    before, after = (expected_calibration_error(each, labels) for each in (said, mended))
    assert after < 0.012
    if factor != 1:  # the control: without scaling the error is large
        assert before > 0.08
        assert log_loss(mended, labels) < log_loss(said, labels)


def test_no_other_temperature_is_better() -> None:
    said, labels = drawn(500, 1, 2.0)
    best = temperature(said, labels)
    least = log_loss(tempered(said, best), labels)
    for other in (best * (1 - 1e-3), best * (1 + 1e-3), best / 2, best * 2):
        assert log_loss(tempered(said, other), labels) > least


def test_without_a_best_temperature_an_end_is_given() -> None:
    said = softmax(np.random.default_rng(0).normal(0, 1, (50, 3)), axis=1)
    assert temperature(said, said.argmax(1)) == LOWEST
    assert temperature(said, said.argmin(1)) == HIGHEST


def test_what_float32_calls_0_is_survived() -> None:
    said = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], np.float32)
    found = temperature(said, np.array([0, 1, 1]))
    assert np.isfinite(found) and found > 1
    assert np.isfinite(tempered(said, found)).all()


def test_chance_alone_shows_the_error_of_a_perfect_network() -> None:
    errors, by_chance = [], []
    for seed in range(40):
        said, labels = drawn(300, seed)
        errors.append(expected_calibration_error(said, labels))
        by_chance.append(errors_by_chance(said, draws=100).mean())
    assert np.mean(by_chance) == pytest.approx(np.mean(errors), rel=0.08)
    assert np.mean(by_chance) > 0.02  # so that an error of 2 % means nothing here


def test_an_overconfident_network_is_beyond_chance() -> None:
    said, labels = drawn(300, 3, 3.0)
    assert expected_calibration_error(said, labels) > np.quantile(errors_by_chance(said), 0.95)


def test_the_chance_of_one_item_per_bin_is_exact() -> None:
    said = np.array([[0.9, 0.1]])
    found = errors_by_chance(said, draws=4000)
    assert sorted(set(found.round(9))) == [0.1, 0.9]
    assert found.mean() == pytest.approx(2 * 0.9 * 0.1, abs=0.02)
