"""Each change does what it says, the same for every network, and nothing at strength 0."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from scipy.ndimage import gaussian_filter

from neocog.audit.perturbations import PERTURBATIONS, Items, Levels, not_for, perturbed, strengths
from neocog.core.options import defaults_of, options_of

ITEMS = Items(torch.arange(3), 7, (0.25,))


def image(side: int = 12) -> torch.Tensor:
    return torch.rand(3, 1, side, side, generator=torch.Generator().manual_seed(0))


def test_levels_and_changes_have_the_same_names() -> None:
    assert list(options_of(Levels)) == list(PERTURBATIONS)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_strength_0_is_the_image_itself_and_more_is_not(name: str) -> None:
    images, levels = image(), strengths(name, defaults_of(Levels)[name], 12, 12)
    before = images.clone()
    assert perturbed(images, name, 0.0, 0, ITEMS) is images
    damage = []
    for strength in levels:
        for way in range(PERTURBATIONS[name].ways):
            there = perturbed(images, name, strength, way, ITEMS)
            assert there.shape == images.shape and there.dtype == images.dtype
            assert float(there.min()) >= -1e-6 and float(there.max()) <= 1 + 1e-6
            damage.append(float((there - images).abs().mean()))
    assert min(damage) > 1e-4 and damage[-1] > damage[0]
    assert torch.equal(images, before), "changed in place"


def test_a_shift_moves_whole_pixels_and_black_comes_in() -> None:
    images = image()
    right, left, down, up = (perturbed(images, "shift", 2.0, way, ITEMS) for way in range(4))
    assert torch.equal(right[..., 2:], images[..., :-2]) and not right[..., :2].any()
    assert torch.equal(left[..., :-2], images[..., 2:]) and not left[..., -2:].any()
    assert torch.equal(down[..., 2:, :], images[..., :-2, :]) and not down[..., :2, :].any()
    assert torch.equal(up[..., :-2, :], images[..., 2:, :]) and not up[..., -2:, :].any()
    assert not perturbed(images, "shift", 40.0, 0, ITEMS).any(), "out of the frame"


def test_rotation_by_right_angles_and_scale_by_two() -> None:
    images = image()
    clockwise, other = (perturbed(images, "rotation", 90.0, way, ITEMS) for way in range(2))
    assert torch.allclose(clockwise, images.rot90(-1, (2, 3)), atol=1e-5)
    assert torch.allclose(other, images.rot90(1, (2, 3)), atol=1e-5)
    square = torch.zeros(1, 1, 16, 16)
    square[..., 6:10, 6:10] = 1
    larger, smaller = (perturbed(square, "scale", 1.0, way, replace(ITEMS, rows=torch.arange(1))) for way in range(2))
    assert float(larger.sum()) == pytest.approx(64, rel=0.05) and float(smaller.sum()) == pytest.approx(4, rel=0.05)


def test_blur_is_scipy_s_gaussian() -> None:
    images = image()
    for sigma in (0.5, 1.5):
        expected = gaussian_filter(
            images.numpy(), (0, 0, sigma, sigma), mode="nearest", truncate=np.ceil(3 * sigma) / sigma
        )
        assert np.allclose(perturbed(images, "blur", sigma, 0, ITEMS).numpy(), expected, atol=1e-5)


def test_noise_belongs_to_the_item_whatever_its_batch() -> None:
    grey = torch.full((3, 1, 40, 40), 0.5)
    noise = perturbed(grey, "noise", 0.1, 0, ITEMS) - grey
    assert float(noise.std()) == pytest.approx(0.1, rel=0.05) and abs(float(noise.mean())) < 0.01
    last = perturbed(grey[2:], "noise", 0.1, 0, replace(ITEMS, rows=torch.tensor([2]))) - grey[2:]
    assert torch.equal(last, noise[2:])
    assert not torch.equal(noise[0], noise[1])
    assert not torch.equal(perturbed(grey, "noise", 0.1, 0, replace(ITEMS, key=8)) - grey, noise)


def test_contrast_keeps_the_mean() -> None:
    images = 0.4 + 0.2 * image()
    paler = perturbed(images, "contrast", 0.75, 0, ITEMS)
    assert torch.allclose(paler.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=1e-6)
    assert torch.allclose(paler.std((1, 2, 3)), 0.25 * images.std((1, 2, 3)), atol=1e-6)


def test_occlusion_hides_a_square_of_the_mean_at_a_place_of_the_item() -> None:
    images = 0.5 + 0.5 * image()
    there = perturbed(images, "occlusion", 0.5, 0, ITEMS)
    hidden = there == 0.25
    assert hidden.sum((1, 2, 3)).tolist() == [36, 36, 36]
    assert torch.equal(there[~hidden], images[~hidden])
    places = [tuple(torch.nonzero(each[0])[0].tolist()) for each in hidden]
    assert len(set(places)) > 1
    alone = perturbed(images[1:2], "occlusion", 0.5, 0, replace(ITEMS, rows=torch.tensor([1])))
    assert torch.equal(alone, there[1:2])


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_pillow_s(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, channels), dtype=np.uint8)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    there = perturbed(images, "jpeg", 90.0, 0, ITEMS)
    for before, after in zip(pixels, there):
        buffer = io.BytesIO()
        Pillow.fromarray(before.squeeze()).save(buffer, format="JPEG", quality=10)
        read = np.asarray(Pillow.open(buffer)).reshape(16, 16, channels)
        assert np.array_equal((after * 255).round().permute(1, 2, 0).numpy(), read)


def test_where_jpeg_does_not_apply() -> None:
    assert not_for("jpeg", 3, 255) == "" and not_for("shift", 7, 65535) == ""
    assert "8 bits" in not_for("jpeg", 1, 65535) and "4" in not_for("jpeg", 4, 255)


def test_strengths_rise_from_weak_to_strong_and_shifts_are_whole_pixels() -> None:
    assert strengths("shift", (0.3, 0.04, 0.08, 5.0), 28, 40) == (1.0, 2.0, 5.0, 8.0)
    assert strengths("shift", (0.01,), 8, 8) == (1.0,)
    assert strengths("occlusion", (0.1, 0.2, 0.3, 0.5), 8, 10) == (0.125, 0.25, 0.5)
    assert strengths("contrast", (0.1, 0.75), 8, 8) == (0.25, 0.9)
    assert strengths("jpeg", (5, 50), 8, 8) == (50.0, 95.0)
    assert strengths("scale", (1.5, 1.1), 8, 8) == (0.1, 0.5)


@pytest.mark.parametrize(
    ("name", "strength", "words", "brief"),
    [
        ("shift", 1.0, "a shift of 1 pixel", "1 px"),
        ("shift", 2.6, "a shift of 2.6 pixels", "2.6 px"),
        ("jpeg", 90.0, "JPEG quality 10", "q 10"),
        ("contrast", 0.5, "a loss of 50 % of the contrast", "-50 %"),
        ("scale", 0.35, "a factor of scale of 1.35", "x1.35"),
    ],
)
def test_strengths_in_words(name: str, strength: float, words: str, brief: str) -> None:
    assert (PERTURBATIONS[name].words(strength), PERTURBATIONS[name].brief(strength)) == (words, brief)
