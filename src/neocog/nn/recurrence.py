"""Recurrence: RNN, LSTM or GRU layers whose state is one tensor, so that it can be carried and kept."""

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

CELLS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
_GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class Recurrence(nn.Module):
    """``layers`` recurrent layers of ``width`` units, one above the other.

    The state is one tensor of ``states x n x width``: a layer's outputs each, and for an LSTM the cells after them.
    Weights from step to step begin orthogonal, the biases of an LSTM's forget gates at 1.

    Source: Elman 1990 (rnn); Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000 (lstm); Cho et
    al. 2014, arXiv:1406.1078, in the variant of torch, which resets after the product (gru). Orthogonal: Saxe et al.
    2014, arXiv:1312.6120; forget bias: Jozefowicz et al. 2015.

    Args:
        inputs: numbers at each step.
        width: units of a layer.
        layers: how many.
        cell: ``rnn`` (tanh), ``lstm`` or ``gru``.
        dropout: share of a layer's outputs that the layer above does not see, while training.
    """

    def __init__(self, inputs: int, width: int, *, layers: int = 1, cell: str = "lstm", dropout: float = 0.0) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.cell, self.width, self.layers = cell, width, layers
        self.inputs = inputs
        self.states = layers * (2 if cell == "lstm" else 1)
        self.steps = CELLS[cell](inputs, width, layers, batch_first=True, dropout=between)
        with torch.no_grad():
            for name, weights in self.steps.named_parameters():
                if name.startswith("weight_hh"):
                    for gate in weights.split(width):
                        nn.init.orthogonal_(gate)
                elif name.startswith("bias"):
                    weights.zero_()
                    if cell == "lstm" and name.startswith("bias_ih"):
                        weights[width : 2 * width] = 1.0

    def forward(
        self, x: Float[Tensor, "n t inputs"], state: Float[Tensor, "states n width"] | None = None
    ) -> tuple[Float[Tensor, "n t width"], Float[Tensor, "states n width"]]:
        """The outputs of the highest layer at every step, and the state after the last; None: begin with zeros."""
        if self.cell == "lstm":
            begun = None if state is None else tuple(part.contiguous() for part in state.chunk(2))
            outputs, (hidden, cells) = self.steps(x, begun)
            return outputs, torch.cat([hidden, cells])
        return self.steps(x, state)

    def cost(self, takes: tuple[int, ...], gives: tuple[int, ...]) -> Mapping[str, int]:
        """Multiply-adds of all steps; at the last step a unit sees every one before it."""
        length = takes[0]
        inputs = [self.inputs, *[self.width] * (self.layers - 1)]
        units = length * _GATES[self.cell] * self.width
        products = sum(units * (size + self.width) for size in inputs)
        return {"macs": products, "connections": products + units * self.layers, "kernel": length, "stride": 1}
