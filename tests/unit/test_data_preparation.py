"""Preparation: pixels to what a network takes; fitting keeps the whole image and its proportions."""

import json

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from neocog.core.errors import DataProblem
from neocog.data.preparation import SMALLEST_STD, Preparation, fit_to


def pixels(n=5, h=6, w=7, c=3, dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (n, h, w, c), dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize("channels_last", [False, True])
def test_normalise_is_the_formula(dtype, channels, channels_last):
    stored = pixels(c=channels, dtype=dtype)
    preparation = Preparation.measured(stored)
    ours = preparation.normalise(torch.from_numpy(stored), channels_last=channels_last)
    unit = stored / float(np.iinfo(dtype).max)
    theirs = (unit - np.array(preparation.mean)) / np.array(preparation.std)
    np.testing.assert_allclose(ours.numpy(), theirs.transpose(0, 3, 1, 2), atol=1e-5)
    assert ours.is_contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
    two_steps = preparation.standardise(preparation.to_unit(torch.from_numpy(stored), channels_last=channels_last))
    torch.testing.assert_close(ours, two_steps, atol=1e-5, rtol=0)


def test_measured_statistics_are_numpys_whatever_the_chunks():
    stored = pixels(n=23)
    for chunk in (4, 1000):
        preparation = Preparation.measured(stored, chunk=chunk)
        np.testing.assert_allclose(preparation.mean, (stored / 255).mean((0, 1, 2)))
        np.testing.assert_allclose(preparation.std, (stored / 255).std((0, 1, 2)))
    normalised = preparation.normalise(torch.from_numpy(stored))
    torch.testing.assert_close(normalised.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)


def test_a_constant_channel_does_not_blow_up():
    stored = np.full((3, 4, 4, 1), 7, np.uint8)
    assert Preparation.measured(stored).std == (SMALLEST_STD,)
    assert torch.isfinite(Preparation.measured(stored).normalise(torch.from_numpy(stored))).all()


def test_input_is_left_alone_and_gradients_flow():
    stored = torch.from_numpy(pixels())
    preparation = Preparation.measured(stored.numpy())
    with torch.inference_mode():
        preparation.normalise(stored)
    unit = preparation.to_unit(stored).requires_grad_()
    preparation.standardise(unit).sum().backward()
    expected = torch.tensor(preparation.std).reciprocal()[:, None, None].expand(3, 6, 7)
    torch.testing.assert_close(unit.grad[0], expected)
    assert torch.equal(stored, torch.from_numpy(pixels()))


def test_plain_values_there_and_back():
    preparation = Preparation.measured(pixels())
    assert Preparation.from_dict(json.loads(json.dumps(preparation.as_dict()))) == preparation


@pytest.mark.parametrize(("mean", "std"), [((0.5,), (0.1, 0.1)), ((0.5, 0.5), (0.1,)), ((0.5, 0.5), (0.1, 0.0))])
def test_statistics_must_fit_the_channels(mean, std):
    with pytest.raises(DataProblem):
        Preparation(2, 4, 4, 255, mean, std)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("size", [10, 24, 40])
def test_fitting_keeps_proportions_and_pads_centrally(dtype, channels, size):
    image = np.full((12, 24, channels), 200, dtype)
    fitted = fit_to(image, size)
    assert fitted.shape == (size, size, channels) and fitted.dtype == dtype
    top = (size - size // 2) // 2
    assert (fitted[top : top + size // 2] == 200).all()
    assert (fitted[:top] == 0).all() and (fitted[top + size // 2 :] == 0).all()
    tall = fit_to(image.transpose(1, 0, 2), size)
    np.testing.assert_array_equal(tall, fitted.transpose(1, 0, 2))


def test_an_image_of_the_size_is_returned_unchanged():
    image = pixels(n=1, h=9, w=9)[0]
    assert fit_to(image, 9) is image
    assert fit_to(image, (9, 9)) is image


def test_padding_alone_leaves_the_pixels():
    image = pixels(n=1, h=5, w=9)[0]
    np.testing.assert_array_equal(fit_to(image, 9)[2:7], image)
    np.testing.assert_array_equal(fit_to(image, (7, 9))[1:6], image)


def test_shrinking_averages_over_the_area():
    """A fine checkerboard becomes grey; a nearest-pixel shrink would leave black and white."""
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)[:, :, None]
    for values in (board, board.astype(np.uint16), np.repeat(board, 2, 2)):
        small = fit_to(values, 8)
        assert small.min() > 110 and small.max() < 145


@pytest.mark.parametrize("size", [20, 90])
def test_resampling_agrees_with_torch(size):
    image = np.asarray(Pillow.fromarray(pixels(n=1, h=8, w=8)[0]).resize((40, 40), Pillow.Resampling.BICUBIC))
    how = "bilinear" if size < 40 else "bicubic"
    tensor = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    theirs = torch.nn.functional.interpolate(tensor, (size, size), mode=how, antialias=True, align_corners=False)
    np.testing.assert_allclose(
        fit_to(image, size), theirs[0].permute(1, 2, 0).clamp(0, 255).numpy(), atol=2
    )  # 8 bits between two passes
    wide = fit_to(image.astype(np.uint16) * 257, size) / 257
    np.testing.assert_allclose(wide, theirs[0].permute(1, 2, 0).clamp(0, 255).numpy(), atol=0.6)


def test_the_alpha_channel_does_not_leak_into_colours():
    image = pixels(n=1, h=16, w=16, c=4)[0]
    image[:, :, 3] = 0
    np.testing.assert_array_equal(fit_to(image, 8)[:, :, :3], fit_to(np.ascontiguousarray(image[:, :, :3]), 8))


@pytest.mark.parametrize(
    ("mode", "channels", "dtype"),
    [
        ("1", 1, np.uint8),
        ("L", 1, np.uint8),
        ("P", 3, np.uint8),
        ("RGB", 3, np.uint8),
        ("RGBA", 4, np.uint8),
        ("LA", 4, np.uint8),
        ("CMYK", 3, np.uint8),
        ("I;16", 1, np.uint16),
        ("I;16B", 1, np.uint16),
        ("I", 1, np.uint16),
    ],
)
def test_every_kind_of_pillow_image(mode, channels, dtype):
    fitted = fit_to(Pillow.new(mode, (20, 10)), 16)
    assert fitted.shape == (16, 16, channels) and fitted.dtype == dtype


def test_16_bits_are_kept():
    image = Pillow.fromarray(np.full((4, 4), 40_000, np.uint16))
    assert fit_to(image, 8).max() == 40_000


@pytest.mark.parametrize("image", [np.zeros((4, 4, 1), np.float32), np.zeros((0, 4, 1), np.uint8)])
def test_what_cannot_be_fitted_is_refused(image):
    with pytest.raises(DataProblem, match="not usable"):
        fit_to(image, 8)
    with pytest.raises(DataProblem, match="no known range"):
        fit_to(Pillow.new("F", (4, 4)), 8)


def test_a_sliver_keeps_one_pixel():
    assert (fit_to(np.full((1, 500, 3), 9, np.uint8), 16) == 9).any(axis=(1, 2)).sum() == 1
