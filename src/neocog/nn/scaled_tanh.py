"""ScaledTanh: the squashing function of LeNet-5 in 1998."""

from jaxtyping import Float
from torch import Tensor, nn

AMPLITUDE = 1.7159
SLOPE = 2 / 3


class ScaledTanh(nn.Module):
    """``1.7159 tanh(2/3 x)``: about 1 at 1 and -1 at -1, and most curved there.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B and appendix A.
    """

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The function, element by element."""
        return AMPLITUDE * (SLOPE * x).tanh()
