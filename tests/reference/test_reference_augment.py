"""Augmentation against scipy, torchvision and hand-written loops."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from torchvision.transforms.v2 import functional as vision

from neocog.data.augment import Augmentation
from neocog.data.augment_mixing import beta, mixed
from neocog.nn.image_colour import box, erased, noisy, toned
from neocog.nn.image_geometry import Geometry, flipped, shifted, warped


def pictures(n=6, c=1, h=19, w=23, seed=0):
    return torch.rand((n, c, h, w), generator=torch.Generator().manual_seed(seed))


def geometry(n, **changes):
    still = {"right": 0.0, "down": 0.0, "rotation": 0.0, "scale": 1.0, "shear": 0.0}
    return Geometry(**{name: torch.full((n,), value) for name, value in (still | changes).items()})


def scipy_warp(image, right, down, rotation, scale, shear, mode):
    """out(M p + t) = in(p), about the centre, (row, column) order, float64."""
    turn = np.array([[math.cos(rotation), -math.sin(rotation)], [math.sin(rotation), math.cos(rotation)]])
    slant = np.array([[1, math.tan(shear)], [0, 1]])
    back = np.linalg.inv(turn @ slant * scale)[::-1, ::-1]
    centre = (np.array(image.shape) - 1) / 2
    offset = centre - back @ (centre + np.array([down, right]))
    return ndimage.affine_transform(image.astype(np.float64), back, offset, order=1, mode=mode, cval=0.0)


CASES = [
    {"right": 2.5, "down": -1.25},
    {"rotation": 0.4},
    {"scale": 1.3},
    {"scale": 0.7},
    {"shear": 0.3},
    {"right": -1.7, "down": 0.6, "rotation": -0.8, "scale": 1.1, "shear": -0.2},
]


@pytest.mark.parametrize("changes", CASES, ids=str)
@pytest.mark.parametrize(("fill", "mode"), [("border", "nearest"), ("zeros", "grid-constant")])
def test_one_resampling_equals_scipys(changes, fill, mode):
    images = pictures()
    ours = warped(images, geometry(len(images), **changes), None, None, fill).numpy()
    full = {"right": 0.0, "down": 0.0, "rotation": 0.0, "scale": 1.0, "shear": 0.0} | changes
    theirs = np.stack([scipy_warp(image[0].numpy(), **full, mode=mode) for image in images])
    np.testing.assert_allclose(ours[:, 0], theirs, atol=2e-5)
    other = np.stack([scipy_warp(i[0].numpy(), **full | {"right": full["right"] + 1}, mode=mode) for i in images])
    assert np.abs(ours[:, 0] - other).max() > 0.05


def test_a_quarter_turn_is_clockwise_as_one_sees_it():
    images = pictures(h=11, w=11)
    ours = warped(images, geometry(len(images), rotation=math.pi / 2), None, None, "border")
    torch.testing.assert_close(ours, images.rot90(-1, (2, 3)), atol=1e-5, rtol=0)


def test_mirroring_within_the_resampling_equals_mirroring_first():
    images = pictures()
    marked = torch.tensor([True, False, True, True, False, False])
    turned = geometry(len(images), rotation=0.3, right=1.5)
    at_once = warped(images, turned, marked, ~marked, "border")
    torch.testing.assert_close(
        at_once, warped(flipped(images, marked, ~marked), turned, None, None, "border"), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8, torch.int16])
def test_whole_pixel_shifts_equal_numpys_roll_with_filling(channels_last, dtype):
    images = (pictures(n=25, c=3) * 255).to(dtype)
    if channels_last:
        images = images.contiguous(memory_format=torch.channels_last)
    right, down = (grid.reshape(-1) for grid in torch.meshgrid(torch.arange(-2, 3), torch.arange(-2, 3), indexing="ij"))
    for fill in ("border", "zeros"):
        ours = shifted(images, right, down, (2, 2), fill)
        assert ours.is_contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
        for i, (dx, dy) in enumerate(zip(right.tolist(), down.tolist(), strict=True)):
            padded = np.pad(
                images[i].numpy(), ((0, 0), (2, 2), (2, 2)), mode="edge" if fill == "border" else "constant"
            )
            theirs = np.roll(padded, (dy, dx), axis=(1, 2))[:, 2:-2, 2:-2]
            np.testing.assert_array_equal(ours[i].numpy(), theirs, err_msg=f"{fill} {dx} {dy}")


def test_shift_along_one_axis_only():
    images = pictures(h=5, w=40)
    right = torch.tensor([1, -1, 0, 2, -2, 1])
    ours = shifted(images, right, torch.zeros(6, dtype=torch.long), (0, 2), "border")
    for i, dx in enumerate(right.tolist()):
        theirs = np.roll(np.pad(images[i, 0].numpy(), ((0, 0), (2, 2)), mode="edge"), dx, axis=1)[:, 2:-2]
        np.testing.assert_array_equal(ours[i, 0].numpy(), theirs)


def test_flips_are_exact():
    images, marked = pictures(), torch.tensor([True, False] * 3)
    ours = flipped(images, marked, None)
    assert torch.equal(ours[0], images[0].flip(2)) and torch.equal(ours[1], images[1])
    ours = flipped(images, None, marked)
    assert torch.equal(ours[2], images[2].flip(1)) and torch.equal(ours[3], images[3])
    assert torch.equal(flipped(images, marked, marked)[4], images[4].flip((1, 2)))


def test_brightness_and_contrast_equal_torchvisions_on_grey_images():
    images, factors = pictures(), torch.linspace(0.5, 1.5, 6)
    ours = toned(images, factors, None)
    theirs = torch.stack([vision.adjust_brightness(i, f) for i, f in zip(images, factors.tolist(), strict=True)])
    torch.testing.assert_close(ours, theirs)
    ours = toned(images, None, factors)
    theirs = torch.stack([vision.adjust_contrast(i, f) for i, f in zip(images, factors.tolist(), strict=True)])
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    assert ours.min() >= 0 and ours.max() <= 1 and not torch.allclose(ours, images, atol=0.01)


def test_noise_is_normal_and_has_its_deviation():
    images = torch.full((50, 1, 20, 21), 0.5)
    uniform = torch.rand((50, 420), generator=torch.Generator().manual_seed(0))
    added = (noisy(images, uniform, 0.1) - 0.5).numpy().ravel()
    assert stats.kstest(added[np.abs(added) < 0.499], stats.norm(0, 0.1).cdf).pvalue > 1e-3
    assert stats.kstest(added, stats.norm(0, 0.105).cdf).pvalue < 1e-3


def test_erased_rectangles_have_their_share_place_and_filling():
    images = pictures(n=400, c=3, h=40, w=40)
    place = torch.rand((400, 4), generator=torch.Generator().manual_seed(1))
    hit = torch.arange(400) % 2 == 0
    ours = erased(images, hit, place)
    changed = (ours != images).any(1)
    assert not changed[~hit].any() and changed[hit].flatten(1).any(1).all()
    area = changed[hit].flatten(1).float().mean(1)
    assert area.min() > 0.005 and area.max() < 0.36
    for i in range(0, 400, 2):
        rows, columns = np.nonzero(changed[i].numpy())
        block = changed[i, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert block.all(), "the changed pixels are one full rectangle"
        torch.testing.assert_close(
            ours[i][:, changed[i]], images[i].mean((1, 2))[:, None].expand(-1, int(changed[i].sum()))
        )


def test_boxes_against_a_loop():
    top, left, height, width = (torch.tensor(v) for v in ([-2.0, 1.0], [3.0, -1.0], [4.0, 2.0], [9.0, 3.0]))
    ours = box(5, 6, top, left, height, width)
    for i in range(2):
        for y in range(5):
            for x in range(6):
                inside = top[i] <= y < top[i] + height[i] and left[i] <= x < left[i] + width[i]
                assert ours[i, y, x] == bool(inside)


@pytest.mark.parametrize("alpha", [0.2, 0.4, 1.0, 2.0])
def test_beta_numbers_have_the_beta_distribution(alpha):
    uniform = torch.rand(5000, generator=torch.Generator().manual_seed(2))
    ours = beta(uniform, alpha).numpy()
    np.testing.assert_allclose(ours, stats.beta(alpha, alpha).ppf(uniform.numpy()), atol=2e-4)
    assert stats.kstest(ours, stats.beta(alpha * 1.5, alpha).cdf).pvalue < 1e-3


@pytest.mark.parametrize(("mixup", "cutmix"), [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_targets_are_the_shares_of_the_pixels(mixup, cutmix):
    """Every image is one colour, so that its own mean tells how much of which image is in the mix."""
    n = 64
    colours = torch.linspace(0, 1, n)
    images = colours[:, None, None, None].expand(n, 1, 12, 12).contiguous()
    labels = torch.arange(n)
    uniform = torch.rand((n, 5), generator=torch.Generator().manual_seed(3))
    ours, targets = mixed(images, labels, uniform, mixup, cutmix, n)
    torch.testing.assert_close(targets.sum(1), torch.ones(n))
    torch.testing.assert_close(ours.mean((1, 2, 3)), targets @ colours, atol=1e-5, rtol=0)
    assert ((targets > 0).sum(1) <= 2).all() and (targets.max(1).values < 1).float().mean() > 0.5
    constant = ours.flatten(1).std(1) < 1e-6
    assert constant.all() if not cutmix else not constant.all()
    shares = targets[torch.arange(n), labels]
    assert shares.unique().numel() > n / 4, "each image has its own share"
    partners = (targets - torch.diag(shares)).argmax(1)[shares < 1]
    assert partners.unique().numel() == len(partners), "each partner is used once"


def test_a_mix_is_the_mix_of_whole_augmented_images():
    """Control for the one above: real pixels, recomputed one by one from the targets."""
    images, labels = pictures(n=8, c=3), torch.arange(8)
    ours, targets = Augmentation(mixup=1.0).mix(images, labels, torch.arange(8) + 100, key=5, classes=8)
    assert targets is not None
    theirs = torch.einsum("nk,kchw->nchw", targets, images)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    assert not torch.allclose(ours, images, atol=0.05)
