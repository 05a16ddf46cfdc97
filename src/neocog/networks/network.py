"""AbstractNetwork: a body that gives named maps, and a head that turns the last of them into the output."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector


@dataclass(frozen=True)
class Facts:
    """What `neocog networks` says of an architecture.

    ``smallest`` is the smallest height and width, in pixels, that the network takes with its default options.
    """

    idea: str
    year: int
    source: str
    smallest: int = 1


class AbstractNetwork(nn.Module, ABC):
    """A network of ours: its signature is ``(takes, gives, *, options)`` and is also its configuration.

    ``features(x)`` returns the named maps, finest first, or raises ``UsageProblem`` in a network without maps;
    ``strides`` says how many input pixels one step in each map is; ``head`` turns the last map into the output.
    """

    facts: ClassVar[Facts]
    takes: Image
    gives: Vector
    head: nn.Module

    @property
    @abstractmethod
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map, by the names that ``features`` uses; empty where there are no maps."""

    @abstractmethod
    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """The named maps, finest first."""

    @abstractmethod
    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """The output: one row of logits per image."""


def check_size(takes: Image, smallest: int, name: str) -> None:
    """Refuse images that are smaller than the network can take."""
    if min(takes.height, takes.width) < smallest:
        raise UsageProblem(
            "network-image-too-small",
            f"{name} takes images of at least {smallest}x{smallest} pixels; these are {takes.height}x{takes.width}",
            where=f"network {name}",
            help=f"enlarge the images with --size {smallest}, or leave {name} out of --networks",
        )


def without_maps(name: str) -> UsageProblem:
    """What a network without maps answers to ``features``."""
    return UsageProblem(
        "network-without-maps",
        f"{name} has no feature maps: its layers are dense",
        where=f"network {name}",
        help="choose a network with convolutions, such as simple-cnn, lenet5 or resnet",
    )
