"""Labelled images: a batch of them, a part (train, val or test) and a whole data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.shapes import Image
from neocog.data.family import PARTS, AbstractData
from neocog.data.preparation import Preparation, fit_to
from neocog.figures.figure import Figure
from neocog.figures.png import to_png

LARGEST_PICTURE = 96  # pixels of a side; larger images are averaged down
_SEEN_PER_CLASS, _SEEN = 2, 24


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

    ``names`` say where each image came from; ``metadata`` holds further columns, one text per image; ``digests`` are
    SHA-256 of each image's pixels, where they are known already.
    """

    images: np.ndarray
    labels: np.ndarray
    names: Sequence[str]
    metadata: Mapping[str, Sequence[str]] = field(default_factory=dict)
    digests: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ImageData(AbstractData):
    """A data set for image classification, ready to train on.

    ``classes`` is the one class map, taken from train; ``notes`` are sentences for the person (how the size was
    chosen, how the parts were made, what was converted); ``skipped`` names each file left out, with the reason;
    ``fingerprint`` is a SHA-256 over pixels, labels, class names and parts; ``test_made`` tells that the data came
    without a test part.
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
    test_made: bool = False

    @property
    def takes(self) -> Image:
        """The shape that a network gets."""
        return Image(self.preparation.channels, self.preparation.height, self.preparation.width)

    def part(self, name: str) -> ImagePart:
        """The part called "train", "val" or "test"."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def counts(self) -> dict[str, dict[str, int]]:
        """Number of images by part and class."""
        counted = {
            name: np.bincount(np.asarray(self.part(name).labels), minlength=len(self.classes)).tolist()
            for name in PARTS
        }
        return {name: dict(zip(self.classes, numbers, strict=True)) for name, numbers in counted.items()}

    def line(self) -> str:
        """Classes, pixels, channels, bits."""
        takes, bits = self.takes, 8 * self.train.images.dtype.itemsize
        channels = f"{takes.channels} channel{'s' if takes.channels > 1 else ''}"
        decoded = sum(self.part(name).images.nbytes for name in PARTS) / 1e6
        return (
            f"{len(self.classes)} classes, {takes.height}x{takes.width} pixels, {channels} of {bits} bits, "
            f"{decoded:.1f} MB decoded"
        )

    def details(self) -> dict[str, Any]:
        """Size, bits and bytes of the images."""
        takes = self.takes
        return {
            "image": {"channels": takes.channels, "height": takes.height, "width": takes.width},
            "bits": 8 * self.train.images.dtype.itemsize,
            "bytes": sum(self.part(name).images.nbytes for name in PARTS),
        }

    def figures(self) -> list[Figure]:
        """None: images are looked at as pictures."""
        return []

    def facts(self) -> dict[str, Any]:
        """Class map and preparation."""
        return {"classes": list(self.classes), "preparation": self.preparation.as_dict()}

    def names(self, part: str) -> Sequence[str]:
        """The files."""
        return self.part(part).names

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """PNG images of some rows, in that order, until they have so many bytes."""
        images, room = self.part(part).images, most_bytes
        found: dict[int, bytes] = {}
        for row in rows:
            png = self._png(images[row])
            room -= len(png)
            if room < 0:
                break
            found[row] = png
        return found

    def seen(self) -> dict[str, bytes]:
        """A few training images of each class, as they are after preparation."""
        found: dict[str, bytes] = {}
        for label, name in enumerate(self.classes):
            for row in np.flatnonzero(self.train.labels == label)[:_SEEN_PER_CLASS]:
                found[f"{name}: {self.train.names[row]}"] = self._png(self._shown(self.train.images[row]))
        return dict(list(found.items())[:_SEEN])

    def _shown(self, image: np.ndarray) -> np.ndarray:
        """The pixels in the order in which a network sees them."""
        flat = np.asarray(image).reshape(-1, image.shape[-1])
        return flat[self.preparation.order()].reshape(image.shape)

    def _png(self, image: np.ndarray) -> bytes:
        longer = max(image.shape[:2])
        step = -(-longer // LARGEST_PICTURE)
        small = fit_to(np.asarray(image), -(-longer // step)) if step > 1 else np.asarray(image)
        return to_png(small, self.preparation.top)


def images_like(facts: Mapping[str, Any]) -> ImageData:
    """The data of a run without its images: class map and preparation."""
    preparation = Preparation.from_dict(facts["preparation"])
    shape = (0, preparation.height, preparation.width, preparation.channels)
    empty = ImagePart(np.zeros(shape, np.uint8), np.zeros(0, np.int64), ())
    return ImageData(facts["name"], tuple(facts["classes"]), empty, empty, empty, preparation, facts["fingerprint"])
