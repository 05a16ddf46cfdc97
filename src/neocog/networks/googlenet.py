"""GoogLeNet: windows of several sizes side by side, and helpers in the middle."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.adaptive_mean import AdaptiveMean
from neocog.nn.dropout import Dropout
from neocog.nn.inception_block import InceptionBlock
from neocog.nn.inception_convolution import inception_convolution
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

TABLE_1: dict[str, tuple[int, ...]] = {  # maps: 1x1, 3x3 (reduced, then full), 5x5 (reduced, then full), pooled
    "inception3a": (64, 96, 128, 16, 32, 32),
    "inception3b": (128, 128, 192, 32, 96, 64),
    "maxpool3": (3,),  # side of the window
    "inception4a": (192, 96, 208, 16, 48, 64),
    "inception4b": (160, 112, 224, 24, 64, 64),
    "inception4c": (128, 128, 256, 24, 64, 64),
    "inception4d": (112, 144, 288, 32, 64, 64),
    "inception4e": (256, 160, 320, 32, 128, 128),
    "maxpool4": (2,),
    "inception5a": (256, 160, 320, 32, 128, 128),
    "inception5b": (384, 192, 384, 48, 128, 128),
}
STEM = ("conv1", "maxpool1", "conv2", "conv3", "maxpool2")
TAPS = {"conv1": "stage1", "conv3": "stage2", "inception3b": "stage3", "inception4e": "stage4", "inception5b": "stage5"}
HEADS = {"inception4a": "aux1", "inception4d": "aux2"}
DEVIATION = 0.01


class GoogLeNet(AbstractNetwork):
    """A stem, nine Inception modules, a mean over pixels, a dense layer; two more heads that help while training.

    Equal to torchvision's, weight for weight (``transform_input=False``), which differs from the paper: batch norm
    after each convolution, no response normalisation, 3x3 windows where the paper has 5x5, and auxiliary heads that
    see means over 4x4 parts of any map. Weights begin as torchvision's: normal with deviation .01, cut at 2.

    The auxiliary heads are there while training only, each with the weight ``auxiliary`` in the loss.

    Raises:
        UsageProblem: ``network-image-too-small`` under 15x15 pixels, under 4x4 with the small stem.

    Source: Szegedy et al. 2015, arXiv 1409.4842, table 1 and section 5; batch norm: Ioffe and Szegedy 2015.
    """

    facts = Facts(
        idea="windows of several sizes side by side in each block, made cheap by 1x1 convolutions before them",
        year=2014,
        source="Szegedy et al. 2015, Going deeper with convolutions, arXiv 1409.4842",
        smallest=15,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        **{f"body.{name}": name for name in (*STEM, *TABLE_1)},
        **{f"auxiliary.{name}": name for name in HEADS.values()},
        "head.output": "fc",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        auxiliary: Annotated[
            float, Between(0, 1), "Weight of each auxiliary head in the loss while training; 0 leaves them out."
        ] = 0.3,
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first convolution steps by 1 and the first two poolings are left out, so that maps are 8 times "
            "finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of numbers left out before the end."] = 0.2,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 4 if small else self.facts.smallest, "googlenet", remedy="take `googlenet[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 1, 2, 4) if small else (2, 4, 8, 16, 32)
        self._weight = auxiliary
        few, many = widened(64, width), widened(192, width)
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=inception_convolution(takes.channels, few, 7, stride=1 if small else 2),
            maxpool1=nn.Identity() if small else _pool(3),
            conv2=inception_convolution(few, few),
            conv3=inception_convolution(few, many, 3),
            maxpool2=nn.Identity() if small else _pool(3),
        )
        outputs = {}
        inputs = many
        for name, row in TABLE_1.items():
            if len(row) == 1:
                layers[name] = _pool(row[0])
                continue
            maps = [widened(count, width) for count in row]
            layers[name] = _inception(inputs, maps)
            inputs = outputs[name] = maps[0] + maps[2] + maps[4] + maps[5]
        self.body = nn.Sequential(layers)
        heads = {name: _auxiliary(outputs[at], gives.size, width) for at, name in HEADS.items()}
        self.auxiliary = nn.ModuleDict(heads if auxiliary else {})
        self.head = nn.Sequential(
            OrderedDict(
                mean=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                dropout=Dropout(dropout),
                output=nn.Linear(inputs, gives.size),
            )
        )
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(layer.weight, std=DEVIATION)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(TAPS.values(), self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1`` to ``stage5``: what stands before each pooling, and the last."""
        return tapped(self.body, images, TAPS)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits of the last head."""
        return self.head(self.body(images))

    def every_output(self, images: Float[Tensor, "n c h w"]) -> Sequence[tuple[float, Tensor]]:
        """Logits of all heads, each with its weight in the loss: the last one first."""
        maps = tapped(self.body, images, HEADS | {"inception5b": "last"})
        helpers = [(self._weight, head(maps[name])) for name, head in self.auxiliary.items()]
        return [(1.0, self.head(maps["last"])), *helpers]


def _pool(side: int) -> nn.Module:
    return nn.MaxPool2d(side, stride=2, ceil_mode=True)


def _inception(inputs: int, maps: Sequence[int]) -> InceptionBlock:
    """Figure 2b."""
    one, three_reduced, three, five_reduced, five, pooled = maps
    reduced3, reduced5 = inception_convolution(inputs, three_reduced), inception_convolution(inputs, five_reduced)
    pool = nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True)
    return InceptionBlock(
        [("branch1", inception_convolution(inputs, one))],
        [("branch2", nn.Sequential(reduced3, inception_convolution(three_reduced, three, 3)))],
        [("branch3", nn.Sequential(reduced5, inception_convolution(five_reduced, five, 3)))],
        [("branch4", nn.Sequential(pool, inception_convolution(inputs, pooled)))],
    )


def _auxiliary(inputs: int, classes: int, width: float) -> nn.Sequential:
    maps, units = widened(128, width), widened(1024, width)
    return nn.Sequential(
        OrderedDict(
            mean=AdaptiveMean(4),
            conv=inception_convolution(inputs, maps),
            flatten=nn.Flatten(),
            fc1=nn.Linear(16 * maps, units),
            relu=nn.ReLU(inplace=True),
            dropout=Dropout(0.7),
            fc2=nn.Linear(units, classes),
        )
    )
