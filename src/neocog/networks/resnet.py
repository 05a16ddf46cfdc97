"""ResNet: residual networks for small images, 8 to 110 layers deep."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import AtLeast, Between, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.activations import ActivationName, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.residual_block import ResidualBlock

SHALLOWEST, DEEPEST = 8, 110
_MOST_BLOCKS = (DEEPEST - 2) // 6
_PUBLISHED = {"stem.convolution": "conv1", "stem.norm": "bn1", "head.output": "linear"}
_PUBLISHED |= {f"stages.stage{n}": f"layer{n}" for n in (1, 2, 3)}
_PUBLISHED |= {
    f"stages.stage{n}.{block}.norm{i}": f"layer{n}.{block}.bn{i}"
    for n in (1, 2, 3)
    for block in range(_MOST_BLOCKS)
    for i in (1, 2)
}


class ResNet(AbstractNetwork):
    """A convolution, three stages of residual blocks, a mean over all pixels, a dense layer.

    The CIFAR family: depth 6n + 2 has n blocks of two convolutions in each stage; each stage halves the maps' sides
    and doubles their number. ``shortcut="none"`` is the plain twin, which shows what the shortcuts are worth.

    Raises:
        UsageProblem: ``option-value``, if the depth is not 6n + 2; ``network-image-too-small`` under 4x4 pixels.

    Source: He, Zhang, Ren and Sun 2016, arXiv 1512.03385, section 4.2. Weights begin as in He et al. 2015 (uniform),
    those of the output layer as Glorot's. ``zero_init``: Goyal et al. 2017, arXiv 1706.02677, section 5.1. Published
    weights: those of Y. Idelbayev's implementation for CIFAR-10 (shortcut A) have the names of ``published``.
    """

    facts = Facts(
        idea="blocks that add to their input instead of replacing it, so that depth does not hinder training",
        year=2016,
        source="He et al. 2016, Deep residual learning for image recognition, arXiv 1512.03385, section 4.2",
        smallest=4,
        home=32,
        classes=10,
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)
    published = _PUBLISHED

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        depth: Annotated[int, Between(SHALLOWEST, DEEPEST), "Number of weighted layers: 8, 14, 20, ... 110."] = 20,
        width: Annotated[int, AtLeast(1), "Maps in the first stage; the next have 2 and 4 times as many."] = 16,
        shortcut: Annotated[
            str, OneOf("A", "B", "none"), "Where shapes change: A pads with zeros, B projects; none: the plain twin."
        ] = "A",
        activation: ActivationName = "relu",
        zero_init: Annotated[bool, "Begin with blocks that change nothing: last batch-norm scales at 0."] = False,
        stem: Annotated[int, OneOf(1, 2, 4), "Stride of the first convolution: 2 or 4 for large images."] = 1,
    ) -> None:
        super().__init__()
        check_size(takes, self.facts.smallest * stem, "resnet")
        _check_depth(depth)
        self.takes, self.gives = takes, gives
        self._stem = stem
        blocks = (depth - 2) // 6
        self.stem = nn.Sequential(
            OrderedDict(
                convolution=nn.Conv2d(takes.channels, width, 3, stride=stem, padding=1, bias=False),
                norm=nn.BatchNorm2d(width),
                activation=activation_layer(activation),
            )
        )
        self.stages = nn.ModuleDict()
        inputs = width
        for number, stride in enumerate((1, 2, 2), 1):
            outputs = width * 2 ** (number - 1)
            self.stages[f"stage{number}"] = nn.Sequential(
                *(
                    ResidualBlock(
                        outputs if later else inputs,
                        outputs,
                        stride=1 if later else stride,
                        shortcut=shortcut,
                        activation=activation,
                    )
                    for later in range(blocks)
                )
            )
            inputs = outputs
        output = nn.Linear(inputs, gives.size)
        self.head = nn.Sequential(OrderedDict(mean=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), output=output))
        initialise(self, activation)
        initialise(output, "glorot")
        if zero_init:
            for block in (module for module in self.modules() if isinstance(module, ResidualBlock)):
                nn.init.zeros_(block.norm2.weight)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return {"stage1": self._stem, "stage2": 2 * self._stem, "stage3": 4 * self._stem}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``stage1``, ``stage2`` and ``stage3``."""
        maps, x = {}, self.stem(images)
        for name, stage in self.stages.items():
            x = maps[name] = stage(x)
        return maps

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.features(images)["stage3"])


def _check_depth(depth: int) -> None:
    if depth % 6 == 2 and SHALLOWEST <= depth <= DEEPEST:
        return
    below = min(max(SHALLOWEST, (depth - 2) // 6 * 6 + 2), DEEPEST)
    valid = sorted({below, min(below + 6, DEEPEST)} if SHALLOWEST < depth < DEEPEST else {below})
    raise UsageProblem(
        "option-value",
        f"depth = {depth} is not one of 8, 14, 20, ... 110 (6n + 2)",
        where="network resnet",
        help="the nearest: " + ", ".join(f"depth={each}" for each in valid),
    )
