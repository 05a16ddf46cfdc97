"""GAN: a generator that draws images and a discriminator that says how real images look."""

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from neocog.core.rules import AtLeast, Between
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size

SMALLEST_MAP = 4
_MOST_DOUBLINGS = 3  # of the number of maps
_SPREAD = 0.02
_SLOPE = 0.2


@dataclass(frozen=True)
class Realness(Vector):
    """How real an image looks as one of each class: one number where classes play no part.

    ``noise`` is how many numbers the generator draws an image from.
    """

    noise: int = 64


class AbstractGAN(AbstractNetwork):
    """A generator and a discriminator in one network; ``forward`` is the discriminator.

    ``generator`` holds every parameter of the generator, ``body`` and ``head`` those of the discriminator.
    """

    generator: nn.Module
    body: nn.Module
    gives: Realness

    @abstractmethod
    def generate(self, noise: Float[Tensor, "n z"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n c h w"]:
        """Draw images, prepared as the data are; labels are places in the class map, or 0 without classes."""

    @abstractmethod
    def span(self, low: Sequence[float], high: Sequence[float]) -> None:
        """Say between which values of each channel images are to be drawn; the widest is -1 to 1 unless told."""


class GAN(AbstractGAN):
    """Transposed convolutions from noise to an image, strided convolutions from an image to its realness.

    The number of stages follows the images: each doubles (or halves) the sides, from maps of 4 to 7 pixels. The
    generator has batch normalisation and ReLU, the discriminator leaky ReLU and no batch normalisation. With classes,
    the generator's first maps get a learnt bias per class (the same as a label appended to the noise), and the
    discriminator's output is a common score plus one per class (a projection discriminator).

    Source: Radford et al. 2016, arXiv:1511.06434, for the layers; Miyato and Koyama 2018, arXiv:1802.05637,
    equation 3, for the classes. We differ: the number of stages and maps follows the images, the discriminator has no
    batch normalisation (R1 and the batch should not mix), and images end in a sigmoid that is stretched over the
    range of the prepared pixels.
    """

    facts = Facts(
        idea="a generator draws images from noise, a discriminator learns to tell them from real ones",
        year=2014,
        source="Goodfellow et al. 2014, arXiv:1406.2661; Radford et al. 2016, arXiv:1511.06434",
        smallest=8,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)

    generator: "Generator"

    def __init__(
        self,
        takes: Image,
        gives: Realness,
        *,
        width: Annotated[int, AtLeast(1), "Maps of the finest stage; coarser ones have more."] = 32,
        spectral: Annotated[bool, "Hold each layer of the discriminator to a slope of 1 (spectral norm)."] = False,
        dropout: Annotated[
            float, Between(0, 1, open_high=True), "Share of the discriminator's maps dropped in training."
        ] = 0.0,
    ) -> None:
        super().__init__()
        check_size(takes, self.facts.smallest, "gan")
        self.takes, self.gives = takes, gives
        stages = stages_for(takes)
        maps = [width * 2 ** min(stage, _MOST_DOUBLINGS) for stage in range(stages)]
        self.generator = Generator(takes, gives.noise, gives.size, maps)
        self.body = nn.Sequential(
            OrderedDict(
                (f"stage{number}", _Halving(before, after, dropout))
                for number, (before, after) in enumerate(zip([takes.channels, *maps], maps), 1)
            )
        )
        with torch.no_grad():
            units = self.body(torch.zeros(1, takes.channels, takes.height, takes.width)).numel()
        self.head = Projection(units, gives.size)
        _begin(self)
        if spectral:
            layers = [module for module in (*self.body.modules(), *self.head.modules()) if _weighs(module)]
            for layer in layers:
                spectral_norm(layer)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each of the discriminator's maps."""
        return {name: 2**number for number, (name, _) in enumerate(self.body.named_children(), 1)}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """The discriminator's maps, ``stage1`` and on."""
        maps, x = {}, images
        for name, stage in self.body.named_children():
            x = maps[name] = stage(x)
        return maps

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """How real each image looks as one of each class."""
        return self.head(self.body(images))

    def generate(self, noise: Float[Tensor, "n z"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n c h w"]:
        """Draw images, prepared as the data are."""
        return self.generator(noise, labels)

    def span(self, low: Sequence[float], high: Sequence[float]) -> None:
        """Draw each channel between these values."""
        self.generator.low.copy_(_planes(low))
        self.generator.high.copy_(_planes(high))


class Generator(nn.Module):
    """Noise, and a class, to an image.

    Args:
        gives: what is drawn.
        noise: numbers that an image is drawn from.
        classes: 1 for none.
        maps: of each stage, the finest first.
    """

    low: Tensor
    high: Tensor

    def __init__(self, gives: Image, noise: int, classes: int, maps: Sequence[int]) -> None:
        super().__init__()
        self.gives = gives
        stages = len(maps)
        self.start = (maps[-1], *(-(-side // 2**stages) for side in (gives.height, gives.width)))
        units = self.start[0] * self.start[1] * self.start[2]
        self.dense = nn.Linear(noise, units, bias=classes == 1)
        self.labels = nn.Embedding(classes, units) if classes > 1 else None
        planes = [*reversed(maps), gives.channels]
        self.stages = nn.Sequential(
            OrderedDict(
                (f"stage{number}", _Doubling(before, after))
                for number, (before, after) in enumerate(pairwise(planes), 1)
            )
        )
        self.register_buffer("low", _planes([-1.0] * gives.channels))
        self.register_buffer("high", _planes([1.0] * gives.channels))

    def forward(self, noise: Float[Tensor, "n z"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n c h w"]:
        """Images between ``low`` and ``high``."""
        units = self.dense(noise)
        if self.labels is not None:
            units = units + self.labels(labels)
        maps, rows, columns = self.start
        first = units.view(-1, rows, columns, maps).permute(0, 3, 1, 2)  # in channels_last order
        shares = torch.sigmoid(self.stages(first)[..., : self.gives.height, : self.gives.width].float())
        return self.low + (self.high - self.low) * shares


class Projection(nn.Module):
    """From the discriminator's last maps to one score, and with classes to that score plus one for each."""

    def __init__(self, units: int, classes: int) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.common = nn.Linear(units, 1)
        self.classes = nn.Linear(units, classes, bias=False) if classes > 1 else None

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Scores."""
        flat = self.flatten(maps)
        common = self.common(flat)
        return common if self.classes is None else common + self.classes(flat)


def stages_for(takes: Image) -> int:
    """How often the sides can be halved before maps have fewer than four pixels a side."""
    stages, side = 0, min(takes.height, takes.width)
    while side // 2 >= SMALLEST_MAP:
        stages, side = stages + 1, side // 2
    return stages


class _Doubling(nn.Sequential):
    def __init__(self, before: int, after: int) -> None:
        super().__init__(
            OrderedDict(
                norm=nn.BatchNorm2d(before),
                activation=nn.ReLU(),
                convolution=nn.ConvTranspose2d(before, after, 4, stride=2, padding=1),
            )
        )


class _Halving(nn.Sequential):
    def __init__(self, before: int, after: int, dropout: float) -> None:
        super().__init__(
            OrderedDict(
                convolution=nn.Conv2d(before, after, 4, stride=2, padding=1),
                activation=nn.LeakyReLU(_SLOPE),
                **({"dropout": nn.Dropout2d(dropout)} if dropout else {}),
            )
        )


def _weighs(module: nn.Module) -> bool:
    return isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.Embedding))


def _begin(network: nn.Module) -> None:
    """Small normal weights, biases of 0."""
    for layer in filter(_weighs, network.modules()):
        nn.init.normal_(layer.weight, std=_SPREAD)  # type: ignore[arg-type]
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]


def _planes(values: Iterable[float]) -> Float[Tensor, "c 1 1"]:
    return torch.tensor(list(values), dtype=torch.float32).view(-1, 1, 1)
