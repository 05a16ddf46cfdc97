"""ConvNeXt: a ResNet rebuilt, step by step, with what vision transformers had taught."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Above, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.channel_norm import ChannelNorm
from neocog.nn.convnext_block import EPSILON, ConvNeXtBlock
from neocog.nn.widened import WIDTH_HELP, widened

SIZES = {  # maps and blocks of the four stages, and the usual stochastic depth
    "tiny": ((96, 192, 384, 768), (3, 3, 9, 3), 0.1),
    "small": ((96, 192, 384, 768), (3, 3, 27, 3), 0.4),
    "base": ((128, 256, 512, 1024), (3, 3, 27, 3), 0.5),
}
PATCH = 4
DEVIATION = 0.02


class ConvNeXt(AbstractNetwork):
    """4x4 patches, four stages of ConvNeXt blocks with a 2x2 convolution between them, a mean over pixels, layer norm.

    Equal to torchvision's, weight for weight, with its share of stochastic depth, which rises evenly from 0 at the
    first block. Weights begin normal with deviation .02, cut off at plus and minus 2, as in the paper and torchvision.

    Raises:
        UsageProblem: ``network-image-too-small`` under 32x32 pixels, under 8x8 with the small stem.

    Source: Liu et al. 2022, arXiv 2201.03545, section 3 and appendix A.1.
    """

    facts = Facts(
        idea="a ResNet modernised: wide kernels on each map by itself, fewer norms and activations, GELU",
        year=2022,
        source="Liu et al. 2022, A ConvNet for the 2020s, arXiv 2201.03545",
        smallest=32,
        home=224,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published: ClassVar[Mapping[str, str]] = {
        "stem": "features.0",
        **{f"stages.stage{stage}.shrink": f"features.{2 * stage - 2}" for stage in range(2, 5)},
        **{f"stages.stage{stage}.blocks": f"features.{2 * stage - 1}" for stage in range(1, 5)},
        **{
            f"stages.stage{stage}.blocks.{block}.{ours}": f"features.{2 * stage - 1}.{block}.block.{theirs}"
            for stage in range(1, 5)
            for block in range(max(SIZES["base"][1]))
            for ours, theirs in (("depthwise", 0), ("norm", 2), ("expand", 3), ("project", 5))
        },
        "head.norm": "classifier.0",
        "head.output": "classifier.2",
    }

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        size: Annotated[str, OneOf(*SIZES), "How many maps and blocks."] = "tiny",
        stem: Annotated[
            str,
            OneOf("imagenet", "small"),
            "small: the 4x4 patches overlap, one at each pixel instead of every fourth, so that maps are 4 times "
            "finer; every weight keeps its shape.",
        ] = "imagenet",
        width: Annotated[float, Above(0), WIDTH_HELP] = 1.0,
        stochastic_depth: Annotated[
            float | None,
            Between(0, 1, open_high=True),
            "Share of items for which the last block is left out while training; none: as published, .1, .4 or .5.",
        ] = None,
    ) -> None:
        super().__init__()
        small = stem == "small"
        check_size(takes, 8 if small else self.facts.smallest, "convnext", remedy="take `convnext[stem=small]`")
        self.takes, self.gives = takes, gives
        self._first = 1 if small else PATCH
        published, counts, usual = SIZES[size]
        maps = [widened(count, width) for count in published]
        drop = usual if stochastic_depth is None else stochastic_depth
        padding = PATCH // 2 if small else 0
        patches = nn.Conv2d(takes.channels, maps[0], PATCH, stride=self._first, padding=padding)
        self.stem = nn.Sequential(patches, ChannelNorm(maps[0], eps=EPSILON))
        self.stages = nn.ModuleDict()
        done, last = 0, sum(counts) - 1
        for stage, count in enumerate(counts):
            layers: OrderedDict[str, nn.Module] = OrderedDict()
            if stage:
                shrinking = nn.Conv2d(maps[stage - 1], maps[stage], 2, stride=2)
                layers["shrink"] = nn.Sequential(ChannelNorm(maps[stage - 1], eps=EPSILON), shrinking)
            drops = [drop * (done + block) / last for block in range(count)]
            layers["blocks"] = nn.Sequential(*(ConvNeXtBlock(maps[stage], drop=share) for share in drops))
            self.stages[f"stage{stage + 1}"] = nn.Sequential(layers)
            done += count
        self.head = nn.Sequential(
            OrderedDict(
                mean=nn.AdaptiveAvgPool2d(1),
                norm=ChannelNorm(maps[-1], eps=EPSILON),
                flatten=nn.Flatten(),
                output=nn.Linear(maps[-1], gives.size),
            )
        )
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(layer.weight, std=DEVIATION)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

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
