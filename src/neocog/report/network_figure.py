"""network_figure: a network, drawn from what it does with one item."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from neocog.core.shapes import Image, Shape
from neocog.figures.figure import Figure
from neocog.figures.network_drawing import Block, network_drawing
from neocog.measures.cost import LayerCost, profile
from neocog.networks.network import AbstractNetwork

OPENED = (nn.Sequential, nn.ModuleDict, nn.ModuleList, AbstractNetwork)
UNSAID = {"body", "head", "features", "classifier", "conv", "convolution", "layers", "blocks", "stages"}
WHOLE = 0.6  # a block that holds more than this share of the layers is opened
FEW = 8
SHORT = 3
POOLS = ("max-pool", "average-pool", "subsample", "adaptive-mean", "mean")


def network_figure(title: str, network: nn.Module, takes: Shape) -> Figure:
    """The network as blocks to scale, with shapes on the arrows and what a unit of each sees.

    Layers that stand for themselves are blocks, and so are groups such as residual or Inception blocks; norms,
    activations, dropout and flattening belong to the block before them. Blocks of one kind and shape that follow each
    other are drawn once. What is computed in training only is left out. The network is run once, on zeros, in
    evaluation mode.

    Args:
        title: the network's name and what it is drawn for.
        network: any module that takes one tensor.
        takes: the shape of one item.
    """
    with _shapes(network) as shapes:
        layers = profile(network, takes)
    units = _units(network, [layer.name for layer in layers])
    blocks: list[Block] = []
    before = takes.axes
    for name, module, rows in _in_order(units, layers):
        shape = shapes.get(name) or rows[-1].output
        if not _belongs_to_the_one_before(module, rows, shape, before):
            blocks.append(_block(name, module, rows, shape, "px" if isinstance(takes, Image) else "steps"))
        elif blocks:
            blocks[-1] = _with(blocks[-1], rows)
        before = shape
    return network_drawing("network", title, takes.axes, _folded(blocks))


@contextmanager
def _shapes(network: nn.Module) -> Iterator[dict[str, tuple[int, ...]]]:
    """What every module gives for one item, by its name, once the network has run inside."""
    found: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, given: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                found.setdefault(name, tuple(output.shape[1:]))

        return hook

    groups = [(name, module) for name, module in network.named_modules() if name and list(module.children())]
    hooks = [module.register_forward_hook(note(name)) for name, module in groups]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def _units(network: nn.Module, ran: Sequence[str]) -> list[tuple[str, nn.Module]]:
    """The modules that are drawn as one."""
    found: list[tuple[str, nn.Module]] = []

    def visit(name: str, module: nn.Module) -> None:
        inside = sum(each == name or each.startswith(f"{name}.") for each in ran) if name else len(ran)
        children = [child for child in module.named_children() if not name or name not in ran]
        large = inside == len(ran) or inside > max(FEW, WHOLE * len(ran))
        if children and (not name or large or isinstance(module, OPENED)):
            for child, inner in children:
                visit(f"{name}.{child}" if name else child, inner)
        elif inside and name:
            found.append((name, module))

    visit("", network)
    return found


def _in_order(
    units: Sequence[tuple[str, nn.Module]], layers: Sequence[LayerCost]
) -> list[tuple[str, nn.Module, list[LayerCost]]]:
    """Each unit with its layers, by when its first layer ran."""
    found = []
    for name, module in units:
        places = [n for n, row in enumerate(layers) if row.name == name or row.name.startswith(f"{name}.")]
        found.append((places[0], name, module, [layers[n] for n in places]))
    return [(name, module, rows) for _, name, module, rows in sorted(found, key=lambda each: each[0])]


def _belongs_to_the_one_before(
    module: nn.Module, rows: Sequence[LayerCost], shape: tuple[int, ...], before: tuple[int, ...]
) -> bool:
    idle = not any(row.connections or row.macs for row in rows)
    return idle and (isinstance(module, nn.Flatten) or shape == before)


def _with(block: Block, rows: Sequence[LayerCost]) -> Block:
    inside = ", ".join([block.inside, *(row.kind for row in rows)])
    return replace(block, inside=inside, parameters=block.parameters + sum(row.parameters for row in rows))


def _block(name: str, module: nn.Module, rows: Sequence[LayerCost], shape: tuple[int, ...], unit: str) -> Block:
    single = len(rows) == 1 and rows[0].name == name
    kind = _words(module, rows[0].kind) if single else _apart(type(module).__name__)
    kind = f"to {shape[-2]}x{shape[-1]}" if kind == "enlarge to" else kind
    look = "vector" if len(shape) == 1 else "pool" if kind.startswith(POOLS) else "map"
    seen = [row.receptive_field for row in rows]
    sees = "all" if "all" in seen else f"{max(int(side) for side in seen)} {unit}"
    return Block(
        name=_shown(name) or kind,
        kind=kind if _shown(name) else "",
        look=look,
        shape=shape,
        sees=sees,
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        inside=rows[0].kind if single else ", ".join(f"{n} {kind}" for kind, n in Counter(_kinds(rows)).items()),
    )


def _kinds(rows: Sequence[LayerCost]) -> list[str]:
    return [row.kind for row in rows if row.kind not in ("identity", "flatten")]


def _words(module: nn.Module, kind: str) -> str:
    """A layer's kind with the size of its window and its step."""
    window, step = getattr(module, "kernel_size", None), getattr(module, "stride", 1)
    if window is None:
        side = getattr(module, "side", None)
        return f"{kind} {side}x{side}" if isinstance(side, int) else kind.replace("-", " ")
    rows, columns = (window, window) if isinstance(window, int) else (window[0], window[-1])
    steps = step if isinstance(step, int) else max(step)
    groups = getattr(module, "groups", 1)
    each = "each map by itself, " if groups > 1 and groups == getattr(module, "in_channels", 0) else ""
    return f"{kind} {each}{rows}x{columns}" + (f", step {steps}" if steps > 1 else "")


def _apart(name: str) -> str:
    """``ResidualBlock`` -> ``residual block``, ``ConvNeXtBlock`` -> ``convnext block``."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", name)
    joined = words[0]
    for word in words[1:]:
        joined += word if len(word) < SHORT else f" {word}"
    return joined.lower()


def _shown(name: str) -> str:
    parts = [part for part in name.split(".") if not part.isdigit()]
    said = [part for part in parts if part not in UNSAID]
    return ".".join(said)


def _span(first: str, last: str) -> str:
    """``conv4`` and ``conv6`` -> ``conv4-6``."""
    alike = next((place for place, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))
    return first if first == last else f"{first}-{last[alike:]}"


def _folded(blocks: Sequence[Block]) -> list[Block]:
    """Equal blocks that follow each other as one."""
    folded: list[Block] = []
    firsts: list[str] = []
    for block in blocks:
        last = folded[-1] if folded else None
        alike = last is not None and (last.kind or last.name, last.shape) == (block.kind or block.name, block.shape)
        if last is None or not alike or not block.parameters:
            folded.append(block)
            firsts.append(block.name)
            continue
        folded[-1] = replace(
            last,
            name=_span(firsts[-1], block.name),
            times=last.times + 1,
            parameters=last.parameters + block.parameters,
            macs=last.macs + block.macs,
            sees=block.sees,
        )
    return [_titled(block) for block in folded]


def _titled(block: Block) -> Block:
    """A block without a name of its own is called by the first words of its kind."""
    name, _, rest = block.name.partition(", ")
    return block if block.kind else replace(block, name=name, kind=rest)
