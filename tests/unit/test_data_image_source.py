"""ImageSource: pure passes over a part, sliced from memory."""

import numpy as np
import pytest
import torch

import neocog.data.image_source as image_source
from neocog.core.seeds import permutation, stream
from neocog.data.augment import Augmentation
from neocog.data.image_source import ImageSource
from neocog.data.images import ImagePart
from neocog.data.preparation import Preparation

AUGMENTATIONS = {
    "nothing": None,
    "moves": Augmentation(shift=0.2, flip="horizontal"),
    "resampling": Augmentation(rotation=10, noise=0.05),
    "mixing": Augmentation(mixup=0.4, cutmix=1.0),
    "moves and mixing": Augmentation(shift=0.2, mixup=0.4),
}


def part(n=50, h=16, w=16, c=3, dtype=np.uint8):
    random = np.random.default_rng(0)
    images = random.integers(0, np.iinfo(dtype).max, (n, h, w, c), dtype, endpoint=True)
    return ImagePart(images, np.arange(n) % 4, [str(i) for i in range(n)])


def source(items, **options):
    return ImageSource(items, Preparation.measured(items.images), **{"batch_size": 8, "classes": 4} | options)


def passed(batches):
    return [(b.images, b.labels, b.rows, b.targets) for b in batches]


def same(one, other):
    if len(one) != len(other):
        return False
    pairs = [pair for a, b in zip(one, other, strict=True) for pair in zip(a, b, strict=True)]
    return all(x is y if x is None or y is None else torch.equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_a_pass_is_a_pure_function_of_epoch_and_seed(name):
    made = source(part(), augmentation=AUGMENTATIONS[name])
    first = passed(made.batches(3, 1))
    passed(made.batches(4, 1))
    torch.rand(5)
    assert same(first, passed(made.batches(3, 1)))
    assert same(first, passed(source(part(), augmentation=AUGMENTATIONS[name]).batches(3, 1)))
    assert not same(first, passed(made.batches(4, 1)))
    assert not same(first, passed(made.batches(3, 2)))


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("channels_last", [False, True])
def test_batches_are_what_the_formula_says(name, channels_last):
    """Control for every shortcut: one batch at a time, straight from the definition."""
    items, augmentation = part(), AUGMENTATIONS[name] or Augmentation()
    made = source(items, augmentation=AUGMENTATIONS[name], channels_last=channels_last)
    order = permutation(50, 1, "order", 2)
    batches = list(made.batches(2, 1))
    assert len(batches) == made.size == 6
    for number, batch in enumerate(batches):
        rows = order[8 * number : 8 * number + 8]
        labels = torch.from_numpy(items.labels)[rows]
        unit = made.preparation.to_unit(torch.from_numpy(items.images)[rows])
        images, targets = augmentation(unit, labels, rows, stream(1, "augment", 2), 4)
        assert torch.equal(batch.rows, rows) and torch.equal(batch.labels, labels)
        torch.testing.assert_close(batch.images, made.preparation.standardise(images), atol=1e-5, rtol=0)
        order_in_memory = torch.channels_last if channels_last else torch.contiguous_format
        assert batch.images.is_contiguous(memory_format=order_in_memory)
        assert (targets is None) == (batch.targets is None)
        if targets is not None:
            torch.testing.assert_close(batch.targets, targets)


def test_without_shuffling_every_item_comes_once_in_order():
    made = source(part(), shuffle=False, batch_size=16)
    batches = list(made.batches(0, 0))
    assert [b.size for b in batches] == [16, 16, 16, 2] and made.size == 4
    assert torch.equal(torch.cat([b.rows for b in batches]), torch.arange(50))
    assert same(passed(batches), passed(made.batches(5, 9)))


@pytest.mark.parametrize(("n", "sizes"), [(50, [8] * 6), (48, [8] * 6), (5, [5]), (8, [8]), (9, [8])])
def test_the_incomplete_batch_is_left_out_only_beside_another(n, sizes):
    made = source(part(n))
    assert [b.size for b in made.batches(0, 0)] == sizes and made.size == len(sizes)


def test_every_item_comes_once_per_pass_and_none_is_always_left_out():
    made = source(part())
    seen = [torch.cat([b.rows for b in made.batches(epoch, 0)]) for epoch in range(6)]
    assert all(len(rows.unique()) == len(rows) == 48 for rows in seen)
    assert len(torch.cat(seen).unique()) == 50


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_large_parts_are_gathered_batch_by_batch_alike(dtype, monkeypatch):
    small = passed(source(part(dtype=dtype)).batches(1, 1))
    monkeypatch.setattr(image_source, "PERMUTED_BYTES", 0)
    assert same(small, passed(source(part(dtype=dtype)).batches(1, 1)))


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_size_of_the_chunks_changes_nothing(name, monkeypatch):
    items = part()
    whole = passed(source(items, augmentation=AUGMENTATIONS[name]).batches(1, 1))
    monkeypatch.setattr(image_source, "CHUNK_OF_BYTES", 1)
    monkeypatch.setattr(image_source, "CHUNK_OF_FLOATS", 1)
    small = passed(source(items, augmentation=AUGMENTATIONS[name]).batches(1, 1))
    for one, other in zip(whole, small, strict=True):
        torch.testing.assert_close(one[0], other[0], atol=1e-5, rtol=0)
        assert torch.equal(one[2], other[2])


def test_memory_mapped_pixels_are_read_where_they_are(tmp_path):
    items = part()
    np.save(tmp_path / "pixels.npy", items.images)
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    made = source(ImagePart(mapped, items.labels, items.names))
    assert made._pixels.data_ptr() == mapped.ctypes.data
    assert same(passed(made.batches(0, 0)), passed(source(items).batches(0, 0)))


@pytest.mark.gpu
@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_gpu_gives_the_same_up_to_rounding(name, dtype):
    items = part(dtype=dtype)
    here = source(items, augmentation=AUGMENTATIONS[name])
    there = source(items, augmentation=AUGMENTATIONS[name], device="cuda")
    for one, other in zip(here.batches(1, 1), there.batches(1, 1), strict=True):
        assert other.images.device.type == "cuda"
        torch.testing.assert_close(one.images, other.images.cpu(), atol=1e-3, rtol=0)
        assert torch.equal(one.rows, other.rows.cpu())


def test_the_originals_of_a_batch_are_its_images_without_augmentation() -> None:
    items = part()
    moved = next(source(items, augmentation=AUGMENTATIONS["resampling"]).batches(0, 0))
    still = source(items, shuffle=False, batch_size=len(items))
    originals = still.images(moved.rows)
    assert torch.equal(originals, next(still.batches(0, 0)).images[moved.rows])
    assert not torch.allclose(originals, moved.images)
