"""Untrained networks: for claims about what a network is before it has learnt anything."""

from typing import TypeVar

import torch

from neocog.claims.context import shapes
from neocog.core.seeds import stream
from neocog.data.images import ImageData
from neocog.networks.network import AbstractNetwork

N = TypeVar("N", bound=AbstractNetwork)


def untrained(kind: type[N], data: ImageData, seed: int, **options: object) -> N:
    """A network for these data with the initial weights of its seed; torch's random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream(seed, "weights"))
        return kind(*shapes(data), **options)


def uncounted(kind: type[N], *shape: object, **options: object) -> N:
    """A network without memory for its weights: only their number can be asked for."""
    with torch.device("meta"):
        return kind(*shape, **options)


def pictures(data: ImageData, most: int = 256) -> torch.Tensor:
    """The first training images, as a network gets them."""
    return data.preparation.normalise(torch.tensor(data.train.images[:most]))
