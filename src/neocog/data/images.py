"""Labelled images: a batch of them, a part (train, val or test) and a whole data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.shapes import Image
from neocog.data.preparation import Preparation


@dataclass(frozen=True)
class ImageBatch(Batch):
    """Prepared images with their class.

    ``images`` are normalised; ``labels`` are places in the class map; ``rows`` are the items' rows in their part;
    ``targets`` are class proportions where augmentation mixed images (MixUp, CutMix), else None.
    """

    images: Float[Tensor, "n c h w"]
    labels: Int[Tensor, "n"]
    rows: Int[Tensor, "n"]
    targets: Float[Tensor, "n k"] | None = None

    @property
    def size(self) -> int:
        """Number of images."""
        return len(self.labels)


@dataclass(frozen=True)
class ImagePart:
    """One part of a data set, decoded: ``images`` is n x h x w x c, uint8 or uint16, possibly memory-mapped.

    ``names`` say where each image came from; ``metadata`` holds further columns, one text per image.
    """

    images: np.ndarray
    labels: np.ndarray
    names: Sequence[str]
    metadata: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ImageData:
    """A data set for image classification, ready to train on.

    ``classes`` is the one class map, taken from train; ``notes`` are sentences for the person (how the size was
    chosen, how the parts were made, what was converted); ``skipped`` names each file left out, with the reason;
    ``fingerprint`` is a SHA-256 over pixels, labels, class names and parts.
    """

    name: str
    classes: tuple[str, ...]
    train: ImagePart
    val: ImagePart
    test: ImagePart
    preparation: Preparation
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes(self) -> Image:
        """The shape that a network gets."""
        return Image(self.preparation.channels, self.preparation.height, self.preparation.width)
