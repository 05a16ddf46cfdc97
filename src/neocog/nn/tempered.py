"""Tempered: a network whose logits are divided by one number, so that it is as sure as it is right."""

from jaxtyping import Float
from torch import Tensor, nn


class Tempered(nn.Module):
    """``network(x) / temperature``; the largest logit stays the largest.

    Source: temperature scaling, Guo et al. 2017, arXiv 1706.04599, section 4.2.

    Args:
        network: gives logits.
        temperature: above 0; above 1 makes it less sure.
    """

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, x: Float[Tensor, "n ..."]) -> Float[Tensor, "n k"]:
        """The logits at that temperature."""
        return self.network(x) / self.temperature
