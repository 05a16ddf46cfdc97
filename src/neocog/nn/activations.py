"""Activation functions by name, and the initial weights that fit each of them."""

from collections.abc import Callable
from typing import Annotated, Literal

import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import OneOf
from neocog.nn.scaled_tanh import ScaledTanh

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
}

ActivationName = Annotated[str, OneOf(*ACTIVATIONS), "Activation function of the hidden layers."]

Scheme = Literal["he", "glorot", "lecun-1998"]

_SCHEMES: dict[str, Scheme] = {
    "sigmoid": "glorot",
    "tanh": "glorot",
    "relu": "he",
    "leaky-relu": "he",
    "gelu": "he",
    "silu": "he",
    "scaled-tanh": "lecun-1998",
}


def activation(name: str) -> nn.Module:
    """A fresh activation layer: a name of ``ACTIVATIONS``, or ``scaled-tanh`` (the one of LeNet-5 in 1998).

    Raises:
        UsageProblem: ``option-value``, if there is no such activation.
    """
    _known(name)
    return ScaledTanh() if name == "scaled-tanh" else ACTIVATIONS[name]()


def initialise(module: nn.Module, activation: str) -> None:
    """Set the weights of every convolution and dense layer in ``module`` as fits the activation; biases become 0.

    ReLU and its kin (leaky ReLU, GELU, SiLU) get He's uniform weights, with variance 2 / inputs; tanh, sigmoid and
    layers that feed no activation ("glorot" may be given for those) get Glorot's uniform weights, with variance
    2 / (inputs + outputs); the scaled tanh gets LeCun's, uniform within 2.4 / inputs. Draws from torch's global
    generator.

    Raises:
        UsageProblem: ``option-value``, if there is no such activation.

    Source: He et al. 2015, arXiv 1502.01852, eq. 10; Glorot and Bengio 2010, eq. 16; LeCun et al. 1998, appendix A.
    We differ: leaky ReLU, GELU and SiLU share ReLU's gain of 2, which is theirs to within 10 %, and the sigmoid uses
    Glorot's weights without a gain.
    """
    if activation != "glorot":
        _known(activation)
    scheme = _SCHEMES.get(activation, "glorot")
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            _fill(layer.weight, scheme)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _fill(weight: torch.Tensor, scheme: Scheme) -> None:
    if scheme == "he":
        nn.init.kaiming_uniform_(weight, nonlinearity="relu")
    elif scheme == "glorot":
        nn.init.xavier_uniform_(weight)
    else:
        bound = 2.4 / weight[0].numel()
        nn.init.uniform_(weight, -bound, bound)


def _known(name: str) -> None:
    if name not in _SCHEMES:
        raise UsageProblem(
            "option-value",
            f"there is no activation {name!r}",
            help=f"choose one of {', '.join(ACTIVATIONS)}",
        )
