"""ImageSource: batches of prepared images, sliced from memory; no work is done image by image."""

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.seeds import permutation, stream
from neocog.core.source import AbstractSource
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.images import ImageBatch, ImageData, ImagePart
from neocog.data.preparation import Preparation

PERMUTED_BYTES = 512 * 2**20
CHUNK_OF_BYTES = 2**20  # values; what fits the caches of a CPU core
CHUNK_OF_FLOATS = 2**18
CHUNK_ON_DEVICE = 2**24
RESIDENT_SHARE = 0.4


class ImageSource(AbstractSource[ImageBatch]):
    """One part of a data set, in passes.

    Pixels stay in their stored type and are normalised, and augmented, batch by batch on the device. A part of less
    than 512 MB is put in the order of the epoch by one gather, so that its batches are slices; a larger one is
    gathered batch by batch, from the disk's page cache if it is memory-mapped. On a GPU, a part that takes more than
    0.4 of the free memory stays in main memory.

    Args:
        part: the images and their labels.
        preparation: how pixels become what the network takes.
        batch_size: images per batch.
        device: where batches are made.
        shuffle: a new order in each epoch, for training. An incomplete last batch is then left out (unless it is the
            only one), so that every step sees as many images.
        augmentation: what is changed at random; None for nothing.
        classes: number of classes, which MixUp and CutMix need.
        channels_last: images of several channels come in torch's ``channels_last`` memory format.
    """

    def __init__(
        self,
        part: ImagePart,
        preparation: Preparation,
        *,
        batch_size: int,
        device: torch.device | str = "cpu",
        shuffle: bool = True,
        augmentation: Augmentation | None = None,
        classes: int = 0,
        channels_last: bool = False,
    ) -> None:
        self.preparation = preparation
        self.batch_size = batch_size
        self.device = torch.device(device)
        self.shuffle = shuffle
        self.augmentation = augmentation or Augmentation()
        self.classes = classes
        self.channels_last = channels_last
        pixels = _tensor(part.images)
        self._part = part
        self._resident = _fits(pixels, self.device)
        self._pixels = pixels.to(self.device) if self._resident else pixels
        self._labels = torch.as_tensor(np.array(part.labels, dtype=np.int64)).to(self.device)
        whole = len(part) // batch_size
        self._items = whole * batch_size if shuffle and whole else len(part)
        self.size = -(-self._items // batch_size)

    @staticmethod
    def training(data: ImageData, batching: Batching, augmentation: Augmentation) -> "ImageSource":
        """The training part of these data, shuffled and augmented."""
        return ImageSource(
            data.train,
            data.preparation,
            batch_size=batching.size,
            device=batching.device,
            augmentation=augmentation,
            classes=len(data.classes),
            channels_last=batching.channels_last,
        )

    @staticmethod
    def still(data: ImageData, part: str, batching: Batching) -> "ImageSource":
        """One part in its own order, as it is."""
        return ImageSource(
            data.part(part),
            data.preparation,
            batch_size=batching.size,
            device=batching.device,
            shuffle=False,
            channels_last=batching.channels_last,
        )

    def as_it_is(self, batch_size: int) -> "ImageSource":
        """All images of the same part in their own order, without augmentation."""
        return ImageSource(
            self._part,
            self.preparation,
            batch_size=batch_size,
            device=self.device,
            shuffle=False,
            channels_last=self.channels_last,
        )

    @property
    def labels(self) -> Tensor:
        """The class of every image of the part, on the device."""
        return self._labels

    def batches(self, epoch: int, seed: int) -> Iterator[ImageBatch]:
        """One pass; its order and its augmentation come from streams of their own, named by epoch."""
        key = stream(seed, "augment", epoch)
        rows = self.order(epoch, seed)
        labels = self._labels[rows] if self.shuffle else self._labels
        ordered = self._pixels
        in_order = not self.shuffle
        if self.shuffle and self._resident and self._bytes() < PERMUTED_BYTES:
            ordered, in_order = _gather(self._pixels, rows), True
        chunk = self._chunk()
        for start in range(0, self._items, chunk):
            places = slice(start, min(start + chunk, self._items))
            pixels = ordered[places] if in_order else _gather(ordered, rows[places].to(ordered.device))
            pixels = pixels.to(self.device, non_blocking=True)
            yield from self._prepared(pixels, labels[places], rows[places], key)

    def _prepared(self, pixels: Tensor, labels: Tensor, rows: Tensor, key: int) -> Iterator[ImageBatch]:
        augmentation, prepare, last = self.augmentation, self.preparation, self.channels_last
        whole_pixels = augmentation.only_moves or not (augmentation.changes_images or augmentation.mixes_images)
        if augmentation.only_moves:
            pixels = augmentation.move(pixels.permute(0, 3, 1, 2), rows, key).permute(0, 2, 3, 1)
        elif not whole_pixels:
            images = augmentation.change(prepare.to_unit(pixels, channels_last=last), rows, key)
        for start in range(0, len(rows), self.batch_size):
            some, targets = slice(start, start + self.batch_size), None
            if whole_pixels:
                batch = prepare.normalise(pixels[some], channels_last=last)
            else:
                batch, targets = augmentation.mix(images[some], labels[some], rows[some], key, self.classes)
                batch = prepare.standardise(batch)
            yield ImageBatch(batch, labels[some], rows[some], targets)

    def images(self, rows: Int[Tensor, "n"]) -> Float[Tensor, "n c h w"]:
        """The images of these rows of the part, prepared, without augmentation."""
        pixels = _gather(self._pixels, rows.to(self._pixels.device)).to(self.device, non_blocking=True)
        return self.preparation.normalise(pixels, channels_last=self.channels_last)

    def order(self, epoch: int, seed: int) -> Tensor:
        """The rows of the part in the order of a pass, without those that an incomplete last batch would hold."""
        if not self.shuffle:
            return torch.arange(self._items, device=self.device)
        return permutation(len(self._labels), seed, "order", epoch)[: self._items].to(self.device)

    def _bytes(self) -> int:
        return self._pixels.numel() * self._pixels.element_size()

    def _chunk(self) -> int:
        """Images that are prepared at once: several small batches where that takes many short kernels."""
        if self.device.type != "cpu":
            values = CHUNK_ON_DEVICE
        elif self.augmentation.only_moves:
            values = CHUNK_OF_BYTES
        else:
            values = CHUNK_OF_FLOATS if self.augmentation.changes_images else 1
        return self.batch_size * max(1, values // (self.batch_size * self._pixels[0].numel()))


def _tensor(images: np.ndarray) -> Tensor:
    with warnings.catch_warnings():  # read-only, as memory-mapped arrays are; nothing here writes to it
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        return torch.from_numpy(images if isinstance(images, np.ndarray) else np.asarray(images))


def _gather(pixels: Tensor, rows: Tensor) -> Tensor:
    # index_select has no kernel for uint16 everywhere; the bits are the same
    if pixels.dtype == torch.uint16:
        return pixels.view(torch.int16).index_select(0, rows).view(torch.uint16)
    return pixels.index_select(0, rows)


def _fits(pixels: Tensor, device: torch.device) -> bool:
    if device.type != "cuda":
        return True
    return pixels.numel() * pixels.element_size() < RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]
