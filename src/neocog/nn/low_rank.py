"""LowRank: a weight that stays as it is, and learns through a change of low rank beside it (LoRA)."""

import math
from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

_ORIGINAL, _UP, _DOWN = (f".parametrizations.weight.{part}" for part in ("original", "0.up", "0.down"))


class LowRank(nn.Module):
    """``weight + up @ down``, where ``up`` begins at zero, so that at first nothing changes.

    The weight of a convolution is looked at as a matrix: a row for each output map, a column for each weight of its
    kernel over all input maps.

    Args:
        weight: a dense layer's or a convolution's.
        rank: of the change; at most the smaller side of the matrix is used.

    Source: Hu et al. 2021, arXiv 2106.09685, section 4.1, eq. 3. We differ: their factor alpha / r is 1 here (alpha
    equals the rank), ``down`` begins uniform as a dense layer's weights do instead of normal, and convolutions have
    adapters too.
    """

    def __init__(self, weight: Float[Tensor, "k *rest"], rank: int) -> None:
        super().__init__()
        rows, columns = len(weight), weight[0].numel()
        rank = min(rank, rows, columns)
        self.up = nn.Parameter(weight.new_zeros(rows, rank))
        self.down = nn.Parameter(weight.new_empty(rank, columns))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, weight: Float[Tensor, "k *rest"]) -> Float[Tensor, "k *rest"]:
        """The weight with its change."""
        return weight + (self.up @ self.down).view_as(weight)


def adapt(body: nn.Module, rank: int, *, leave_out: nn.Module | None = None) -> int:
    """Give each dense layer and convolution of a body an adapter, and freeze what they stand beside.

    Convolutions in groups (depthwise ones) have few weights anyway, and get none. State-dict names change: see
    ``merged``.

    Args:
        body: changed in place.
        rank: of the changes.
        leave_out: a module inside, such as the head, that gets none.

    Returns:
        How many layers got one.
    """
    spared = set(leave_out.modules()) if leave_out is not None else set()
    layers = [
        module
        for module in body.modules()
        if module not in spared
        and (isinstance(module, nn.Linear) or (isinstance(module, nn.Conv2d) and module.groups == 1))
    ]
    for layer in layers:
        layer.weight.requires_grad_(False)
        parametrize.register_parametrization(layer, "weight", LowRank(layer.weight, rank))
    return len(layers)


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict in which each change is added to its weight, under the names of a network without adapters."""
    found = {}
    for key, value in state.items():
        if key.endswith(_ORIGINAL):
            layer = key.removesuffix(_ORIGINAL)
            change = state[f"{layer}{_UP}"] @ state[f"{layer}{_DOWN}"]
            found[f"{layer}.weight"] = value + change.view(value.shape).to(value.dtype)
        elif not key.endswith((_UP, _DOWN)):
            found[key] = value
    return found


def adapters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters of all adapters: those that learn where the rest is frozen."""
    return [p for module in network.modules() if isinstance(module, LowRank) for p in module.parameters()]
