"""Losses of boxes: how wrong classes are where most places show nothing, and how badly two boxes fit."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

ALPHA, GAMMA = 0.25, 2.0
_TINY = 1e-7


def sigmoid_focal(
    logits: Float[Tensor, "*items k"], targets: Float[Tensor, "*items k"], *, alpha: float = ALPHA, gamma: float = GAMMA
) -> Float[Tensor, "*items k"]:
    """Binary cross-entropy of every logit, scaled down by how nearly right it is already: item by item, not summed.

    Args:
        logits: any real numbers.
        targets: 0 or 1.
        alpha: weight of the ones; the zeros weigh 1 - alpha.
        gamma: focus on what is wrong, 0 or more.

    Source: Lin et al. 2017, arXiv 1708.02002, eq. 5.
    """
    plain = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    said = torch.sigmoid(logits)
    wrong = said + targets - 2 * said * targets
    weight = (1 - alpha) + (2 * alpha - 1) * targets
    return weight * wrong**gamma * plain


def generalised_iou(a: Float[Tensor, "n 4"], b: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """Intersection over union of row with row, less the share of the box around both that neither covers: -1 to 1.

    Unlike IoU it still says which way to go where two boxes do not meet.

    Source: Rezatofighi et al. 2019, arXiv 1902.09630, algorithm 1.
    """
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    union = _area(a) + _area(b) - shared
    around = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(dim=1)
    return shared / union.clamp(min=_TINY) - (around - union) / around.clamp(min=_TINY)


def _area(boxes: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=1)
