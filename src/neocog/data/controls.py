"""Controls: the same images with their pixels in another order, or with labels that mean nothing."""

import hashlib
from dataclasses import replace

import numpy as np

from neocog.core.seeds import permutation
from neocog.data.images import ImageData, ImagePart


def controlled(data: ImageData, *, permuted: int | None = None, shuffled: int | None = None) -> ImageData:
    """The data as a control shows them; as they are where both seeds are None."""
    if permuted is not None:
        data = permuted_pixels(data, permuted)
    return data if shuffled is None else shuffled_labels(data, shuffled)


def permuted_pixels(data: ImageData, seed: int) -> ImageData:
    """Every image with its pixels in one random order, the same for all images, channels and parts.

    A network that takes each pixel for itself loses nothing; one that relies on which pixels are neighbours does. The
    order is part of the preparation, so that a network trained on it shows new images to itself in the same way. It
    comes last, behind augmentation: what is shifted or rotated is the image as it was, and the two trainings differ in
    the places of the pixels alone.
    """
    return replace(
        data,
        preparation=replace(data.preparation, permuted=seed),
        fingerprint=_marked(data.fingerprint, "permuted", seed),
        notes=(*data.notes, f"Control: the pixels of every image stand in one random order (seed {seed})."),
    )


def shuffled_labels(data: ImageData, seed: int) -> ImageData:
    """The labels of train and of val dealt out anew among the images of each; those of test stay true.

    Nothing can be learned from these that holds for the test part. The labels of val are shuffled too: were they true,
    the choice of the best checkpoint would pick those that happen to name groups of similar images rightly, and score
    above chance without any leak.
    """
    return replace(
        data,
        train=_dealt(data.train, seed, "train"),
        val=_dealt(data.val, seed, "val"),
        fingerprint=_marked(data.fingerprint, "shuffled", seed),
        notes=(*data.notes, f"Control: the labels of train and val were dealt out anew (seed {seed})."),
    )


def _dealt(part: ImagePart, seed: int, name: str) -> ImagePart:
    order = permutation(len(part), seed, "labels", name).numpy()
    return replace(part, labels=np.asarray(part.labels)[order])


def _marked(fingerprint: str, control: str, seed: int) -> str:
    return hashlib.sha256(f"{fingerprint}\n{control} {seed}".encode()).hexdigest()
