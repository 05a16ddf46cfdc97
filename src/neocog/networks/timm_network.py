"""TimmNetwork: any network of the timm library, under our roof."""

from collections.abc import Mapping
from typing import Annotated, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import MissingExtra, UsageProblem
from neocog.core.options import near
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts

MAPS = "NCHW"


class TimmNetwork(AbstractNetwork):
    """A network that timm makes, with its initial weights: ``timm:resnet18`` is short for ``timm[model=resnet18]``.

    Use it to compare with one of the hundreds of networks that are not here. It has one map, the last; a network of
    timm whose last features are no maps (a transformer's tokens) says so when it is asked for them. Images of any
    size are tried; a network that needs to know the size when it is made is told.

    Raises:
        MissingExtra: ``extra-missing``, timm is not installed.
        UsageProblem: ``timm-unknown``, or ``timm-refuses`` where it cannot take such images.

    Source: Wightman 2019, "PyTorch image models", a library under the Apache-2.0 licence.
    """

    facts = Facts(
        idea="any network of the timm library: timm:NAME, such as timm:resnet18",
        year=2019,
        source="Wightman 2019, PyTorch image models (timm); the extra `timm`",
    )

    def __init__(
        self, takes: Image, gives: Vector, *, model: Annotated[str, "Its name in timm, such as resnet18."]
    ) -> None:
        super().__init__()
        self.takes, self.gives = takes, gives
        self.body = _made(timm(), model, takes, gives)
        self._stride, self._has_maps = _tried(self.body, model, takes, gives)

    @property
    def head(self) -> nn.Module:  # type: ignore[override]
        """Pooling, dropout and the dense layer of the classes; only the last has parameters here."""
        return _Head(self.body)

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in the last map."""
        return {"last": self._stride} if self._has_maps else {}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``last``, the maps before the head."""
        if not self._has_maps:
            raise UsageProblem(
                "network-without-maps",
                "this network of timm has no feature maps: its last features are no maps",
                where="network timm",
                help="choose a network with convolutions, such as timm:resnet18",
            )
        return {"last": self.body.forward_features(images)}  # type: ignore[operator]

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.body(images)


class _Head(nn.Module):
    """What a network of timm does with its last features."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.classes = body.get_classifier()  # type: ignore[operator]
        self._body = (body,)  # in a tuple, so that its parameters are not the head's

    def forward(self, features: Tensor) -> Float[Tensor, "n k"]:
        """Logits."""
        return self._body[0].forward_head(features)  # type: ignore[operator]


def timm() -> Any:
    """The package.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import timm as package  # noqa: PLC0415
    except ImportError as problem:
        raise MissingExtra(
            "extra-missing",
            "networks of timm need the extra `timm`",
            where="import timm",
            help='pip install "neocog[timm]"',
        ) from problem
    return package


def _made(package: Any, model: str, takes: Image, gives: Vector) -> nn.Module:
    if not package.is_model(model):
        meant = near(model, package.list_models())
        raise UsageProblem(
            "timm-unknown",
            f"timm has no network called `{model}`",
            where=f"network timm:{model}",
            help=f"did you mean `timm:{meant}`?" if meant else "timm.list_models() names those that there are",
        )
    options: dict[str, Any] = {"pretrained": False, "num_classes": gives.size, "in_chans": takes.channels}
    with torch.random.fork_rng(devices=[]):
        first = package.create_model(model, **options)
    if (getattr(first, "pretrained_cfg", None) or {}).get("fixed_input_size"):
        options["img_size"] = (takes.height, takes.width)
    return package.create_model(model, **options)


def _tried(body: nn.Module, model: str, takes: Image, gives: Vector) -> tuple[int, bool]:
    """Pixels per step of its last features, and whether they are maps, from one image of zeros."""
    modes = {module: module.training for module in body.modules()}
    parameter = next(body.parameters())
    image = torch.zeros(1, *takes.axes, device=parameter.device)
    try:
        with torch.no_grad():
            features = body.eval().forward_features(image)  # type: ignore[operator]
            found = body.forward_head(features)  # type: ignore[operator]
    except (RuntimeError, ValueError, AssertionError) as problem:
        raise UsageProblem(
            "timm-refuses",
            f"timm's {model} cannot take images of {takes}: {' '.join(str(problem).split())[:200]}",
            where=f"network timm:{model}",
            help="enlarge the images with --size 224, or choose another network",
        ) from problem
    finally:
        for module, training in modes.items():
            module.training = training
    assert found.shape == (1, gives.size)
    maps = features.dim() == 4 and getattr(body, "output_fmt", MAPS) == MAPS
    return (_reduction(body) or max(1, round(takes.height / features.shape[2])) if maps else 1), maps


def _reduction(body: nn.Module) -> int | None:
    """What timm says of the last map's stride, where it says so."""
    told = getattr(body, "feature_info", None)
    last = told[-1] if isinstance(told, list) and told else None
    return last.get("reduction") if isinstance(last, dict) else None
