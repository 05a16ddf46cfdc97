"""Two stacked 3x3 convolutions do better than one of 5x5."""

from collections import OrderedDict
from typing import Annotated

from torch import nn

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items
from neocog.claims.small_network import AbstractSmallNetwork, begin
from neocog.core.rules import AtLeast
from neocog.core.shapes import Image, Vector

STEPS, MAPS = 600, 24


class StackedNet(AbstractSmallNetwork):
    """A first convolution and pooling, then one or several convolutions in a row, pooling and a dense layer."""

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        kernels: Annotated[tuple[int, ...], AtLeast(1), "Sides of the windows of the convolutions in a row."] = (3, 3),
        between: Annotated[bool, "ReLU between them; without it they are one linear map."] = True,
    ) -> None:
        super().__init__()
        self.takes, self.gives, self.stride = takes, gives, 4
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            first=nn.Conv2d(takes.channels, MAPS, 3, padding=1), activation=nn.ReLU(), pool=nn.MaxPool2d(2)
        )
        for number, side in enumerate(kernels, 1):
            layers[f"convolution{number}"] = nn.Conv2d(MAPS, MAPS, side, padding=side // 2)
            if between or number == len(kernels):
                layers[f"activation{number}"] = nn.ReLU()
        layers["pool2"] = nn.MaxPool2d(2)
        self.body = nn.Sequential(layers)
        output = nn.Linear(MAPS * (takes.height // 4) * (takes.width // 4), gives.size)
        self.head = nn.Sequential(OrderedDict(flatten=nn.Flatten(), output=output))
        begin(self, output)


def measure(context: Context) -> Effect:
    """With ReLU between the two."""
    return _raced(context, "true")


def linear_between(context: Context) -> Effect:
    """Without."""
    return _raced(context, "false")


def _raced(context: Context, between: str) -> Effect:
    data = context.images(size=16)
    stacked = context.train(data, f"{__name__}:StackedNet[kernels=3+3,between={between}]", steps=STEPS)
    single = context.train(data, f"{__name__}:StackedNet[kernels=5]", steps=STEPS)
    return between_items({"3x3 twice": stacked.right(), "5x5": single.right()})


CLAIM = Claim(
    title="Two stacked 3x3 convolutions do better than one of 5x5, which sees as much and has more weights.",
    hypothesis="Accuracy on test images of a small CNN with two 3x3 convolutions in a row (18 weights per pair of "
    "maps) is higher than with one of 5x5 (25 weights), by half a point at least.",
    condition="No ReLU between the two: they are one linear map of 5x5 then, and must not do better.",
    source="Simonyan and Zisserman 2015, arXiv 1409.1556, section 2.3",
    scale=f"digits at 16x16 pixels, {MAPS} maps, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.005,
    unit="points",
    seconds=110,
    measure=measure,
    control=linear_between,
)
