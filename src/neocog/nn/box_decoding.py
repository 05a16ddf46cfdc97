"""From what an anchor-free detector says at its places to a few boxes per image."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.nn.anchor_free import BOX, CENTRE, CLASSES
from neocog.nn.suppression import surest

_CANDIDATES = 1000


class Found(NamedTuple):
    """The boxes of one image, surest first: edges in pixels of the prepared image, classes, and scores from 0 to 1."""

    edges: Float[Tensor, "k 4"]
    labels: Int[Tensor, "k"]
    scores: Float[Tensor, "k"]


def edges_of(
    places: Float[Tensor, "places 3"], distances: Float[Tensor, "*n places 4"]
) -> Float[Tensor, "*n places 4"]:
    """Left, top, right, bottom from places and distances to the edges, all in pixels."""
    xy = places[:, :2]
    return torch.cat([xy - distances[..., :2], xy + distances[..., 2:]], dim=-1)


def found_boxes(
    said: Float[Tensor, "n places _"],
    places: Float[Tensor, "places 3"],
    frames: Float[Tensor, "n 6"],
    *,
    least: float,
    overlap: float,
    most: int,
) -> list[Found]:
    """The boxes of each image whose score reaches ``least``, without those that a surer one covers.

    A score is the geometric mean of the class's probability and centre-ness; boxes are clipped to the picture within
    the prepared image.

    Source: FCOS (arXiv 1904.01355), section 3.3. We differ: the root of its product, which orders boxes alike and is
    easier to read.
    """
    scores = (torch.sigmoid(said[..., CLASSES]) * torch.sigmoid(said[..., CENTRE, None])).sqrt()
    edges = edges_of(places, said[..., BOX])
    found = []
    for each, own, frame in zip(scores, edges, frames, strict=True):
        place, label = torch.nonzero(each >= least, as_tuple=True)
        value = each[place, label]
        if len(value) > _CANDIDATES:
            value, chosen = value.topk(_CANDIDATES)
            place, label = place[chosen], label[chosen]
        low, high = frame[:2], frame[:2] + frame[2:4]
        corners = own[place].reshape(-1, 2, 2)
        boxes = torch.minimum(torch.maximum(corners, low), high).reshape(-1, 4)
        kept = surest(boxes, value, label, overlap=overlap, most=most)
        found.append(Found(boxes[kept], label[kept], value[kept]))
    return found
