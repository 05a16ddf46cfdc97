"""ResNetImageNet: the residual networks that won ImageNet in 2015, 18 to 152 layers deep."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.bottleneck_block import WIDER, BottleneckBlock
from neocog.nn.he_fan_out import he_fan_out
from neocog.nn.residual_block import ResidualBlock
from neocog.nn.widened import WIDTH_HELP, widened

MAPS = (64, 128, 256, 512)
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
SHALLOWEST_BOTTLENECK = 50
MOST_BLOCKS = 36


class ResNetImageNet(AbstractNetwork):
    """A 7x7 convolution, a max-pooling, four stages of residual blocks, a mean over all pixels, a dense layer.

    Depths 18 and 34 have blocks of two 3x3 convolutions; 50, 101 and 152 have bottlenecks, whose 3x3 convolution takes
    the step (torchvision's "v1.5"; in the paper the 1x1 convolution before it does). ``shortcut="none"`` is the plain
    twin, which shows what the shortcuts are worth. Equal to torchvision's, weight for weight; weights begin as
    torchvision's do: convolutions as in He et al. 2015, the dense layer as torch's own. For small images the family of
    `resnet` was made.

    Raises:
        UsageProblem: ``network-image-too-small`` under 32x32 pixels, under 8x8 with the small stem.

    Source: He, Zhang, Ren and Sun 2016, arXiv 1512.03385, table 1. ``zero_init``: Goyal et al. 2017, arXiv 1706.02677,
    section 5.1.
    """

    facts = Facts(
        idea="blocks that add to their input instead of replacing it: 18 to 152 layers for photographs",
        year=2016,
        source="He et al. 2016, Deep residual learning for image recognition, arXiv 1512.03385, table 1",
        smallest=32,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        "stem.convolution": "conv1",
        "stem.norm": "bn1",
        **{f"stages.stage{stage}": f"layer{stage}" for stage in range(1, 5)},
        **{
            f"stages.stage{stage}.{block}.{ours}": f"layer{stage}.{block}.{theirs}"
            for stage in range(1, 5)
            for block in range(MOST_BLOCKS)
            for ours, theirs in (("norm1", "bn1"), ("norm2", "bn2"), ("norm3", "bn3"), ("shortcut", "downsample"))
        },
        "head.output": "fc",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        depth: Annotated[int, OneOf(*BLOCKS), "Number of weighted layers."] = 18,
        shortcut: Annotated[
            str, OneOf("projection", "none"), "Where shapes change, a 1x1 convolution; none: the plain twin."
        ] = "projection",
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the first convolution steps by 1 instead of 2 and the pooling after it is left out, so that maps "
            "are 4 times finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        zero_init: Annotated[bool, "Begin with blocks that change nothing: last batch-norm scales at 0."] = False,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(
            takes, 8 if small else self.facts.smallest, "resnet-imagenet", remedy="take `resnet-imagenet[stem=small]`"
        )
        self.takes, self.gives = takes, gives
        self._first = 1 if small else 4
        inputs = widened(MAPS[0], width)
        self.stem = nn.Sequential(
            OrderedDict(
                convolution=nn.Conv2d(takes.channels, inputs, 7, stride=1 if small else 2, padding=3, bias=False),
                norm=nn.BatchNorm2d(inputs),
                activation=nn.ReLU(inplace=True),
                pool=nn.Identity() if small else nn.MaxPool2d(3, stride=2, padding=1),
            )
        )
        self.stages = nn.ModuleDict()
        for stage, (count, maps) in enumerate(zip(BLOCKS[depth], MAPS, strict=True), 1):
            blocks: list[nn.Module] = []
            for block in range(count):
                stride = 2 if stage > 1 and block == 0 else 1
                blocks.append(_block(depth, inputs, widened(maps, width), stride, shortcut))
                inputs = widened(maps, width) * (WIDER if depth >= SHALLOWEST_BOTTLENECK else 1)
            self.stages[f"stage{stage}"] = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            OrderedDict(mean=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), output=nn.Linear(inputs, gives.size))
        )
        he_fan_out(self)
        if zero_init:
            for module in self.modules():
                if isinstance(module, (BottleneckBlock, ResidualBlock)):
                    last = module.norm3 if isinstance(module, BottleneckBlock) else module.norm2
                    nn.init.zeros_(last.weight)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return {name: self._first * 2**place for place, name in enumerate(self.stages)}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1`` to ``stage4``."""
        maps, x = {}, self.stem(images)
        for name, stage in self.stages.items():
            x = maps[name] = stage(x)
        return maps

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.features(images)["stage4"])


def _block(depth: int, inputs: int, maps: int, stride: int, shortcut: str) -> nn.Module:
    if depth >= SHALLOWEST_BOTTLENECK:
        return BottleneckBlock(inputs, maps, stride=stride, shortcut=shortcut)
    kind = {"projection": "B", "none": "none"}[shortcut]
    return ResidualBlock(inputs, maps, stride=stride, shortcut=kind, activation="relu", in_place=True)
