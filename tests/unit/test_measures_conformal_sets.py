"""Conformal sets hold the truth as often as was asked, and no more than theory says."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import softmax

from neocog.measures.conformal_sets import SETS, adaptive, coverage_range, least_ambiguous, rank_of, sets, threshold

CLASSES = 6


def drawn(items: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A network that is wrong about its probabilities, and what is true."""
    logits = random.normal(0, 1.5, (items, CLASSES))
    labels = (softmax(logits, axis=1).cumsum(1) < random.random((items, 1))).sum(1).clip(max=CLASSES - 1)
    return softmax(3 * logits + random.normal(0, 0.5, logits.shape), axis=1), labels


def test_the_quantile_is_that_of_a_finite_sample() -> None:
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    strange = least_ambiguous(said)
    assert [rank_of(n, 0.9) for n in (8, 9, 10, 99)] == [9, 9, 10, 90]
    assert threshold(strange, np.array([0, 0, 0, 0]), coverage=0.6) == pytest.approx(0.6)  # the 3rd of 4
    assert threshold(strange, np.array([0, 0, 0, 0]), coverage=0.9) == math.inf
    assert sets(strange, math.inf).all()


def test_adaptive_scores_by_hand() -> None:
    found = adaptive(np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]))
    assert found == pytest.approx(np.array([[1.0, 0.0, 0.8], [0.0, 0.9, 1.0]]))
    assert sets(found, 0.85).tolist() == [[False, True, True], [True, False, False]]


def coverages(name: str, *, calibrating: int = 100, judged: int = 500, own: bool = False) -> list[float]:
    """Of 200 draws; ``own``: the threshold comes from items that the network knew by heart."""
    found = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        (known, labels), (new, truth) = drawn(calibrating, random), drawn(judged, random)
        if own:
            known = softmax(np.log(known) + 4 * np.eye(CLASSES)[labels], axis=1)
        limit = threshold(SETS[name](known), labels, coverage=0.9)
        found.append(float(sets(SETS[name](new), limit)[np.arange(judged), truth].mean()))
    return found


@pytest.mark.parametrize("name", SETS)
def test_coverage_lies_where_theory_puts_it(name: str) -> None:
    found = coverages(name)
    low, high = coverage_range(100, 500, 0.9)
    assert np.mean([low <= each <= high for each in found]) > 0.9
    law = stats.beta(91, 10)
    assert np.mean(found) == pytest.approx(law.mean(), abs=3 * law.std() / math.sqrt(200) + 0.002)


@pytest.mark.parametrize("name", SETS)
def test_a_threshold_from_training_items_covers_too_little(name: str) -> None:
    low, _ = coverage_range(100, 500, 0.9)
    found = coverages(name, own=True)
    assert np.mean(found) < 0.85 and np.mean([each < low for each in found]) > 0.5


def test_the_range_narrows_with_items() -> None:
    few, many = coverage_range(50, 200, 0.9), coverage_range(5000, 20_000, 0.9)
    assert few[0] < 0.82 and few[1] > 0.95
    assert 0.885 < many[0] < 0.9 < many[1] < 0.915
    assert coverage_range(5, 100, 0.9) == (1.0, 1.0)


def test_a_network_that_is_right_more_often_than_asked() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, 400)
    said = softmax(random.normal(0, 0.3, (400, CLASSES)) + 4 * np.eye(CLASSES)[labels], axis=1)
    lac = sets(least_ambiguous(said), threshold(least_ambiguous(said), labels))
    aps = sets(adaptive(said), threshold(adaptive(said), labels))
    assert (lac.sum(1) == 0).mean() == pytest.approx(0.1, abs=0.02)  # empty, so that no more than 90 % are covered
    assert (aps.sum(1) == 1).all()
