"""weighted_outputs: what a loss is taken of, for networks that have auxiliary heads and for those that have none."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

Weighted = tuple[float, Tensor]


@runtime_checkable
class Assisted(Protocol):
    """A network with heads in its middle that only training uses; its ``forward`` gives the last head's output."""

    def every_output(self, items: Tensor) -> Sequence[Weighted]:
        """The output with weight 1, then those of the auxiliary heads with their weights in the loss."""
        ...


def weighted_outputs(network: nn.Module, items: Tensor) -> Sequence[Weighted]:
    """All outputs of a network in training, each with its weight in the loss; of most networks that is one.

    Outside of training, auxiliary heads are not computed. Where a network is compiled, this pass of one that has
    auxiliary heads is not.

    Source: Szegedy et al. 2015, arXiv 1409.4842, section 5.
    """
    if network.training and isinstance(network, Assisted):
        return network.every_output(items)
    return [(1.0, network(items))]
