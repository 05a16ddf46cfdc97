from itertools import combinations

import numpy as np
import pytest

from neocog.data.box_open import from_scenes
from neocog.data.sets.digit_scenes import SCENES, SIDE, Scenes, digit_scenes

COUNTS = {"train": 40, "val": 20, "test": 20}


@pytest.fixture(scope="module")
def scenes() -> dict[str, Scenes]:
    return digit_scenes(COUNTS)


def test_each_scene_has_three_to_eight_digits(scenes: dict[str, Scenes]) -> None:
    for part, made in scenes.items():
        assert made.images.shape == (COUNTS[part], SIDE, SIDE, 1)
        assert {len(each) for each in made.labels} <= set(range(3, 9))
        assert [len(each) for each in made.edges] == [len(each) for each in made.labels]


def test_no_digit_is_in_two_parts(scenes: dict[str, Scenes]) -> None:
    used = {part: {row for rows in made.sources for row in rows} for part, made in scenes.items()}
    for one, other in combinations(used.values(), 2):
        assert not one & other
    assert all(used.values())


def test_boxes_hold_all_that_is_bright_and_touch_it_on_every_side(scenes: dict[str, Scenes]) -> None:
    for image, edges in zip(scenes["train"].images, scenes["train"].edges, strict=True):
        outside = image[..., 0].copy()
        for left, top, right, bottom in edges.astype(int):
            inside = image[top:bottom, left:right, 0] >= 32
            assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()
            outside[top:bottom, left:right] = 0
        assert outside.max() < 32


def test_digits_overlap_now_and_then_but_never_much(scenes: dict[str, Scenes]) -> None:
    shares = []
    for edges in scenes["train"].edges:
        for a, b in combinations(edges, 2):
            sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
            smaller = min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2]))
            shares.append(np.prod(sides) / smaller)
    assert 0 < max(shares) <= 0.25
    assert np.mean(np.array(shares) > 0) > 0.01


def test_sizes_run_from_one_to_four_times(scenes: dict[str, Scenes]) -> None:
    longer = np.concatenate([(each[:, 2:] - each[:, :2]).max(axis=1) for each in scenes["train"].edges])
    assert longer.min() < 10 and longer.max() > 28 and longer.max() <= 32


def test_they_are_the_same_wherever_they_are_made(scenes: dict[str, Scenes]) -> None:
    again = digit_scenes(COUNTS)
    assert np.array_equal(again["test"].images, scenes["test"].images)
    assert not np.array_equal(digit_scenes(COUNTS, seed=1)["test"].images, scenes["test"].images)
    assert from_scenes(scenes).fingerprint == from_scenes(again).fingerprint


def test_as_data(scenes: dict[str, Scenes]) -> None:
    data = from_scenes(scenes)
    assert data.classes == tuple("0123456789")
    assert str(data.takes) == "1x128x128"
    assert data.counts() == {part: {"images": count} for part, count in COUNTS.items()}
    assert sum(data.box_counts()["train"].values()) == len(data.train.labels)
    np.testing.assert_array_equal(data.train.edges[data.train.of(3)], scenes["train"].edges[3])
    assert set(SCENES) == set(COUNTS)
