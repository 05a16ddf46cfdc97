"""InceptionV3: large windows made of small ones, and rows and columns in the place of squares."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.adaptive_mean import AdaptiveMean
from neocog.nn.dropout import Dropout
from neocog.nn.inception_convolution import inception_convolution
from neocog.nn.inception_v3_blocks import block_a, block_b, block_c, block_d, block_e
from neocog.nn.tapped import tapped
from neocog.nn.widened import WIDTH_HELP, widened

STEM: dict[str, tuple[int, int, int, bool] | None] = {  # maps, side of the window, stride, whether the border is kept
    "Conv2d_1a_3x3": (32, 3, 2, False),
    "Conv2d_2a_3x3": (32, 3, 1, False),
    "Conv2d_2b_3x3": (64, 3, 1, True),
    "maxpool1": None,
    "Conv2d_3b_1x1": (80, 1, 1, True),
    "Conv2d_4a_3x3": (192, 3, 1, False),
    "maxpool2": None,
}
BLOCKS: dict[str, tuple[Any, ...]] = {  # kind, and what is left open in it
    "Mixed_5b": (block_a, 32),
    "Mixed_5c": (block_a, 64),
    "Mixed_5d": (block_a, 64),
    "Mixed_6a": (block_b,),
    "Mixed_6b": (block_c, 128),
    "Mixed_6c": (block_c, 160),
    "Mixed_6d": (block_c, 160),
    "Mixed_6e": (block_c, 192),
    "Mixed_7a": (block_d,),
    "Mixed_7b": (block_e,),
    "Mixed_7c": (block_e,),
}
TAPS = {
    "Conv2d_2b_3x3": "stage1",
    "Conv2d_4a_3x3": "stage2",
    "Mixed_5d": "stage3",
    "Mixed_6e": "stage4",
    "Mixed_7c": "stage5",
}
HELPED = "Mixed_6e"
LARGE = 17  # maps from this side on have the published pooling before the auxiliary head's 5x5 window


class InceptionV3(AbstractNetwork):
    """Five convolutions, eleven Inception blocks of five kinds, a mean over pixels, a dense layer; one auxiliary head.

    Equal to torchvision's, weight for weight (``transform_input=False``). Weights begin as torchvision's: normal with
    deviation .1 (.001 in the auxiliary head's dense layer), cut at 2. The auxiliary head is there while training only;
    the paper names no weight for it, so ``auxiliary`` is GoogLeNet's. On maps of less than 17x17 it averages to 5x5
    instead of over 5x5 windows in steps of 3, so that images of any size can be trained on.

    Raises:
        UsageProblem: ``network-image-too-small`` under 75x75 pixels, under 7x7 with the small stem.

    Source: Szegedy et al. 2016, arXiv 1512.00567, table 1 and section 4.
    """

    facts = Facts(
        idea="large windows made of small ones, rows and columns in the place of squares",
        year=2015,
        source="Szegedy et al. 2016, Rethinking the Inception architecture, arXiv 1512.00567",
        smallest=75,
        home=299,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        **{f"body.{name}": name for name in (*STEM, *BLOCKS)},
        "auxiliary": "AuxLogits",
        "head.output": "fc",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        auxiliary: Annotated[
            float, Between(0, 1), "Weight of the auxiliary head in the loss while training; 0 leaves it out."
        ] = 0.3,
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first convolution steps by 1, those before the blocks keep the border and the two poolings are "
            "left out, so that maps are 8 times finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of numbers left out before the end."] = 0.5,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 7 if small else self.facts.smallest, "inception-v3", remedy="take `inception-v3[stem=small]`")
        self.takes, self.gives = takes, gives
        self._steps = (1, 1, 1, 2, 4) if small else (2, 4, 8, 16, 32)
        self._weight = auxiliary
        side, inputs, helped = min(takes.height, takes.width), takes.channels, 0
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for name, row in STEM.items():
            if row is None:
                layers[name] = nn.Identity() if small else nn.MaxPool2d(3, stride=2)
                side = side if small else (side - 3) // 2 + 1
                continue
            outputs, window, stride, border = widened(row[0], width), *row[1:]
            stride, padding = (1, None) if small else (stride, None if border else 0)
            layers[name] = inception_convolution(inputs, outputs, window, stride=stride, padding=padding)
            side = side if padding is None else (side - window) // stride + 1
            inputs = outputs
        for name, (block, *maps) in BLOCKS.items():
            layers[name], inputs = block(inputs, *maps, width)
            helped = inputs if name == HELPED else helped
        self.body = nn.Sequential(layers)
        large = (side - 3) // 2 + 1 >= LARGE
        self.auxiliary = _auxiliary(helped, gives.size, width, large) if auxiliary else None
        self.head = nn.Sequential(
            OrderedDict(
                mean=nn.AdaptiveAvgPool2d(1),
                dropout=Dropout(dropout),
                flatten=nn.Flatten(),
                output=nn.Linear(inputs, gives.size),
            )
        )
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(layer.weight, std=0.1)
        if self.auxiliary is not None:
            nn.init.trunc_normal_(self.auxiliary.fc.weight, std=0.001)  # type: ignore[arg-type, union-attr]

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return dict(zip(TAPS.values(), self._steps, strict=True))

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1`` to ``stage5``: what stands before each halving, and the last."""
        return tapped(self.body, images, TAPS)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits of the last head."""
        return self.head(self.body(images))

    def every_output(self, images: Float[Tensor, "n c h w"]) -> Sequence[tuple[float, Tensor]]:
        """Logits of both heads, each with its weight in the loss: the last one first."""
        maps = tapped(self.body, images, {HELPED: "helped", "Mixed_7c": "last"})
        helper = [] if self.auxiliary is None else [(self._weight, self.auxiliary(maps["helped"]))]
        return [(1.0, self.head(maps["last"])), *helper]


def _auxiliary(inputs: int, classes: int, width: float, large: bool) -> nn.Sequential:
    few, many = widened(128, width), widened(768, width)
    return nn.Sequential(
        OrderedDict(
            pool=nn.AvgPool2d(5, stride=3) if large else AdaptiveMean(5),
            conv0=inception_convolution(inputs, few),
            conv1=inception_convolution(few, many, 5, padding=0),
            mean=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(many, classes),
        )
    )
