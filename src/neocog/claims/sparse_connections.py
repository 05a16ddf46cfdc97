"""Sparse connections reduce overfitting."""

from collections import OrderedDict
from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from neocog.claims.claim import Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context
from neocog.claims.effect import Effect, between_runs
from neocog.claims.small_network import AbstractSmallNetwork, begin
from neocog.core.rules import Between
from neocog.core.seeds import generator
from neocog.core.shapes import Image, Vector

STEPS, UNITS, FEW, WINDOW = 600, 512, 20, 0.3


class MaskedLinear(nn.Linear):
    """A dense layer some of whose weights are not there; initial weights are as large as those left need."""

    mask: Tensor

    def __init__(self, mask: Float[Tensor, "units inputs"]) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask)
        self.scale = float(mask.mean()) ** -0.5

    def forward(self, numbers: Float[Tensor, "n inputs"]) -> Float[Tensor, "n units"]:
        """Only the weights that are there count."""
        return F.linear(numbers, self.weight * self.mask * self.scale, self.bias)


class WindowedNet(AbstractSmallNetwork):
    """One hidden layer whose units each see a square window of the image, at a place of their own; then a dense one."""

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        window: Annotated[float, Between(0, 1, open_low=True), "Side of the windows, as a share of the image's."] = 1.0,
    ) -> None:
        super().__init__()
        self.takes, self.gives, self.stride = takes, gives, takes.height
        self.body = nn.Sequential(
            OrderedDict(flatten=nn.Flatten(), hidden=MaskedLinear(_windows(takes, window)), activation=nn.ReLU())
        )
        self.head = nn.Linear(UNITS, gives.size)
        begin(self, self.head)


def _windows(takes: Image, share: float) -> Float[Tensor, "units inputs"]:
    """1 where a unit sees a number of the image; the places are the same for every seed."""
    high, wide = max(1, round(share * takes.height)), max(1, round(share * takes.width))
    places = torch.rand(UNITS, 2, generator=generator(0, "claims", "windows"))
    mask = torch.zeros(UNITS, *takes.axes)
    for unit, (down, right) in enumerate(places.tolist()):
        top, left = int(down * (takes.height - high + 1)), int(right * (takes.width - wide + 1))
        mask[unit, :, top : top + high, left : left + wide] = 1
    return mask.flatten(1)


def measure(context: Context) -> Effect:
    """Windows of a third of the side against the whole image."""
    return _gaps(context, WINDOW)


def whole_image(context: Context) -> Effect:
    """Windows as large as the image: nothing is left out."""
    return _gaps(context, 1.0)


def _gaps(context: Context, window: float) -> Effect:
    data = context.images(size=16, per_class=FEW)
    dense = context.train(data, f"{__name__}:WindowedNet", steps=STEPS, seeds=OTHER_SEEDS)
    sparse = context.train(data, f"{__name__}:WindowedNet[window={window}]", steps=STEPS, seeds=SEEDS)
    return between_runs({"gap, dense": dense.log_loss_gap(), f"gap, windows of {window}": sparse.log_loss_gap()})


CLAIM = Claim(
    title="Sparse connections reduce overfitting.",
    hypothesis="The gap in log-loss between test and training images is larger for a dense hidden layer than for one "
    "whose units each see a window of a third of the side, which leaves a tenth of the weights. 0.05 nats is a tenth "
    "of a gap that one would call overfitting.",
    condition="Windows as large as the image, in other seeds: nothing is left out, so the gap must stay.",
    source="Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.2 (sparse interactions)",
    scale=f"digits at 16x16 pixels, {FEW} images of each class, {UNITS} hidden units, {STEPS} steps of 32 images, "
    "5 seeds",
    smallest=0.05,
    unit="nats",
    seconds=40,
    measure=measure,
    control=whole_image,
)
