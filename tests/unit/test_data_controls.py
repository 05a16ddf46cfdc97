"""The same images with their pixels in another order, or with labels that mean nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neocog.data.controls import permuted_pixels, shuffled_labels
from neocog.data.images import ImageData, images_like
from neocog.data.open import DataChoice, open_images
from neocog.data.preparation import Preparation


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return open_images(DataChoice(), keep=False)


def test_one_order_for_all_images_channels_and_parts() -> None:
    plain = Preparation(3, 4, 5, 255, (0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    moved = replace(plain, permuted=7)
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3)).astype(np.uint8))
    before, after = plain.normalise(pixels), moved.normalise(pixels)
    order = torch.from_numpy(moved.order())
    assert sorted(order.tolist()) == list(range(20)) != order.tolist()
    assert torch.equal(after.flatten(2), before.flatten(2)[:, :, order])
    assert not torch.equal(after, before) and not torch.equal(after, replace(plain, permuted=8).normalise(pixels))
    assert plain.order().tolist() == list(range(20))
    last = moved.normalise(pixels, channels_last=True)
    assert torch.equal(last, after) and last.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(moved.standardise(moved.to_unit(pixels)), moved.standardise(plain.to_unit(pixels)))
    torch.testing.assert_close(moved.standardise(plain.to_unit(pixels)), after)


def test_the_order_is_remembered_by_a_run(digits: ImageData) -> None:
    moved = permuted_pixels(digits, 3)
    assert images_like({**moved.facts(), "name": "digits", "fingerprint": "f"}).preparation == moved.preparation
    assert "permuted" not in digits.preparation.as_dict()
    assert Preparation.from_dict(digits.preparation.as_dict()) == digits.preparation


def test_a_choice_opens_the_same_and_other_seeds_are_other_data(digits: ImageData) -> None:
    moved, dealt = (open_images(DataChoice(**{name: 3}), keep=False) for name in ("permuted", "shuffled"))
    assert moved.fingerprint == permuted_pixels(digits, 3).fingerprint and moved.notes[-1].startswith("Control")
    assert dealt.fingerprint == shuffled_labels(digits, 3).fingerprint
    assert np.array_equal(dealt.train.labels, shuffled_labels(digits, 3).train.labels)
    prints = [digits, moved, dealt, permuted_pixels(digits, 4), shuffled_labels(digits, 4)]
    assert len({each.fingerprint for each in prints}) == 5


def test_labels_are_dealt_out_within_train_and_val_and_test_stays_true(digits: ImageData) -> None:
    dealt = shuffled_labels(digits, 0)
    assert dealt.counts() == digits.counts()
    assert np.array_equal(dealt.test.labels, digits.test.labels)
    for part in ("train", "val"):
        same = dealt.part(part).labels == digits.part(part).labels
        assert 0 < same.mean() < 0.25
        assert dealt.part(part).images is digits.part(part).images


def test_pictures_of_what_networks_saw_show_the_order(digits: ImageData) -> None:
    plain, moved = digits.seen(), permuted_pixels(digits, 0).seen()
    assert plain.keys() == moved.keys() and all(plain[name] != moved[name] for name in plain)
    assert permuted_pixels(digits, 0).pictures("test", [0], 10**6) == digits.pictures("test", [0], 10**6)
