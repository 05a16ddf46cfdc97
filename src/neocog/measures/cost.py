"""What a network costs, layer by layer: parameters, multiply-adds, connections, receptive field, memory.

Conventions. A MAC is one multiplication with one addition; FLOPs are twice that. Counted are the multiplications by
weights of convolutions and dense layers (batch norm counts none: at inference it folds into the convolution before
it), at every position, those over padding included, as ``torch.utils.flop_counter`` and fvcore do. A connection is an
edge of the graph of units: from each unit to each input that it sees, and to its bias; layers that work unit by unit
(activation, dropout, batch norm) have none.

Only what happens in modules is counted; arithmetic that a network's ``forward`` does by itself is not. A layer that
is not torch's says what it does in a method ``cost(takes, gives)``: it gets the shapes of one item and answers with
``macs``, ``connections``, ``kernel`` and ``stride`` (the last two in input pixels, for the receptive field).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from neocog.core.batch import blank
from neocog.core.shapes import Shape

FLOAT32_BYTES = 4
WHOLE: Literal["all"] = "all"


@dataclass(frozen=True)
class LayerCost:
    """One layer and one image.

    ``connections`` and ``dense_weights`` are to be compared: the second is the number of weights of a dense layer
    between the same two sizes, with every unit seeing every input and no weight shared (0 for layers without
    connections). ``receptive_field`` is the side, in input pixels, of the square that a unit can see (it may reach
    beyond the image), or "all" from the first layer on that sees everything. ``activation_bytes`` is the size of the
    output in float32.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    macs: int
    connections: int
    dense_weights: int
    receptive_field: int | Literal["all"]
    activation_bytes: int


Sides = tuple[Fraction, Fraction]
ONE: Sides = (Fraction(1), Fraction(1))


class Field(NamedTuple):
    """What a unit sees: ``sides`` in input pixels, rows and columns; the next unit begins ``jumps`` pixels further.

    None: everything.
    """

    sides: Sides | None = ONE
    jumps: Sides = ONE

    def through(self, kernel: Sides | None, stride: Sides) -> "Field":
        """The field after a layer whose units see ``kernel`` units of this one; None: all of them."""
        if self.sides is None or kernel is None:
            return Field(None, self.jumps)
        rows, columns = (side + (seen - 1) * jump for side, seen, jump in zip(self.sides, kernel, self.jumps))
        down, right = (jump * step for jump, step in zip(self.jumps, stride))
        return Field((rows, columns), (down, right))

    @property
    def shown(self) -> int | Literal["all"]:
        """Whole pixels of the longer side."""
        return WHOLE if self.sides is None else math.ceil(max(self.sides))


class Work(NamedTuple):
    """One layer's arithmetic on one item."""

    macs: int = 0
    connections: int = 0
    kernel: Sides | None = ONE
    stride: Sides = ONE


@runtime_checkable
class SelfCounting(Protocol):
    """A layer that knows its own cost."""

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int | Fraction]:
        """``macs``, ``connections``, ``kernel`` and ``stride``, from the shapes of one item."""
        ...


def profile(network: nn.Module, takes: Shape) -> list[LayerCost]:
    """Every layer's cost for one image, in the order in which the layers run.

    A layer that runs twice is two rows, and its parameters stand in the first. The network is run once, on zeros, in
    evaluation mode; its modes and weights stay as they were.
    """
    return _Profiler(network).run(takes)


def parameters(network: nn.Module) -> int:
    """Numbers that training can move."""
    return sum(parameter.numel() for parameter in network.parameters())


def macs(network: nn.Module, takes: Shape) -> int:
    """Multiply-adds for one image; FLOPs are twice as many."""
    return sum(layer.macs for layer in profile(network, takes))


def totals(layers: list[LayerCost]) -> dict[str, int]:
    """Sums over layers, by the fields' names; activation bytes too, as if all outputs were kept (training does)."""
    names = [each.name for each in fields(LayerCost) if each.type is int]
    return {name: sum(getattr(layer, name) for layer in layers) for name in names}


