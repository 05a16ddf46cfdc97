"""Areas under curves of damage, what breaks a network in words, stratified draws, and how answers stay."""

import numpy as np
import pytest

from neocog.measures.breaking import Damage, breaking_sentence
from neocog.measures.curve_area import area_items, half_strength, kept, level_weights
from neocog.measures.intervals import arm_interval
from neocog.measures.invariance import same_class, total_variation
from neocog.measures.stratified import stratified_order


def test_the_area_is_the_trapezoid_over_the_range() -> None:
    assert level_weights((0, 1, 3)).tolist() == pytest.approx([1 / 6, 1 / 2, 1 / 3])
    scores = np.random.default_rng(0).random((4, 2, 50))
    strengths = (0.0, 0.1, 0.5, 2.0)
    areas = area_items(scores, strengths)
    assert areas.shape == (2, 50)
    curve = scores.mean(axis=(1, 2))
    assert areas.mean() == pytest.approx(np.trapezoid(curve, strengths) / 2.0)
    assert area_items(np.ones((4, 2, 50)), strengths).min() == pytest.approx(1)


def test_what_is_kept_is_1_where_nothing_is_lost() -> None:
    intact = (np.random.default_rng(0).random((3, 200)) < 0.8).astype(float)
    nothing = kept(intact, intact)
    assert nothing is not None and nothing.mean == pytest.approx(1) and nothing.high - nothing.low < 0.05
    half = kept(intact, intact / 2)
    assert half is not None and half.mean == pytest.approx(0.5)
    assert kept(np.zeros((2, 5)), np.zeros((2, 5))) is None


def test_the_interval_of_what_is_kept_covers() -> None:
    """In 200 draws of 300 items about 95 % of the intervals hold the true ratio; half as wide ones do not."""
    draw, inside, narrow = np.random.default_rng(1), 0, 0
    for _ in range(200):
        intact = (draw.random((1, 300)) < 0.8).astype(float)
        areas = intact * (draw.random((1, 300)) < 0.6)
        found = kept(intact, areas)
        assert found is not None
        inside += found.low <= 0.6 <= found.high
        narrow += abs(found.mean - 0.6) <= (found.high - found.mean) / 2
    assert 180 <= inside <= 200
    assert narrow < 160


def test_where_half_of_what_is_above_chance_is_lost() -> None:
    assert half_strength((0, 1, 2), (0.9, 0.7, 0.3), 0.1) == pytest.approx(1.5)
    assert half_strength((0, 1, 2), (0.9, 0.8, 0.7), 0.1) is None
    assert half_strength((0, 1, 2), (0.1, 0.1, 0.1), 0.1) is None
    assert half_strength((0, 4), (1.0, 0.0), 0.0) == pytest.approx(2)


SHIFT = Damage("shift", "a shift of 3 pixels", "a shift of 8 pixels", 0.9, 0.2, 0.4)
BLUR = Damage("blur", "", "a blur of sigma 2 pixels", 0.9, 0.85, 0.86)


def test_the_sentence_names_what_breaks_it_most() -> None:
    assert breaking_sentence("lenet5", [BLUR, SHIFT], 0.1) == (
        "lenet5 loses half of what it knows above chance at a shift of 3 pixels, which breaks it most of what was "
        "tried; blur hurts it least: on average 95.0 % of it is kept."
    )
    assert breaking_sentence("lenet5", [SHIFT], 0.1) == (
        "lenet5 loses half of what it knows above chance at a shift of 3 pixels."
    )
    assert breaking_sentence("lenet5", [BLUR], 0.1) == (
        "lenet5 keeps more than half of what it knows above chance in all that was tried; blur costs most: 90.0 % "
        "becomes 85.0 % at a blur of sigma 2 pixels."
    )
    assert "nothing to break" in breaking_sentence("linear", [Damage("blur", "", "", 0.1, 0.1, 0.1)], 0.1)


def test_every_beginning_of_the_order_has_the_classes_of_the_whole() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    order = stratified_order(labels, 0)
    assert sorted(order.tolist()) == list(range(1000))
    for first in (10, 20, 100, 333):
        counts = np.bincount(labels[order[:first]], minlength=3)
        assert np.abs(counts - first * np.array([0.6, 0.3, 0.1])).max() <= 2
    assert order.tolist() != stratified_order(labels, 1).tolist()
    assert order.tolist() == stratified_order(labels, 0).tolist()


def test_how_answers_stay() -> None:
    before = np.array([[0.7, 0.3], [0.4, 0.6], [1.0, 0.0]], np.float32)
    after = np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0]], np.float32)
    assert same_class(before, after).tolist() == [1, 0, 0]
    assert total_variation(before, after).tolist() == pytest.approx([0.1, 0.2, 1.0], abs=1e-6)
    assert total_variation(before, before).tolist() == [0, 0, 0]
    assert arm_interval(same_class(before, before)[None]).mean == 1
