"""FeatureSource: batches of what a frozen body gives for images, computed once per image."""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from neocog.core.source import AbstractSource
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageBatch

VALUES_AT_ONCE = 2**21  # of the images that the body gets together


class FeatureSource(AbstractSource[ImageBatch]):
    """An image source without augmentation, whose batches hold features in the place of images.

    Use it where a body does not change: what it gives need not be computed in every pass.

    The order of the items is that of the image source, pass by pass. Features are computed when they are first asked
    for, in the order of the part, and kept on its device.

    Args:
        images: where the images would come from.
        body: from prepared images to maps.
    """

    def __init__(self, images: ImageSource, body: Callable[[Tensor], Tensor]) -> None:
        self._images = images
        self._body = body
        self._features: Tensor | None = None
        self.size = images.size

    def batches(self, epoch: int, seed: int) -> Iterator[ImageBatch]:
        """One pass."""
        if self._features is None:
            self._features = self._computed()
        rows, labels = self._images.order(epoch, seed), self._images.labels
        for start in range(0, len(rows), self._images.batch_size):
            some = rows[start : start + self._images.batch_size]
            yield ImageBatch(self._features[some], labels[some], some)

    def _computed(self) -> Float[Tensor, "n c h w"]:
        with torch.no_grad():
            return torch.cat(
                [self._body(batch.images) for batch in self._images.as_it_is(self._at_once()).batches(0, 0)]
            )

    def _at_once(self) -> int:
        prepared = self._images.preparation
        return max(1, VALUES_AT_ONCE // (prepared.channels * prepared.height * prepared.width))
