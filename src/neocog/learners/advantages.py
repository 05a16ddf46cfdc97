"""Advantages: how much better a move was than what was expected."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def generalised_advantages(
    rewards: Float[Tensor, "n t"],
    values: Float[Tensor, "n t"],
    next_values: Float[Tensor, "n t"],
    ended: Bool[Tensor, "n t"],
    cut: Bool[Tensor, "n t"],
    *,
    discount: float,
    trace: float,
) -> Float[Tensor, "n t"]:
    """Generalised advantage estimation over moves in their order.

    A move that ended its episode has no future; after one where it was cut, and after the last, the value of what came
    next stands for the future.

    Source: Schulman et al. 2016, arXiv 1506.02438, equation 16.

    Args:
        rewards: of each move of n copies.
        values: expected before each move.
        next_values: expected after it, in the same episode.
        ended: the episode was over.
        cut: the episode was broken off.
        discount: gamma, 0 to 1.
        trace: lambda, 0 to 1: how far rewards are looked at before the values are trusted.
    """
    errors = rewards + discount * next_values * ~ended - values
    goes_on = ~(ended | cut)
    found = torch.zeros_like(errors)
    carried = torch.zeros_like(errors[:, 0])
    for move in range(errors.shape[1] - 1, -1, -1):
        carried = errors[:, move] + discount * trace * goes_on[:, move] * carried
        found[:, move] = carried
    return found
