"""CausalCNN: dilated convolutions in time that never look ahead."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import Between
from neocog.core.shapes import Series, Vector
from neocog.networks.network import AbstractNetwork, Facts
from neocog.nn.causal_block import CausalBlock


class CausalCNN(AbstractNetwork):
    """Residual blocks of two causal convolutions each; from block to block they reach twice as far back.

    The output is made from the last moment, which sees ``1 + 2 (kernel - 1) (2^blocks - 1)`` moments; as many blocks
    as it takes to see the whole past are the default.

    Source: Bai, Kolter and Koltun 2018, arXiv:1803.01271 (TCN), figure 1; van den Oord et al. 2016, arXiv:1609.03499.
    We use no weight normalisation.
    """

    facts = Facts(
        idea="convolutions in time that never look ahead, further back from layer to layer",
        year=2018,
        source="Bai, Kolter and Koltun 2018, An empirical evaluation of generic convolutional and recurrent networks",
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)

    def __init__(
        self,
        takes: Series,
        gives: Vector,
        *,
        width: Annotated[int, Between(1, 4096), "Channels of each convolution."] = 32,
        kernel: Annotated[int, Between(2, 63), "Moments that a convolution sees."] = 3,
        blocks: Annotated[int | None, Between(1, 16), "Residual blocks; none: as many as see the whole past."] = None,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of outputs left out at each step."] = 0.125,
    ) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        number = blocks or enough(takes.length, kernel)
        inputs = [takes.channels, *[width] * (number - 1)]
        self.body = nn.ModuleDict(
            {
                f"block{place + 1}": CausalBlock(channels, width, kernel=kernel, dilation=2**place, dropout=dropout)
                for place, channels in enumerate(inputs)
            }
        )
        self.head = nn.Linear(width, gives.length)

    @property
    def strides(self) -> Mapping[str, int]:
        """One moment in every map."""
        return dict.fromkeys(self.body, 1)

    def features(self, items: Float[Tensor, "n t c"]) -> dict[str, Tensor]:
        """The output of each block, channels before moments."""
        maps: dict[str, Tensor] = {}
        x = items.transpose(1, 2)
        for name, block in self.body.items():
            maps[name] = x = block(x)
        return maps

    def forward(self, items: Float[Tensor, "n t c"]) -> Float[Tensor, "n k"]:
        """The output, from the last moment."""
        return self.head(list(self.features(items).values())[-1][:, :, -1])


def enough(length: int, kernel: int) -> int:
    """Blocks whose last moment sees so many moments."""
    blocks = 1
    while 1 + 2 * (kernel - 1) * (2**blocks - 1) < length:
        blocks += 1
    return blocks
