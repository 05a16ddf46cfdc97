"""The blocks of a network, from the first to the last: what is frozen, thawed and slowed down one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from neocog.core.errors import UsageProblem
from neocog.nn.low_rank import adapters

NOTHING, BACKBONE = "none", "backbone"


@dataclass(frozen=True)
class Block:
    """Neighbouring modules that belong together: a layer with its norm and activation, or a block with branches."""

    name: str
    modules: tuple[nn.Module, ...]

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All of them, but for those of adapters, which always move."""
        learning = {id(p) for p in adapters(nn.ModuleList(self.modules))}
        return [p for module in self.modules for p in module.parameters() if id(p) not in learning]


def blocks_of(network: nn.Module) -> list[Block]:
    """The blocks of a network's body, without its head.

    A module with a matrix or a kernel begins a block; what has none (norms, activations, pooling, dropout) belongs to
    the block before it. Plain sequences of modules are looked into, other modules (residual blocks, say) are not. Of
    something around a network, such as a detector, the blocks are those of the network inside.

    Raises:
        UsageProblem: ``freeze-without-head``.
    """
    body = _with_head(network)
    if body is None:
        raise UsageProblem(
            "freeze-without-head",
            f"{type(network).__name__} has no head, so there is no body to freeze or to slow down",
            where="descent.freeze, descent.layer_decay, start.rank",
            help="leave these options out for this network",
        )
    found: list[tuple[str, list[nn.Module]]] = []
    for name, unit in _units(body, body.head, ""):
        if not found or (_begins(unit) and any(_begins(each) for each in found[-1][1])):
            found.append((name, []))
        found[-1][1].append(unit)
    return [Block(name, tuple(modules)) for name, modules in found]


def frozen_blocks(network: nn.Module, freeze: str) -> list[Block]:
    """The blocks that ``descent.freeze`` names, from the first on.

    Raises:
        UsageProblem: ``option-value``, where it is neither a word that is known nor a number of blocks that are there.
    """
    if freeze == NOTHING:
        return []
    blocks = blocks_of(network)
    if freeze == BACKBONE:
        return blocks
    if freeze.isdecimal() and int(freeze) <= len(blocks):
        return blocks[: int(freeze)]
    raise UsageProblem(
        "option-value",
        f"descent: `freeze` cannot be `{freeze}`",
        where=f"descent.freeze={freeze}   the blocks of this network: {', '.join(block.name for block in blocks)}",
        help=f"give none, backbone, or a number of blocks from 0 to {len(blocks)}",
    )


def hold_still(block: Block) -> None:
    """As long as none of its parameters moves, a block computes as it does in prediction.

    Batch norm then uses and keeps the statistics that it has, and dropout leaves nothing out. Modes are as before after
    each pass, so that a block that begins to move is in the network's mode.
    """
    for module in block.modules:
        _hold(module, block.parameters)


def hold_norms(network: nn.Module) -> None:
    """Batch norm uses and keeps the statistics that it has, everywhere and always; its scales and shifts may move."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            _hold(module, [])


def _hold(module: nn.Module, parameters: list[nn.Parameter]) -> None:
    still = _Still(parameters)
    module.register_forward_pre_hook(still.before)
    module.register_forward_hook(still.after, always_call=True)


class _Still:
    """Switches one module to evaluation for the length of a pass."""

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        self._parameters = parameters
        self._switched = False

    def before(self, module: nn.Module, items: Any) -> None:
        self._switched = module.training and not any(p.requires_grad for p in self._parameters)
        if self._switched:
            module.eval()

    def after(self, module: nn.Module, items: Any, output: Any) -> None:
        if self._switched:
            module.train()
            self._switched = False


def _with_head(network: nn.Module) -> Any:
    """The first module, from the outside in, that has features and a head."""
    return next(
        (m for m in network.modules() if hasattr(m, "features") and isinstance(getattr(m, "head", None), nn.Module)),
        None,
    )


def _units(module: nn.Module, head: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        if child is head:
            continue
        if isinstance(child, nn.Sequential | nn.ModuleList | nn.ModuleDict):
            yield from _units(child, head, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", child


def _begins(unit: nn.Module) -> bool:
    return any(p.ndim > 1 for p in unit.parameters())
