"""Convolution is equivariant to shift."""

import torch

from neocog.claims.claim import Claim
from neocog.claims.context import SEEDS, Context
from neocog.claims.effect import Effect, of_runs
from neocog.claims.pictures import shifted, with_margin
from neocog.claims.untrained import pictures, untrained
from neocog.networks.locally_connected import LocallyConnectedNet
from neocog.networks.network import AbstractNetwork
from neocog.networks.simple_cnn import SimpleCNN

RIGHT, DOWN = 2, 1


def measure(context: Context) -> Effect:
    """The maps of a convolution."""
    return _moving(context, "convolution", SimpleCNN, "convolution", {})


def without_sharing(context: Context) -> Effect:
    """The maps of its twin with weights of its own at every place."""
    return _moving(context, "locally connected", LocallyConnectedNet, "local1", {"twin": "simple-cnn"})


def _moving(
    context: Context,
    name: str,
    kind: type[AbstractNetwork],
    layer: str,
    options: dict[str, str],
) -> Effect:
    """1 less the relative difference between the maps of moved images and the moved maps."""
    data = with_margin(context.images(size=16), 3)
    still, moved = pictures(data), pictures(shifted(data, RIGHT, DOWN))
    found = []
    for seed in SEEDS:
        network = untrained(kind, data, seed, **options).eval()
        with torch.no_grad():
            before, after = network.features(still)[layer], network.features(moved)[layer]
        expected, seen = before[:, :, :-DOWN, :-RIGHT], after[:, :, DOWN:, RIGHT:]
        found.append(1 - float((seen - expected).norm() / expected.norm()))
    return of_runs(name, found)


CLAIM = Claim(
    title="Convolution is equivariant to shift: when the object moves, its map moves with it.",
    hypothesis="1 less the relative difference between the maps of moved images and the moved maps, where both are "
    "defined, is 1 but for rounding: at least 99 of 100 points.",
    condition="A layer of the same windows in which every place has its own weights: its maps must change.",
    source="Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.2",
    scale="256 digits at 16x16 pixels on a field of 22x22, moved by 2 and 1 pixels, initial weights of 5 seeds",
    smallest=0.99,
    unit="points",
    seconds=5,
    measure=measure,
    control=without_sharing,
)
