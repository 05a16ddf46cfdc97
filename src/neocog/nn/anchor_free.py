"""AnchorFree: a network with maps, made to say at every place what object is there and how far its edges are."""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image
from neocog.nn.feature_pyramid import FeaturePyramid, levels_for

BOX, CENTRE, CLASSES = slice(0, 4), 4, slice(5, None)
"""What is said of a place: pixels to the four edges, the logit of centre-ness, one logit per class."""

RARE = 0.01  # what every class is given before training: most places show nothing
_FARTHEST = 6.0  # the logarithm, in strides, of the longest distance that can be said
_GROUPS = 8


class AnchorFree(nn.Module):
    """A detector around any network that has ``features`` and ``strides``; its own head is taken off.

    Args:
        body: the network.
        takes: what it gets.
        classes: how many kinds of object.
        strides: pixels per step of the pyramid's levels, each twice the one before.
        width: planes of the pyramid and the towers; a multiple of 8.
        depth: convolutions in each of the two towers, which all levels share.

    Raises:
        UsageProblem: ``network-without-maps`` or ``network-too-coarse``.

    Source: FCOS (Tian et al. 2019, arXiv 1904.01355, section 3), with centre-ness beside the box tower as in its later
    version. We differ: small networks of ours in place of a ResNet-50, and a pyramid that begins at stride 4.
    """

    def __init__(
        self, body: nn.Module, takes: Image, *, classes: int, strides: Sequence[int], width: int, depth: int
    ) -> None:
        super().__init__()
        body.head = nn.Identity()
        self.body, self.takes, self.classes = body, takes, classes
        zeros = torch.zeros(1, takes.channels, takes.height, takes.width)
        with torch.no_grad():
            maps = _still(body, zeros)
            names, start, halvings = levels_for(_strides(body), strides)
            channels = {name: each.shape[1] for name, each in maps.items()}
            self.pyramid = FeaturePyramid(names, start, channels, halvings, width)
            sizes = [each.shape[2:] for each in self.pyramid(maps)]
        self.class_tower, self.box_tower = _tower(width, depth), _tower(width, depth)
        self.class_head = nn.Conv2d(width, classes, 3, padding=1)
        self.box_head = nn.Conv2d(width, 5, 3, padding=1)
        self.scales = nn.Parameter(torch.ones(len(names)))
        self.strides = tuple(strides)
        for module in (self.pyramid, self.class_tower, self.box_tower):
            _initialise(module)
        for head in (self.class_head, self.box_head):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(cast(Tensor, head.bias))
        nn.init.constant_(cast(Tensor, self.class_head.bias), -math.log(1 / RARE - 1))
        self.places: Tensor
        self.register_buffer("places", _places(sizes, strides, takes), persistent=False)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n places _"]:
        """For every place: pixels to the left, top, right and bottom edge, centre-ness, classes (both as logits)."""
        said = []
        levels = self.pyramid(self.body.features(images))  # type: ignore[operator]
        for number, (level, stride) in enumerate(zip(levels, self.strides, strict=True)):
            logits = self.class_head(self.class_tower(level)).flatten(2)
            beside = self.box_head(self.box_tower(level)).flatten(2)
            far = torch.exp((beside[:, :4] * self.scales[number]).clamp(max=_FARTHEST)) * stride
            said.append(torch.cat([far, beside[:, 4:], logits], dim=1))
        return torch.cat(said, dim=2).transpose(1, 2)


def _still(body: nn.Module, items: Tensor) -> dict[str, Tensor]:
    """The maps of an untrained network; its statistics and its mode stay as they are."""
    training = body.training
    try:
        return body.eval().features(items)  # type: ignore[operator]
    finally:
        body.train(training)


def _strides(body: nn.Module) -> dict[str, int]:
    strides = dict(cast(Mapping[str, int], body.strides))
    if not strides:
        raise UsageProblem("network-without-maps", "a network without maps cannot say where something is")
    return strides


def _tower(width: int, depth: int) -> nn.Sequential:
    layers = OrderedDict[str, nn.Module]()
    for number in range(1, depth + 1):
        layers[f"convolution{number}"] = nn.Conv2d(width, width, 3, padding=1, bias=False)
        layers[f"norm{number}"] = nn.GroupNorm(_GROUPS, width)
        layers[f"activation{number}"] = nn.ReLU()
    return nn.Sequential(layers)


def _initialise(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, nn.Conv2d):
            nn.init.kaiming_uniform_(each.weight, a=1 if each.kernel_size == (1, 1) else 0, nonlinearity="relu")
            if each.bias is not None:
                nn.init.zeros_(each.bias)


def _places(sizes: Sequence[Sequence[int]], strides: Sequence[int], takes: Image) -> Float[Tensor, "places 3"]:
    """The pixel (x, y) that each place looks at, and its stride; maps are centred on the image."""
    found = []
    for (high, wide), stride in zip(sizes, strides, strict=True):
        y = (torch.arange(high) - (high - 1) / 2) * stride + takes.height / 2
        x = (torch.arange(wide) - (wide - 1) / 2) * stride + takes.width / 2
        grid = torch.stack(torch.meshgrid(y, x, indexing="ij"))
        found.append(torch.stack([grid[1].flatten(), grid[0].flatten(), torch.full((high * wide,), float(stride))], 1))
    return torch.cat(found)
