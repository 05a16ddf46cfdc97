"""The judge: what it learns from, what it finds near, and that nothing around it is disturbed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neocog.core.errors import DataProblem
from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import Preparation
from neocog.measures.frechet import frechet_distance, moments
from neocog.tasks.generate_gaussian import gaussian_images
from neocog.tasks.generate_judge import SPREAD, JudgesOffice, make_judge, to_units, units_of


def data(items: int = 160, classes: int = 2, fingerprint: str = "easy") -> ImageData:
    """Bright halves in noise: left or right (or left alone)."""
    random = np.random.default_rng(3)
    images = random.integers(0, 60, (items, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(items) % classes
    for image, label in zip(images, labels, strict=True):
        image[:, :4] += np.uint8(180 * (label == 0))
        image[:, 4:] += np.uint8(180 * (label == 1))
    part = ImagePart(images, labels, [f"#{row}" for row in range(items)])
    names = ("left", "right")[:classes]
    return ImageData("easy", names, part, part, part, Preparation.measured(images), fingerprint)


def prepared(some: ImageData) -> torch.Tensor:
    return some.preparation.normalise(torch.from_numpy(some.test.images))


def test_tells_the_classes_and_puts_real_images_nearer_than_a_gaussian() -> None:
    some = data()
    judge = make_judge(some)
    found = judge.features(prepared(some))
    assert judge.trained and (found.said == some.test.labels).mean() > 0.95
    assert np.trace(judge.reference.covariance) == pytest.approx(SPREAD, rel=1e-4)
    dark = judge.features(torch.zeros_like(prepared(some)))
    real = frechet_distance(moments(found.features), judge.reference)
    assert real < 0.2 * frechet_distance(moments(dark.features), judge.reference)
    assert judge.shares == (0.5, 0.5)


def test_the_same_data_give_the_same_judge_and_nothing_random_moves() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        one = make_judge(data())
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    other = make_judge(data())
    first, second = (judge.network.state_dict() for judge in (one, other))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (one.real_distance, one.gaussian_distance) == (other.real_distance, other.gaussian_distance)


def test_without_classes_it_is_a_network_with_random_weights() -> None:
    judge = make_judge(data(classes=1))
    assert not judge.trained and judge.shares == (1.0,)
    assert np.isfinite(judge.real_distance) and judge.real_distance < judge.gaussian_distance * 10


def test_new_data_without_a_training_part_are_judged_by_themselves() -> None:
    some = data()
    nothing = ImagePart(np.zeros((0, 8, 8, 1), np.uint8), np.zeros(0, np.int64), ())
    judge = make_judge(replace(some, train=nothing, fingerprint=""))
    assert judge.trained and len(judge.real) == len(some.test)


def test_too_few_images_are_named() -> None:
    with pytest.raises(DataProblem) as caught:
        make_judge(data(7))
    assert caught.value.code == "generate-too-few"
    assert make_judge(data(8)).reference.mean.shape == (64,)


def test_the_office_keeps_a_judge_for_each_fingerprint() -> None:
    office = JudgesOffice()
    judge = office.judge_of(data())
    assert office.judge_of(data()) is judge
    assert office.judge_of(data(fingerprint="other")) is not judge
    unknown = data(fingerprint="")
    assert office.judge_of(unknown) is not office.judge_of(unknown)


def test_nearest_is_the_brute_force_nearest() -> None:
    some = data()
    judge = make_judge(some)
    asked = np.random.default_rng(0).random((5, 8, 8, 1), dtype=np.float32)
    asked[0] = units_of(some.train, np.array([17]), some.preparation)[0]
    every = units_of(some.train, np.arange(160), some.preparation)
    apart = np.sqrt(((asked[:, None] - every[None]) ** 2).mean((2, 3, 4)))
    found = judge.nearest(asked)
    np.testing.assert_allclose(found.distances, apart.min(1), atol=1e-3)
    assert found.rows[0] == 17 and found.distances[0] < 1e-3
    np.testing.assert_array_equal(found.rows, apart.argmin(1))
    assert judge.nearest_of_test(some.test, 3) == pytest.approx([0, 0, 0], abs=1e-3)


def test_prepared_images_come_back_as_pixels() -> None:
    some = data()
    np.testing.assert_allclose(
        to_units(prepared(some), some.preparation), some.test.images / np.float32(255), atol=1e-6
    )


def test_a_gaussian_per_class_has_its_means_and_variances() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [100, 300])
    images = (0.5 + 0.05 * random.standard_normal((400, 4, 4, 1))).astype(np.float32)
    images[labels == 1, :2] += 0.2
    drawn = gaussian_images(images, labels, 4000, 0)
    bright = drawn[:, :2].mean((1, 2, 3)) > 0.6
    assert bright.mean() == pytest.approx(0.75, abs=0.03)
    np.testing.assert_allclose(drawn[bright].mean(0), images[labels == 1].mean(0), atol=0.01)
    np.testing.assert_allclose(drawn[bright].std(0), images[labels == 1].std(0), atol=0.01)
    assert np.array_equal(drawn, gaussian_images(images, labels, 4000, 0))
    one = gaussian_images(images[:1], labels[:1], 2, 0)
    np.testing.assert_allclose(one, np.repeat(images[:1], 2, 0), atol=1e-6)
