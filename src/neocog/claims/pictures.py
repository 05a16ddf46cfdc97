"""What claims do to images before a network sees them: a margin, a shift, shuffled places, other angles and sizes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Shaped

from neocog.core.seeds import permutation, stream
from neocog.data.augment import Augmentation
from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import Preparation

Change = Callable[[Shaped[np.ndarray, "..."]], Shaped[np.ndarray, "..."]]


def changed(data: ImageData, how: str, change: Change) -> ImageData:
    """The same data with every image changed; a network that was trained on other images still takes them.

    Args:
        data: any.
        how: the change in words, for the fingerprint.
        change: from n x h x w x c pixels to as many images of one size.
    """
    train, val, test = (_part(part, change) for part in (data.train, data.val, data.test))
    _, height, width, channels = train.images.shape
    before = data.preparation
    preparation = replace(before, height=height, width=width)
    if (height, width, channels) != (before.height, before.width, before.channels):
        preparation = Preparation.measured(train.images)
    fingerprint = hashlib.sha256(f"{data.fingerprint} {how}".encode()).hexdigest()
    return replace(
        data, train=train, val=val, test=test, preparation=preparation, fingerprint=fingerprint, notes=(how,)
    )


def with_margin(data: ImageData, pixels: int) -> ImageData:
    """Black pixels around every image, into which it can be shifted."""
    edges = ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0))
    return changed(data, f"margin {pixels}", lambda images: np.pad(images, edges))


def shifted(data: ImageData, right: int, down: int) -> ImageData:
    """Every image moved by whole pixels; what leaves on one side comes in on the other, so give a margin."""
    return changed(data, f"shift {right} {down}", lambda images: np.roll(images, (down, right), axis=(1, 2)))


def shuffled_places(data: ImageData, seed: int = 0) -> ImageData:
    """The pixels of every image put into one random order, the same for all: neighbours are neighbours no more."""

    def change(images: np.ndarray) -> np.ndarray:
        n, height, width, channels = images.shape
        order = permutation(height * width, seed, "claims", "places").numpy()
        return np.ascontiguousarray(images.reshape(n, -1, channels)[:, order].reshape(images.shape))

    return changed(data, f"places shuffled by {seed}", change)


def augmented(data: ImageData, augmentation: Augmentation, seed: int = 0) -> ImageData:
    """Every image changed once, at random, as training with this augmentation would."""
    top = data.preparation.top

    def change(images: np.ndarray) -> np.ndarray:
        unit = torch.from_numpy(images.astype(np.float32) / top).permute(0, 3, 1, 2)
        made = augmentation.change(unit, torch.arange(len(unit)), stream(seed, "claims", "augmented"))
        return np.rint(made.permute(0, 2, 3, 1).numpy() * top).clip(0, top).astype(images.dtype)

    return changed(data, augmentation.describe(), change)


def _part(part: ImagePart, change: Change) -> ImagePart:
    return replace(part, images=change(np.asarray(part.images)))
