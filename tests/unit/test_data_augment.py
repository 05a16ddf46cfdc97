"""Augmentation: pure in key and row, each image its own numbers, and defaults that suit."""

import numpy as np
import pytest
import torch

from neocog.core.errors import SeveralProblems, UsageProblem
from neocog.core.options import options_of
from neocog.core.shapes import Image
from neocog.data.augment import Augmentation, augmented_views, default_for
from neocog.data.preparation import Preparation

SINGLE = {
    "shift": Augmentation(shift=0.2),
    "zeros": Augmentation(shift=0.2, fill="zeros"),
    "flip": Augmentation(flip="both"),
    "rotation": Augmentation(rotation=30),
    "scale": Augmentation(scale=0.3),
    "shear": Augmentation(shear=20),
    "affine and flip": Augmentation(shift=0.1, rotation=20, flip="horizontal"),
    "brightness": Augmentation(brightness=0.5),
    "contrast": Augmentation(contrast=0.5),
    "noise": Augmentation(noise=0.1),
    "erasing": Augmentation(erasing=1.0),
}


def pictures(n=12, c=3, h=20, w=17, seed=0):
    return torch.rand((n, c, h, w), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", SINGLE)
def test_an_image_is_changed_alike_in_every_batch(name):
    augmentation, images, rows = SINGLE[name], pictures(), torch.arange(100, 112)
    whole = augmentation.change(images, rows, 7)
    some = torch.tensor([9, 2, 4])
    alone = augmentation.change(images[some], rows[some], 7)
    torch.testing.assert_close(alone, whole[some], atol=1e-6, rtol=0)
    assert torch.equal(whole, augmentation.change(images, rows, 7))
    assert not torch.allclose(alone, augmentation.change(images[some], rows[some] + 50, 7), atol=1e-3)
    assert not torch.allclose(whole, augmentation.change(images, rows, 8), atol=1e-3)


@pytest.mark.parametrize("name", SINGLE)
def test_each_image_of_a_batch_has_its_own_numbers(name):
    """One picture repeated: with one random number for the whole batch all results would be the same."""
    images = pictures(n=1).expand(12, -1, -1, -1).contiguous()
    changed = SINGLE[name].change(images, torch.arange(12), 3)
    different = {changed[i].numpy().tobytes() for i in range(12)}
    assert len(different) >= (4 if name == "flip" else 10)
    alike = SINGLE[name].change(images, torch.zeros(12, dtype=torch.long), 3)
    torch.testing.assert_close(alike, alike[:1].expand_as(alike), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", SINGLE)
def test_values_stay_between_0_and_1_and_the_input_is_left_alone(name):
    images = pictures()
    before = images.clone()
    changed = SINGLE[name].change(images, torch.arange(12), 3)
    assert changed.shape == images.shape and changed.min() >= 0 and changed.max() <= 1 + 1e-6
    assert torch.equal(images, before)


@pytest.mark.parametrize("name", SINGLE)
def test_the_memory_format_changes_nothing(name):
    images = pictures()
    last = images.contiguous(memory_format=torch.channels_last)
    changed = SINGLE[name].change(last, torch.arange(12), 3)
    assert changed.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(changed, SINGLE[name].change(images, torch.arange(12), 3), atol=1e-5, rtol=0)


def test_moving_stored_pixels_equals_moving_numbers():
    augmentation = Augmentation(shift=0.15, flip="both")
    pixels = (pictures() * 255).to(torch.uint8)
    rows = torch.arange(12)
    moved = augmentation.move(pixels, rows, 4).float() / 255
    assert torch.equal(moved, augmentation.change(pixels.float() / 255, rows, 4))
    assert augmentation.only_moves
    for other in ({"rotation": 3.0}, {"noise": 0.1}, {"erasing": 0.1}, {"mixup": 0.1}, {"contrast": 0.1}):
        assert not Augmentation(shift=0.15, **other).only_moves


def test_one_more_change_leaves_the_others_as_they_were():
    images, rows = pictures(), torch.arange(12)
    moved = Augmentation(shift=0.2).change(images, rows, 5)
    both = Augmentation(shift=0.2, erasing=1.0).change(images, rows, 5)
    assert ((moved == both).float().mean() > 0.6) and not torch.equal(moved, both)


def test_shifts_reach_their_bounds_evenly():
    n = 5000
    ramp = torch.arange(28.0).div(28).expand(n, 1, 28, 28).contiguous()
    changed = Augmentation(shift=0.07).change(ramp, torch.arange(n), 1)
    right = ((ramp - changed)[:, 0, 14, 14] * 28).round().long()
    counts = torch.bincount(right + 2, minlength=5).double()
    assert len(counts) == 5 and ((counts - n / 5) ** 2 / (n / 5)).sum() < 18.5  # chi-square, 4 degrees, 0.001


def test_erasing_hits_its_share():
    images = pictures(n=1).expand(4000, -1, -1, -1).contiguous()
    changed = Augmentation(erasing=0.3).change(images, torch.arange(4000), 1)
    share = (changed != images).flatten(1).any(1).double().mean()
    assert abs(share - 0.3) < 0.03


@pytest.mark.parametrize(("flip", "axes"), [("horizontal", [3]), ("vertical", [2])])
def test_half_are_mirrored(flip, axes):
    images = pictures(n=1).expand(2000, -1, -1, -1).contiguous()
    changed = Augmentation(flip=flip).change(images, torch.arange(2000), 1)
    mirrored = (changed == images.flip(axes)).flatten(1).all(1)
    kept = (changed == images).flatten(1).all(1)
    assert (mirrored ^ kept).all() and abs(mirrored.double().mean() - 0.5) < 0.05


def test_partners_do_not_depend_on_the_order_of_the_batch():
    images, labels, rows = pictures(n=10, c=1), torch.arange(10), torch.arange(10) * 3
    for augmentation in (Augmentation(mixup=1.0), Augmentation(cutmix=1.0), Augmentation(mixup=0.5, cutmix=0.5)):
        mixed, targets = augmentation(images, labels, rows, 11, 10)
        order = torch.tensor([3, 1, 9, 0, 2, 8, 4, 7, 5, 6])
        again, targets_again = augmentation(images[order], labels[order], rows[order], 11, 10)
        assert torch.equal(again, mixed[order]) and torch.equal(targets_again, targets[order])
        other, _ = augmentation(images, labels, rows, 12, 10)
        assert not torch.equal(other, mixed)


def test_without_mixing_there_are_no_targets():
    images, targets = Augmentation(shift=0.1)(pictures(), torch.zeros(12, dtype=torch.long), torch.arange(12), 1, 0)
    assert targets is None and images.shape == (12, 3, 20, 17)


def test_mixing_needs_classes():
    with pytest.raises(UsageProblem, match="number of classes"):
        Augmentation(mixup=0.2)(pictures(), torch.zeros(12, dtype=torch.long), torch.arange(12), 1, 0)


def test_a_batch_of_one_is_mixed_with_itself():
    images = pictures(n=1)
    for augmentation in (Augmentation(mixup=0.2), Augmentation(cutmix=1.0)):
        mixed, targets = augmentation(images, torch.tensor([1]), torch.tensor([4]), 1, 3)
        torch.testing.assert_close(mixed, images)
        torch.testing.assert_close(targets, torch.tensor([[0.0, 1.0, 0.0]]))


def test_nothing_is_the_default():
    images = pictures()
    assert Augmentation().change(images, torch.arange(12), 1) is images
    assert not Augmentation().changes_images and not Augmentation().mixes_images
    assert Augmentation().describe() == "none"


def test_every_strength_is_told_in_words():
    for name, option in options_of(Augmentation).items():
        if option.kind is float:
            text = Augmentation(**{name: 0.25}).describe()
            assert text != "none" and "25" in text.replace("0.25", "25")
    assert Augmentation(shift=0.125, flip="horizontal").describe() == (
        "shifted by up to 12.5 % of the side; mirrored left-right in half of the cases"
    )


def test_bad_values_are_refused():
    with pytest.raises(UsageProblem, match="shift"):
        Augmentation(shift=3.0)
    with pytest.raises(UsageProblem, match="flip"):
        Augmentation(flip="sideways")
    with pytest.raises(SeveralProblems):
        Augmentation(rotation=-1.0, erasing=2.0)


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (Image(1, 8, 8), Augmentation()),
        (Image(3, 15, 64), Augmentation()),
        (Image(1, 28, 28), Augmentation(shift=0.07)),
        (Image(3, 64, 64), Augmentation(shift=0.125, flip="horizontal")),
    ],
)
def test_defaults(takes, expected):
    assert default_for(takes) == expected


def test_views_are_what_the_epochs_show():
    pixels = (pictures(n=4) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    preparation = Preparation.measured(pixels.numpy())
    labels = torch.arange(4)
    views = augmented_views(pixels, labels, preparation, Augmentation(shift=0.2), times=3, classes=4)
    assert views.shape == (3, 4, 20, 17, 3) and views.dtype == np.uint8
    assert not (views[0] == views[1]).all()
    same = augmented_views(pixels, labels, preparation, Augmentation(), times=2, classes=4)
    np.testing.assert_array_equal(same, np.stack([pixels.numpy()] * 2))


@pytest.mark.gpu
@pytest.mark.parametrize("name", SINGLE)
def test_a_gpu_gives_the_same_up_to_rounding(name):
    images, rows = pictures(), torch.arange(12)
    on_gpu = SINGLE[name].change(images.cuda(), rows.cuda(), 7).cpu()
    torch.testing.assert_close(on_gpu, SINGLE[name].change(images, rows, 7), atol=1e-4, rtol=0)
