"""CausalBlock: two dilated convolutions in time that never look ahead, with a shortcut around them."""

from jaxtyping import Float
from torch import Tensor, nn

from neocog.nn.dropout import Dropout


class CausalBlock(nn.Module):
    """Convolution, ReLU, dropout, twice; then the input is added, through a 1x1 convolution where widths differ.

    Weights begin as in He et al. 2015, arXiv:1502.01852.

    Source: Bai, Kolter and Koltun 2018, arXiv:1803.01271, figure 1b, without weight normalisation.
    """

    def __init__(self, inputs: int, width: int, *, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        before = (kernel - 1) * dilation
        self.body = nn.Sequential(
            nn.ConstantPad1d((before, 0), 0.0),
            nn.Conv1d(inputs, width, kernel, dilation=dilation),
            nn.ReLU(),
            Dropout(dropout),
            nn.ConstantPad1d((before, 0), 0.0),
            nn.Conv1d(width, width, kernel, dilation=dilation),
            nn.ReLU(),
            Dropout(dropout),
        )
        self.shortcut = nn.Identity() if inputs == width else nn.Conv1d(inputs, width, 1)
        for layer in self.body:
            if isinstance(layer, nn.Conv1d):
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Float[Tensor, "n c t"]) -> Float[Tensor, "n w t"]:
        """As many moments as went in; each sees itself and what came before."""
        return self.body(x) + self.shortcut(x)
