"""he_fan_out: initial weights of convolutions that keep the size of gradients."""

from torch import nn


def he_fan_out(network: nn.Module, dense: float | None = None) -> None:
    """Convolutions get He's normal weights, with variance 2 / (outputs * kernel's pixels), and biases of 0.

    Dense layers get normal weights of deviation ``dense`` and biases of 0; None leaves them as they are. Draws from
    torch's global generator.

    Source: He et al. 2015, arXiv 1502.01852, eq. 14; the dense layers as in Krizhevsky et al. 2012, section 5.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear) and dense is not None:
            nn.init.normal_(layer.weight, 0, dense)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
