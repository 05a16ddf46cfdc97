"""AbstractNetwork: a body that gives named maps, and a head that turns the last of them into the output."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_type_hints

from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Shape, Vector


@dataclass(frozen=True)
class Facts:
    """What `neocog networks` says of an architecture.

    ``smallest`` is the smallest height and width, in pixels, that the network takes with its default options;
    ``home`` is the height and width that it was published for, None where it was published for none; ``channels`` and
    ``classes`` are those that it was published for then.
    """

    idea: str
    year: int
    source: str
    smallest: int = 1
    home: int | None = None
    channels: int = 3
    classes: int = 1000

    @property
    def at_home(self) -> tuple[Image, Vector] | None:
        """What it took and gave when it was published."""
        return None if self.home is None else (Image(self.channels, self.home, self.home), Vector(self.classes))


class AbstractNetwork(nn.Module, ABC):
    """A network of ours: its signature is ``(takes, gives, *, options)`` and is also its configuration.

    The annotations of ``takes`` and ``gives`` say which shapes it is for; ``refuse_other_shapes`` holds it to them.
    ``features(x)`` returns the named maps, finest first, or raises ``UsageProblem`` in a network without maps;
    ``strides`` says how many input pixels one step in each map is; ``head`` turns the last map into the output.

    ``scaled`` names the options that are its width: what is multiplied to bring networks to a common size; empty where
    a network has none.

    ``published`` says what the parameters are called where the weights of this network are published, which is
    torchvision's state dict: prefixes of our names -> prefixes of theirs, each of whole parts between dots. Of several
    that fit a name the longest counts; a name that none fits is the same there.
    """

    facts: ClassVar[Facts]
    published: ClassVar[Mapping[str, str]] = {}
    scaled: ClassVar[tuple[str, ...]] = ()
    takes: Shape
    gives: Shape
    head: nn.Module

    @property
    @abstractmethod
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map, by the names that ``features`` uses; empty where there are no maps."""

    @abstractmethod
    def features(self, items: Tensor) -> dict[str, Tensor]:
        """The named maps, finest first."""

    @abstractmethod
    def forward(self, items: Tensor) -> Tensor:
        """The output, in the shape that it gives: for classes one row of logits per item."""


def refuse_other_shapes(kind: Callable[..., nn.Module], name: str, takes: Shape, gives: Shape) -> None:
    """Hold a network to the shapes that its signature names; one that names none may try.

    Raises:
        UsageProblem: ``network-other-shape``.
    """
    hints = get_type_hints(kind.__init__) if isinstance(kind, type) else {}  # type: ignore[misc]
    for role, shape in (("takes", takes), ("gives", gives)):
        wanted = hints.get(role, Shape)
        if isinstance(wanted, type) and issubclass(wanted, Shape) and not isinstance(shape, wanted):
            raise UsageProblem(
                "network-other-shape",
                f"{name} {role} {_plural(wanted)}; here that is {_plural(type(shape))}",
                where=f"network {name}",
                help="see `neocog networks` for what each is for",
            )


def _plural(kind: type[Shape]) -> str:
    name = kind.__name__.lower()
    return name if name.endswith("s") else f"{name}s"


def check_size(takes: Image, smallest: int, name: str, *, remedy: str = "") -> None:
    """Refuse images that are smaller than the network can take; ``remedy`` is what else would help, in words."""
    if min(takes.height, takes.width) < smallest:
        raise UsageProblem(
            "network-image-too-small",
            f"{name} takes images of at least {smallest}x{smallest} pixels; these are {takes.height}x{takes.width}",
            where=f"network {name}",
            help=f"enlarge the images with --size {smallest}, {remedy + ', ' if remedy else ''}or leave {name} out of "
            "--networks",
        )


def without_maps(name: str) -> UsageProblem:
    """What a network without maps answers to ``features``."""
    return UsageProblem(
        "network-without-maps",
        f"{name} has no feature maps: its layers are dense",
        where=f"network {name}",
        help="choose a network with convolutions, such as simple-cnn, lenet5 or resnet",
    )
