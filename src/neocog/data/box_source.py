"""BoxSource: batches of prepared images with their boxes, sliced from memory."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from neocog.core.seeds import permutation, stream
from neocog.core.source import AbstractSource
from neocog.data.augment import Augmentation
from neocog.data.box_augment import moved_boxes, refuse_mixing
from neocog.data.box_data import BoxBatch, BoxData, BoxPart, padded
from neocog.data.family import Batching
from neocog.data.preparation import Preparation


class BoxSource(AbstractSource[BoxBatch]):
    """One part of a data set of images with boxes, in passes.

    Args:
        part: the images and their boxes.
        preparation: how pixels become what the network takes.
        batching: images per batch, and where they are made.
        shuffle: a new order in each epoch, for training. An incomplete last batch is then left out (unless it is the
            only one).
        augmentation: what is changed at random; boxes move with their pixels.

    Raises:
        UsageProblem: ``augment-mixes-boxes``.
    """

    def __init__(
        self,
        part: BoxPart,
        preparation: Preparation,
        batching: Batching,
        *,
        shuffle: bool = True,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.preparation, self.batching, self.shuffle = preparation, batching, shuffle
        self.augmentation = augmentation or Augmentation()
        refuse_mixing(self.augmentation)
        self._images = part.images
        self._frames = torch.from_numpy(np.ascontiguousarray(part.frames))
        self._boxes, self._labels = padded(part)
        whole = len(part) // batching.size
        self._items = whole * batching.size if shuffle and whole else len(part)
        self.size = -(-self._items // batching.size)

    @staticmethod
    def training(data: BoxData, batching: Batching, augmentation: Augmentation) -> "BoxSource":
        """The training part of these data, shuffled and augmented."""
        return BoxSource(data.train, data.preparation, batching, augmentation=augmentation)

    @staticmethod
    def still(data: BoxData, part: str, batching: Batching) -> "BoxSource":
        """One part in its own order, as it is."""
        return BoxSource(data.part(part), data.preparation, batching, shuffle=False)

    def batches(self, epoch: int, seed: int) -> Iterator[BoxBatch]:
        """One pass; its order and its augmentation come from streams of their own, named by epoch."""
        key = stream(seed, "augment", epoch)
        count = len(self._frames)
        rows = permutation(count, seed, "order", epoch)[: self._items] if self.shuffle else torch.arange(count)
        for start in range(0, len(rows), self.batching.size):
            yield self._batch(rows[start : start + self.batching.size], key)

    def _batch(self, rows: Tensor, key: int) -> BoxBatch:
        device, prepare = self.batching.device, self.preparation
        pixels = torch.from_numpy(self._images[rows.numpy()]).to(device)
        boxes, labels = self._boxes[rows].to(device), self._labels[rows].to(device)
        frames, here = self._frames[rows].to(device), rows.to(device)
        if not self.augmentation.changes_images:
            images = prepare.normalise(pixels, channels_last=self.batching.channels_last)
            return BoxBatch(images, boxes, labels, frames, here)
        unit = prepare.to_unit(pixels, channels_last=self.batching.channels_last)
        images = prepare.standardise(self.augmentation.change(unit, here, key))
        height, width = pixels.shape[1:3]
        placement = self.augmentation.placement(height, width, here, key)
        moved, kept = moved_boxes(boxes, labels, placement, height, width)
        return BoxBatch(images, moved, kept, frames, here)
