"""Pooling gives tolerance to small shifts."""

from collections import OrderedDict
from typing import Annotated

import numpy as np
from torch import nn

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items
from neocog.claims.pictures import shifted, shuffled_places, with_margin
from neocog.claims.small_network import AbstractSmallNetwork, begin
from neocog.core.shapes import Image, Vector
from neocog.data.images import ImageData

STEPS = 600
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))


class PooledNet(AbstractSmallNetwork):
    """Two convolutions, each followed by max-pooling or by dropping every second row and column.

    Both have the same maps and the same parameters.
    """

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        pool: Annotated[bool, "The largest of 2x2 places, or the first of them."] = True,
    ) -> None:
        super().__init__()
        self.takes, self.gives, self.stride = takes, gives, 4
        side = 2 if pool else 1
        self.body = nn.Sequential(
            OrderedDict(
                convolution1=nn.Conv2d(takes.channels, 16, 3, padding=1),
                activation1=nn.ReLU(),
                pool1=nn.MaxPool2d(side, stride=2),
                convolution2=nn.Conv2d(16, 32, 3, padding=1),
                activation2=nn.ReLU(),
                pool2=nn.MaxPool2d(side, stride=2),
            )
        )
        output = nn.Linear(32 * (takes.height // 4) * (takes.width // 4), gives.size)
        self.head = nn.Sequential(OrderedDict(flatten=nn.Flatten(), output=output))
        begin(self, output)


def measure(context: Context) -> Effect:
    """On images as they are."""
    data = with_margin(context.images(size=16), 2)
    return _drops(context, data, [shifted(data, right, down) for right, down in DIRECTIONS])


def without_neighbours(context: Context) -> Effect:
    """Moved in the same way, then with all pixels in one random order: what is pooled are no neighbours."""
    data = with_margin(context.images(size=16), 2)
    moved = [shuffled_places(shifted(data, right, down)) for right, down in DIRECTIONS]
    return _drops(context, shuffled_places(data), moved)


def _drops(context: Context, data: ImageData, moved: list[ImageData]) -> Effect:
    """What the network loses without pooling, less what it loses with it."""
    found = {}
    for name, pool in (("loss without pooling", "false"), ("loss with max-pooling", "true")):
        trained = context.train(data, f"{__name__}:PooledNet[pool={pool}]", steps=STEPS)
        found[name] = trained.right() - np.mean([trained.right(each) for each in moved], axis=0)
    return between_items(found)


CLAIM = Claim(
    title="Pooling makes a network tolerant to small shifts.",
    hypothesis="Test images are moved by one pixel of 16. The accuracy that a small CNN loses by that is smaller with "
    "max-pooling than where every second row and column is dropped instead. One point is worth a layer that costs "
    "nothing.",
    condition="All pixels in one random order after the shift: what is pooled are no neighbours then, and pooling must "
    "not help.",
    source="LeCun et al. 1998, section II.A; Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.3",
    scale=f"digits at 16x16 pixels on a field of 20x20, four directions, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.01,
    unit="points",
    seconds=90,
    measure=measure,
    control=without_neighbours,
)
