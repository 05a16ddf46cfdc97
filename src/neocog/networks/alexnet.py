"""AlexNet: the network that won ImageNet in 2012, in its one-tower form."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.adaptive_mean import AdaptiveMean
from neocog.nn.dropout import Dropout
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

MAPS = (64, 192, 384, 256, 256)
UNITS = 4096
SIDE = 6
TAPS = {"relu1": "conv1", "relu2": "conv2", "relu5": "conv5", "pool5": "pool5"}


class AlexNet(AbstractNetwork):
    """Five convolutions, the first of 11x11 pixels in steps of 4, three max-poolings, three dense layers.

    Equal to torchvision's, weight for weight. Weights begin as torch's own, uniform within 1 / sqrt(inputs), as
    torchvision's do; the paper's (normal with deviation .01, some biases of 1) need its schedule.

    Raises:
        UsageProblem: ``network-image-too-small`` under 63x63 pixels, under 7x7 with the small stem.

    Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks",
    with the maps of Krizhevsky 2014, arXiv 1404.5997: one tower in the place of two, and no local response norm.
    """

    facts = Facts(
        idea="a deep CNN with ReLU, dropout and a GPU: the network that began the present age",
        year=2012,
        source="Krizhevsky et al. 2012, ImageNet classification with deep CNNs; one tower: arXiv 1404.5997",
        smallest=63,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        **{f"body.conv{ours}": f"features.{theirs}" for ours, theirs in enumerate((0, 3, 6, 8, 10), 1)},
        "head.dense6": "classifier.1",
        "head.dense7": "classifier.4",
        "head.output": "classifier.6",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first convolution steps by 1 instead of 4 and loses no border, and the first pooling is left "
            "out, so that maps are 8 times finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of units left out before dense layers."] = 0.5,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 7 if small else self.facts.smallest, "alexnet", remedy="take `alexnet[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 2, 4) if small else (4, 8, 16, 32)
        maps, units = [widened(count, width) for count in MAPS], widened(UNITS, width)
        self.body = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(takes.channels, maps[0], 11, stride=1 if small else 4, padding=5 if small else 2),
                relu1=nn.ReLU(inplace=True),
                pool1=nn.Identity() if small else nn.MaxPool2d(3, stride=2),
                conv2=nn.Conv2d(maps[0], maps[1], 5, padding=2),
                relu2=nn.ReLU(inplace=True),
                pool2=nn.MaxPool2d(3, stride=2),
                conv3=nn.Conv2d(maps[1], maps[2], 3, padding=1),
                relu3=nn.ReLU(inplace=True),
                conv4=nn.Conv2d(maps[2], maps[3], 3, padding=1),
                relu4=nn.ReLU(inplace=True),
                conv5=nn.Conv2d(maps[3], maps[4], 3, padding=1),
                relu5=nn.ReLU(inplace=True),
                pool5=nn.MaxPool2d(3, stride=2),
            )
        )
        self.head = nn.Sequential(
            OrderedDict(
                mean=AdaptiveMean(SIDE),
                flatten=nn.Flatten(),
                dropout6=Dropout(dropout),
                dense6=nn.Linear(maps[4] * SIDE**2, units),
                relu6=nn.ReLU(inplace=True),
                dropout7=Dropout(dropout),
                dense7=nn.Linear(units, units),
                relu7=nn.ReLU(inplace=True),
                output=nn.Linear(units, gives.size),
            )
        )

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(TAPS.values(), self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``conv1``, ``conv2`` and ``conv5``, each after its ReLU, and ``pool5``."""
        return tapped(self.body, images, TAPS)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(images))
