"""SqueezeNet: the accuracy of AlexNet with a fiftieth of its weights."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.dropout import Dropout
from neocog.nn.fire import Fire
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
STEMS = {"1.0": (96, 7), "1.1": (64, 3)}  # maps and side of the first convolution
POOLED_BEFORE = {"1.0": (0, 3, 7), "1.1": (0, 2, 4)}  # the fires that begin with a pooling, counted from 0
SMALLEST = {"1.0": 21, "1.1": 17}
MAPS = ("stem", "stage1", "stage2", "stage3")


class SqueezeNet(AbstractNetwork):
    """A convolution, eight fire modules with three max-poolings between them, a 1x1 convolution, a mean over pixels.

    Equal to torchvision's, weight for weight. Version 1.1 has a smaller first convolution and pools earlier: the same
    accuracy for less than half of the arithmetic. Weights begin as torchvision's do: He's uniform, those of the last
    convolution normal with deviation .01. As in the paper a ReLU follows the last convolution too, so that no logit is
    negative; and there is no norm, so that a large rate can silence it for good: on tiny images Adam's .003 did, .001
    did not.

    Raises:
        UsageProblem: ``network-image-too-small`` under 21x21 pixels (17x17 in version 1.1), under 4x4 with the small
            stem.

    Source: Iandola et al. 2016, arXiv 1602.07360, table 1; version 1.1 is the authors' code of the same year.
    """

    facts = Facts(
        idea="few maps squeezed out of many before each 3x3 convolution: AlexNet's accuracy with 1/50 of its weights",
        year=2016,
        source="Iandola et al. 2016, SqueezeNet, arXiv 1602.07360",
        smallest=21,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {"body": "features", "head.classes": "classifier.1"}

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        version: Annotated[str, OneOf("1.0", "1.1"), "As in the paper, or the authors' cheaper one."] = "1.0",
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first convolution steps by 1 instead of 2 and loses no border, and the first pooling is left "
            "out, so that maps are 4 times finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of numbers left out before the end."] = 0.5,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 4 if small else SMALLEST[version], "squeezenet", remedy="take `squeezenet[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 2, 4) if small else (2, 4, 8, 16)
        maps, side = STEMS[version]
        outputs = widened(maps, width)
        padding, stride = (side // 2, 1) if small else (0, 2)
        layers: list[nn.Module] = [
            nn.Conv2d(takes.channels, outputs, side, stride=stride, padding=padding),
            nn.ReLU(inplace=True),
        ]
        self._taps: dict[str, str] = {}
        for place, (squeezed, expanded) in enumerate(FIRES):
            if place in POOLED_BEFORE[version]:
                self._taps[str(len(layers) - 1)] = MAPS[len(self._taps)]
                layers.append(nn.Identity() if small and place == 0 else nn.MaxPool2d(3, stride=2, ceil_mode=True))
            layers.append(Fire(outputs, widened(squeezed, width), widened(expanded, width)))
            outputs = 2 * widened(expanded, width)
        self._taps[str(len(layers) - 1)] = MAPS[-1]
        self.body = nn.Sequential(*layers)
        classes = nn.Conv2d(outputs, gives.size, 1)
        self.head = nn.Sequential(
            OrderedDict(
                dropout=Dropout(dropout),
                classes=classes,
                relu=nn.ReLU(inplace=True),
                mean=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
            )
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_uniform_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        nn.init.normal_(classes.weight, 0, 0.01)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(MAPS, self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stem`` and ``stage1`` to ``stage3``: what stands before each pooling, and the last."""
        return tapped(self.body, images, self._taps)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(images))
