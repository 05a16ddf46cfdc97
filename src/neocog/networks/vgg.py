"""VGG: depth out of nothing but 3x3 convolutions."""

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
from neocog.nn.he_fan_out import he_fan_out
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

MAPS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
UNITS = 4096
SIDE = 7


class VGG(AbstractNetwork):
    """Five stages of 3x3 convolutions with a max-pooling after each, then three dense layers.

    Equal to torchvision's, weight for weight. Weights begin as torchvision's do: convolutions as in He et al. 2015,
    dense layers normal with deviation .01; the paper began the deeper ones with the weights of a trained shallow one.

    Raises:
        UsageProblem: ``network-image-too-small`` under 32x32 pixels, under 8x8 with the small stem.

    Source: Simonyan and Zisserman 2015, arXiv 1409.1556, table 1, columns A, B, D and E; ``norm`` came later (Ioffe
    and Szegedy 2015).
    """

    facts = Facts(
        idea="depth out of 3x3 convolutions only, in stages that end with a pooling",
        year=2014,
        source="Simonyan and Zisserman 2015, Very deep convolutional networks, arXiv 1409.1556",
        smallest=32,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        "body": "features",
        "head.dense1": "classifier.0",
        "head.dense2": "classifier.3",
        "head.output": "classifier.6",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        depth: Annotated[int, OneOf(*CONVOLUTIONS), "Number of weighted layers."] = 11,
        norm: Annotated[bool, "Batch norm after each convolution."] = False,
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first two poolings are left out, so that maps are 4 times finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of units left out after dense layers."] = 0.5,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 8 if small else self.facts.smallest, "vgg", remedy="take `vgg[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 1, 2, 4, 8) if small else (1, 2, 4, 8, 16, 32)
        maps, units = [widened(count, width) for count in MAPS], widened(UNITS, width)
        layers: list[nn.Module] = []
        self._taps: dict[str, str] = {}
        inputs = takes.channels
        for stage, (count, outputs) in enumerate(zip(CONVOLUTIONS[depth], maps, strict=True), 1):
            for _ in range(count):
                layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
                layers += [nn.BatchNorm2d(outputs)] if norm else []
                layers.append(nn.ReLU(inplace=True))
                inputs = outputs
            self._taps[str(len(layers) - 1)] = f"stage{stage}"
            layers.append(nn.Identity() if small and stage <= 2 else nn.MaxPool2d(2))
        self._taps[str(len(layers) - 1)] = "pool5"
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            OrderedDict(
                mean=AdaptiveMean(SIDE),
                flatten=nn.Flatten(),
                dense1=nn.Linear(inputs * SIDE**2, units),
                relu1=nn.ReLU(inplace=True),
                dropout1=Dropout(dropout),
                dense2=nn.Linear(units, units),
                relu2=nn.ReLU(inplace=True),
                dropout2=Dropout(dropout),
                output=nn.Linear(units, gives.size),
            )
        )
        he_fan_out(self, dense=0.01)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(self._taps.values(), self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1`` to ``stage5``, each before its pooling, and ``pool5``."""
        return tapped(self.body, images, self._taps)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(images))
