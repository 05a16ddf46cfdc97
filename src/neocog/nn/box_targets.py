"""What each place of an anchor-free detector should say: which true box it answers for, if any."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

NOTHING, UNSURE = -1, -2
"""Labels of a row of boxes that holds none, and of a region where it is not known what is there."""

RADIUS = 1.5  # strides around the centre of a box in which places answer for it
LONGEST = 8.0  # strides: longer boxes belong to the next coarser level
_LEAST_CENTRE = 0.1


class Targets(NamedTuple):
    """For each place: the class (NOTHING, UNSURE), the distances to the edges, in pixels, and the centre-ness."""

    labels: Int[Tensor, "n places"]
    distances: Float[Tensor, "n places 4"]
    centre: Float[Tensor, "n places"]


def targets_for(
    places: Float[Tensor, "places 3"], boxes: Float[Tensor, "n m 4"], labels: Int[Tensor, "n m"]
) -> Targets:
    """Each place answers for the smallest box of its level whose centre is near; each box has one place at least.

    Args:
        places: x, y and stride of each.
        boxes: left, top, right, bottom in pixels; rows without a box have the label NOTHING.
        labels: classes; regions labelled UNSURE are neither objects nor background.

    Source: FCOS with centre sampling (Tian et al., arXiv 1904.01355, sections 3.2 and 3.3). We differ: a box belongs to
    a level by its longer side, and a box that is narrower than a stride still has the places around its centre.
    """
    xy, stride = places[:, :2], places[:, 2]
    sides = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0)
    fits = _near(places, boxes, sides) & (_level(sides, stride) == stride[:, None]) & (labels >= 0)[:, None]
    area = sides.prod(dim=2)[:, None].expand_as(fits)
    smallest, which = torch.where(fits, area, torch.inf).min(dim=2)
    hit = smallest.isfinite()
    own = torch.gather(boxes, 1, which[..., None].expand(-1, -1, 4))
    found = torch.where(hit, torch.gather(labels, 1, which), NOTHING)
    found = torch.where(~hit & _inside(xy, boxes, labels == UNSURE), UNSURE, found)
    distances = torch.cat([xy - own[..., :2], own[..., 2:] - xy], dim=2).clamp(min=0)
    return Targets(found, distances, centre_ness(distances))


def centre_ness(distances: Float[Tensor, "*places 4"]) -> Float[Tensor, "*places"]:
    """1 in the middle of a box, near 0 at its edges; never under 0.1, so that every place learns something.

    Source: FCOS, eq. 3.
    """
    across, down = distances[..., 0::2], distances[..., 1::2]
    share = across.amin(-1) * down.amin(-1) / (across.amax(-1) * down.amax(-1)).clamp(min=1e-6)
    return share.sqrt().clamp(min=_LEAST_CENTRE)


def _near(
    places: Float[Tensor, "places 3"], boxes: Float[Tensor, "n m 4"], sides: Float[Tensor, "n m 2"]
) -> Bool[Tensor, "n places m"]:
    """Whether a place is in the central part of a box, or at least the nearest to its centre."""
    stride = places[:, None, 2:]
    offset = (places[:, None, :2] - ((boxes[..., :2] + boxes[..., 2:]) / 2)[:, None]).abs()
    reach = torch.minimum(RADIUS * stride, sides[:, None] / 2).maximum(stride / 2)
    return (offset <= reach).all(dim=3)


def _level(sides: Float[Tensor, "n m 2"], stride: Float[Tensor, "places"]) -> Float[Tensor, "n 1 m"]:
    """The stride of the finest level that a box is not too long for."""
    levels = torch.unique(stride)
    place = torch.bucketize(sides.amax(dim=2), LONGEST * levels[:-1])
    return levels[place][:, None]


def _inside(
    xy: Float[Tensor, "places 2"], boxes: Float[Tensor, "n m 4"], which: Bool[Tensor, "n m"]
) -> Bool[Tensor, "n places"]:
    if not bool(which.any()):
        return torch.zeros(len(boxes), len(xy), dtype=torch.bool, device=xy.device)
    low = (xy[:, None] >= boxes[:, None, :, :2]).all(dim=3)
    high = (xy[:, None] <= boxes[:, None, :, 2:]).all(dim=3)
    return (low & high & which[:, None]).any(dim=2)
