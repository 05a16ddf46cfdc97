"""Suppression: of boxes that overlap, the surest stays."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def surest(
    boxes: Float[Tensor, "k 4"], scores: Float[Tensor, "k"], labels: Int[Tensor, "k"], *, overlap: float, most: int
) -> Int[Tensor, "_"]:
    """The rows that stay, surest first: none overlaps a surer one of its class by more than ``overlap`` (IoU).

    Args:
        boxes: left, top, right, bottom.
        scores: how sure each is.
        labels: the class of each.
        overlap: 0 to 1.
        most: how many stay at most.
    """
    from torchvision.ops import nms  # noqa: PLC0415 - importing torchvision takes seconds, and only detectors need it

    if not len(boxes):
        return torch.zeros(0, dtype=torch.long, device=boxes.device)
    apart = labels.to(boxes)[:, None] * (boxes.max() - boxes.min() + 1)
    return nms(boxes + apart, scores, overlap)[:most]