class _Profiler(TorchFunctionMode):
    """Follows fields from tensor to tensor: through layers by hooks, through free functions by intercepting them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.rows: list[LayerCost] = []
        self._fields: dict[int, tuple[Tensor, Field]] = {}
        self._counted: set[int] = set()
        self._inside = 0

    def run(self, takes: Shape) -> list[LayerCost]:
        place = next(self.network.parameters(), torch.empty(0))
        item = blank(takes, 1, place.device)
        item = item.to(place.dtype) if item.is_floating_point() else item
        self._note(item, Field())
        with torch.no_grad(), _evaluating(self.network), self._hooked(), self:
            self.network(item)
        return self.rows

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if not self._inside:
            for tensor in _tensors(result):
                self._note(tensor, self._seen_by((args, kwargs)))
        return result

    @contextmanager
    def _hooked(self) -> Iterator[None]:
        hooks: list[Any] = []
        for name, module in self.network.named_modules():
            if isinstance(module, SelfCounting) or not list(module.children()):
                hooks.append(module.register_forward_pre_hook(lambda *_: self._enter()))
                hooks.append(module.register_forward_hook(self._left(name)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _enter(self) -> None:
        self._inside += 1

    def _left(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def note(module: nn.Module, inputs: Any, output: Any) -> None:
            self._inside -= 1
            if self._inside:
                return
            before, after = next(_tensors(inputs)), next(_tensors(output))
            work = _work(module, tuple(before.shape[1:]), tuple(after.shape[1:]))
            field = self._seen_by(inputs).through(work.kernel, work.stride)
            self._note(after, field)
            self.rows.append(
                LayerCost(
                    name=name,
                    kind=_kind(module),
                    output=tuple(after.shape[1:]),
                    parameters=self._new_parameters(module),
                    macs=work.macs,
                    connections=work.connections,
                    dense_weights=before.numel() * after.numel() if work.connections else 0,
                    receptive_field=field.shown,
                    activation_bytes=after.numel() * FLOAT32_BYTES,
                )
            )

        return note

    def _note(self, tensor: Tensor, field: Field) -> None:
        self._fields[id(tensor)] = (tensor, field)  # the tensor is kept, so that its id stays its own

    def _seen_by(self, values: Any) -> Field:
        found = [self._fields[id(tensor)][1] for tensor in _tensors(values) if id(tensor) in self._fields]
        seen = [field.sides for field in found if field.sides is not None]
        if len(seen) < len(found):
            return Field(None)
        if not found:
            return Field()
        (rows, columns), (down, right) = (
            (max(rows for rows, _ in pairs), max(columns for _, columns in pairs))
            for pairs in (seen, [field.jumps for field in found])
        )
        return Field((rows, columns), (down, right))

    def _new_parameters(self, module: nn.Module) -> int:
        new = [parameter for parameter in module.parameters() if id(parameter) not in self._counted]
        self._counted.update(id(parameter) for parameter in new)
        return sum(parameter.numel() for parameter in new)


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _tensors(values: Any) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _tensors(value)
    elif isinstance(values, (tuple, list)):
        for value in values:
            yield from _tensors(value)


def _work(module: nn.Module, takes: tuple[int, ...], gives: tuple[int, ...]) -> Work:
    if isinstance(module, SelfCounting):
        told = module.cost(takes, gives)
        return Work(int(told["macs"]), int(told["connections"]), _sides(told["kernel"]), _sides(told["stride"]))
    units = math.prod(gives)
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        products = units * module.weight[0].numel()
        kernel = tuple(dilation * (side - 1) + 1 for side, dilation in zip(module.kernel_size, module.dilation))
        edges = products + (units if module.bias is not None else 0)
        return Work(products, edges, _sides(kernel), _sides(module.stride))
    if isinstance(module, nn.Linear):
        products = units * module.in_features
        everything = len(takes) == 1  # else it is applied place by place
        return Work(products, products + (units if module.bias is not None else 0), None if everything else ONE)
    if isinstance(module, (nn.MaxPool2d, nn.AvgPool2d)):
        rows, columns = _pair(module.kernel_size)
        return Work(0, units * rows * columns, _sides(module.kernel_size), _sides(module.stride))
    if isinstance(module, (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)) and set(gives[1:]) == {1}:
        return Work(0, math.prod(takes), None)
    return Work()


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _sides(value: Any) -> Sides:
    """Rows and columns of one number, or of the first and the last of several."""
    first, last = (value[0], value[-1]) if isinstance(value, (tuple, list)) else (value, value)
    return Fraction(first), Fraction(last)


_KINDS: dict[type[nn.Module], str] = {
    nn.Conv2d: "convolution",
    nn.Linear: "dense",
    nn.MaxPool2d: "max-pool",
    nn.AvgPool2d: "average-pool",
    nn.AdaptiveAvgPool2d: "average-pool",
    nn.BatchNorm1d: "batch-norm",
    nn.BatchNorm2d: "batch-norm",
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky-relu",
    nn.SiLU: "silu",
}


def _kind(module: nn.Module) -> str:
    """A known kind in words, or the class's name in kebab case: ``Flatten`` -> ``flatten``."""
    name = type(module).__name__
    apart = "".join(
        f"-{letter}" if letter.isupper() and place and not name[place - 1].isupper() else letter
        for place, letter in enumerate(name)
    )
    return _KINDS.get(type(module), apart.lower())
