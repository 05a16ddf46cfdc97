"""MobileNetV2: thin maps between blocks, wide ones inside, each map convolved by itself."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.dropout import Dropout
from neocog.nn.he_fan_out import he_fan_out
from neocog.nn.inverted_residual import InvertedResidual
from neocog.nn.normed_convolution import normed_convolution
from neocog.nn.tapped import tapped
from neocog.nn.widened import widened

FIRST, LAST = 32, 1280
TABLE_2 = (  # expansion, maps, blocks, stride of the first of them
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
BLOCKS = sum(blocks for _, _, blocks, _ in TABLE_2)
TAPS = {"1": "stage1", "3": "stage2", "6": "stage3", "13": "stage4", str(BLOCKS + 1): "stage5"}
MULTIPLE = 8


class MobileNetV2(AbstractNetwork):
    """A convolution, 17 inverted residual blocks, a 1x1 convolution to 1280 maps, a mean over pixels, a dense layer.

    Equal to torchvision's, weight for weight. Weights begin as torchvision's do: convolutions as in He et al. 2015,
    the dense layer normal with deviation .01.

    Raises:
        UsageProblem: ``network-image-too-small`` under 32x32 pixels, under 8x8 with the small stem.

    Source: Sandler et al. 2018, arXiv 1801.04381, table 2.
    """

    facts = Facts(
        idea="blocks that widen, convolve each map by itself and narrow again: accuracy for little arithmetic",
        year=2018,
        source="Sandler et al. 2018, MobileNetV2, arXiv 1801.04381",
        smallest=32,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        "body": "features",
        **{
            f"body.{block}.{ours}": f"features.{block}.conv.{theirs if block > 1 else theirs - 1}"
            for block in range(1, BLOCKS + 1)
            for ours, theirs in (("expand", 0), ("depthwise", 1), ("project.0", 2), ("project.1", 3))
        },
        "head.output": "classifier.1",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        width: Annotated[
            float, Above(0), "Multiplies the maps of every layer, to multiples of 8; the last has 1280 or more."
        ] = 1.0,
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first two layers with steps of 2 step by 1, so that maps are 4 times finer; every weight keeps "
            "its shape.",
        ] = "imagenet",
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of numbers left out before the end."] = 0.2,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 8 if small else self.facts.smallest, "mobilenet-v2", remedy="take `mobilenet-v2[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 2, 4, 8) if small else (2, 4, 8, 16, 32)
        inputs = widened(FIRST, width, MULTIPLE)
        first = 1 if small else 2
        layers: list[nn.Module] = [
            normed_convolution(takes.channels, inputs, 3, stride=first, activation=nn.ReLU6(inplace=True))
        ]
        for expansion, maps, blocks, stride in TABLE_2:
            for block in range(blocks):
                outputs = widened(maps, width, MULTIPLE)
                step = stride if block == 0 and not (small and len(layers) == 2) else 1
                layers.append(InvertedResidual(inputs, outputs, stride=step, expansion=expansion))
                inputs = outputs
        last = widened(LAST, max(1, width), MULTIPLE)
        layers.append(normed_convolution(inputs, last, 1, activation=nn.ReLU6(inplace=True)))
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            OrderedDict(
                mean=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                dropout=Dropout(dropout),
                output=nn.Linear(last, gives.size),
            )
        )
        he_fan_out(self, dense=0.01)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(TAPS.values(), self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1`` to ``stage5``: the last of each size."""
        return tapped(self.body, images, TAPS)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(images))
