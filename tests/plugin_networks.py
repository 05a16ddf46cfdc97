"""Networks of a user's own, some of them broken, named as plugin_networks:CLASS."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, without_maps

print("plug-ins may print when they are imported")


class Fine(AbstractNetwork):
    """One dense layer."""

    facts = Facts("a dense layer", 2026, "a test")

    def __init__(self, takes: Image, gives: Vector) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(takes.channels * takes.height * takes.width, gives.size))

    @property
    def strides(self) -> Mapping[str, int]:
        return {}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        raise without_maps("fine")

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        return self.head(images)  # type: ignore[no-any-return]


class Diverging(Fine):
    """Its loss is no number once it trains."""

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        return self.head(images) * (float("nan") if self.training else 1.0)  # type: ignore[no-any-return]


class Raising(Fine):
    """Fails once it trains."""

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        self.calls = getattr(self, "calls", 0) + self.training
        if self.calls > 2:
            raise ValueError("this network was made to fail")
        return self.head(images)  # type: ignore[no-any-return]


class OutOfMemory(Fine):
    """Asks for more than there is."""

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        if self.training:
            raise MemoryError("DefaultCPUAllocator: not enough memory")
        return self.head(images)  # type: ignore[no-any-return]


class Unbuildable(Fine):
    """Cannot even be made."""

    def __init__(self, takes: Image, gives: Vector) -> None:
        raise ValueError("it cannot be built")
