"""Augmentation of images with boxes: where pixels go, boxes go."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.errors import UsageProblem
from neocog.data.augment import Augmentation, Placement
from neocog.data.box_data import NO_BOX
from neocog.nn.box_targets import UNSURE

_SEEN = 0.4  # share of a box that must be left within the image
_LEAST = 2.0  # pixels of a side


def refuse_mixing(augmentation: Augmentation) -> None:
    """MixUp and CutMix make proportions of classes, which boxes have not.

    Raises:
        UsageProblem: ``augment-mixes-boxes``.
    """
    if augmentation.mixes_images:
        raise UsageProblem(
            "augment-mixes-boxes",
            "images with boxes cannot be mixed",
            where=f"mixup={augmentation.mixup:g}, cutmix={augmentation.cutmix:g}",
            help="use shift, scale, flip, brightness and the like instead",
        )


def moved_boxes(
    boxes: Float[Tensor, "n m 4"], labels: Int[Tensor, "n m"], placement: Placement, height: int, width: int
) -> tuple[Float[Tensor, "n m 4"], Int[Tensor, "n m"]]:
    """The boxes where ``Augmentation.change`` puts their pixels, clipped to the image.

    A box of which less than 0.4 is left within the image is labelled UNSURE: it is neither an object to be found nor
    background. One that is gone altogether has NO_BOX. Turned or slanted boxes become the upright ones around them,
    which are larger than the object: rotation and shear are better left off.
    """
    geometry = placement.geometry
    middle = torch.tensor([width / 2, height / 2], device=boxes.device)
    corners = torch.stack([boxes[..., [0, 1]], boxes[..., [2, 1]], boxes[..., [0, 3]], boxes[..., [2, 3]]], dim=2)
    points = corners - middle
    for axis, mirrored in ((0, placement.across), (1, placement.down)):
        if mirrored is not None:
            points[..., axis] = torch.where(mirrored[:, None, None], -points[..., axis], points[..., axis])
    x, y = (points * geometry.scale[:, None, None, None]).unbind(-1)
    x = x + torch.tan(geometry.shear)[:, None, None] * y
    cos, sin = torch.cos(geometry.rotation)[:, None, None], torch.sin(geometry.rotation)[:, None, None]
    shift = torch.stack([geometry.right, geometry.down], dim=1)[:, None, None]
    points = torch.stack([cos * x - sin * y, sin * x + cos * y], dim=-1) + shift + middle
    whole = torch.cat([points.amin(dim=2), points.amax(dim=2)], dim=2)
    most = torch.tensor([width, height, width, height], device=boxes.device, dtype=boxes.dtype)
    seen = torch.minimum(whole.clamp(min=0), most)
    share = _area(seen) / _area(whole).clamp(min=1e-6)
    small = ((seen[..., 2:] - seen[..., :2]) < _LEAST).any(dim=2)
    kept = torch.where((share < _SEEN) | small, UNSURE, labels)
    gone = (labels == NO_BOX) | (share <= 0)
    return seen, torch.where(gone, NO_BOX, torch.where(labels < 0, labels, kept))


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)
