"""Copies of pictures are found, others are not."""

import numpy as np
import pytest

from neocog.measures.close_hashes import close_hashes
from neocog.measures.connected import connected, equal_rows
from neocog.measures.look_alikes import LEAST_LIKENESS, TOO_LONG, TOO_PLAIN, look_alikes, small_pictures
from neocog.measures.picture_hash import CROPS, picture_hashes
from photographs import KINDS, copied, fitted, photograph


def found_among(images):
    pictures = small_pictures([np.stack(images)], np.arange(len(images)))
    return look_alikes(pictures)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_of_each_kind_is_found_and_nothing_else(kind):
    originals = [fitted(photograph(seed)) for seed in range(12)]
    copies = [fitted(copied(photograph(seed), kind)) for seed in range(6)]
    found = found_among(originals + copies)
    assert {tuple(pair) for pair in found.pairs.tolist()} == {(seed, 12 + seed) for seed in range(6)}
    assert (found.likeness >= LEAST_LIKENESS).all()
    assert not found.stopped


def test_different_pictures_are_not_alike():
    assert len(found_among([fitted(photograph(seed)) for seed in range(30)]).pairs) == 0


def test_pictures_taken_in_one_place_are_not_copies():
    """The same background and a different thing before it."""
    place = np.asarray(photograph(0)).astype(float)
    things = [np.asarray(photograph(seed)).astype(float) for seed in (1, 2)]
    scenes = []
    for thing in things:
        scene = place.copy()
        scene[24:72, 20:60] = thing[24:72, 20:60]
        scenes.append(scene.astype(np.uint8))
    assert len(found_among(scenes).pairs) == 0


def test_constant_pictures_do_not_pair():
    plain = [np.full((64, 64, 3), value, np.uint8) for value in (0, 90, 91, 255)]
    assert len(found_among(plain).pairs) == 0
    assert len(found_among([*plain, fitted(photograph(1)), fitted(photograph(1))]).pairs) == 1


def test_sixteen_bits_and_grey_are_taken():
    grey = [np.asarray(photograph(seed).convert("L"))[..., None].astype(np.uint16) * 257 for seed in (1, 2, 1)]
    assert found_among(grey).pairs.tolist() == [[0, 2]]


def test_the_search_stops_when_it_is_told_to():
    pictures = small_pictures([np.stack([fitted(photograph(seed)) for seed in range(4)])], np.arange(4))
    assert look_alikes(pictures, lambda done: False).stopped == TOO_LONG
    assert small_pictures([np.zeros((4, 64, 64, 3), np.uint8)], np.arange(4), lambda done: False) is None


def test_too_many_candidates_are_told(monkeypatch):
    monkeypatch.setattr("neocog.measures.look_alikes.MOST_CANDIDATES", 0)
    assert found_among([fitted(photograph(1)), fitted(photograph(1))]).stopped == TOO_PLAIN


def test_close_hashes_are_those_of_a_plain_search():
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**63, (60, 3), dtype=np.uint64)
    hashes[40:, 1] = hashes[:20, 0] ^ np.uint64(0b1011)
    found = {(min(a, b), max(a, b)) for a, b, _ in close_hashes(hashes, 3).tolist()}
    expected = {
        (min(a, b), max(a, b))
        for a in range(60)
        for b in range(60)
        for kind in range(3)
        if a != b and int(hashes[a, kind] ^ hashes[b, 0]).bit_count() <= 3
    }
    assert found == expected
    assert len(expected) >= 20


def test_hashes_of_a_crop_are_near_that_of_the_cropped_picture():
    picture = np.asarray(photograph(3, 320, 320))
    top, bottom, left, right = CROPS[6]
    crop = picture[round(top * 320) : 320 - round(bottom * 320), round(left * 320) : 320 - round(right * 320)]
    whole, part = (small_pictures([each[None]], np.arange(1)) for each in (picture, crop))
    assert int(picture_hashes(whole)[0, 6] ^ picture_hashes(part)[0, 0]).bit_count() <= 4


def test_connected_and_equal_rows():
    assert connected(5, np.array([[3, 1], [3, 4]])).tolist() == [0, 1, 2, 1, 1]
    digests = np.array([[1, 2], [3, 4], [1, 2], [1, 2]], np.uint8)
    pairs, first = equal_rows(digests)
    assert pairs.tolist() == [[0, 2], [0, 3]]
    assert first.tolist() == [0, 1]
