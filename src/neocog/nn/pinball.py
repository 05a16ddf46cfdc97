"""Pinball loss, for networks that give quantiles."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def pinball(
    quantiles: Float[Tensor, "*axes q"], truth: Float[Tensor, "*axes"], levels: Sequence[float]
) -> Float[Tensor, ""]:
    """Mean over all values of ``max(level (y - q), (level - 1) (y - q))``: least where q is that quantile of y.

    Source: Koenker and Bassett 1978, Regression quantiles.
    """
    short = truth[..., None] - quantiles
    level = torch.tensor(list(levels), dtype=short.dtype, device=short.device)
    return torch.maximum(level * short, (level - 1) * short).mean()
