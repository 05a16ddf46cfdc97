import math

import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.nn.activations import ACTIVATIONS, activation, initialise
from neocog.nn.scaled_tanh import ScaledTanh


@pytest.mark.parametrize(
    "name, expected",
    [
        ("sigmoid", lambda x: 1 / (1 + math.exp(-x))),
        ("tanh", math.tanh),
        ("relu", lambda x: max(x, 0.0)),
        ("leaky-relu", lambda x: x if x > 0 else 0.01 * x),
        ("gelu", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
        ("silu", lambda x: x / (1 + math.exp(-x))),
        ("scaled-tanh", lambda x: 1.7159 * math.tanh(2 * x / 3)),
    ],
)
def test_each_is_its_formula(name: str, expected: object) -> None:
    for x in (-3.0, -0.5, 0.0, 0.7, 4.0):
        assert activation(name)(torch.tensor(x, dtype=torch.float64)).item() == pytest.approx(expected(x), abs=1e-12)  # type: ignore[operator]


def test_scaled_tanh_is_1_at_1() -> None:
    assert ScaledTanh()(torch.tensor([1.0, -1.0])).tolist() == pytest.approx([1, -1], abs=1e-4)


@pytest.mark.parametrize("layer", [lambda: nn.Linear(600, 400), lambda: nn.Conv2d(24, 40, 5)])
@pytest.mark.parametrize("name", [*ACTIVATIONS, "scaled-tanh", "glorot"])
def test_weights_have_the_variance_that_fits(name: str, layer: object) -> None:
    torch.manual_seed(0)
    made = layer()  # type: ignore[operator]
    inputs = 600
    outputs = 400 if isinstance(made, nn.Linear) else 40 * 25
    initialise(nn.Sequential(made), name)
    variance = {"he": 2 / inputs, "glorot": 2 / (inputs + outputs), "lecun-1998": (2.4 / inputs) ** 2 / 3}
    scheme = "glorot" if name in ("tanh", "sigmoid", "glorot") else "lecun-1998" if name == "scaled-tanh" else "he"
    assert made.weight.var().item() == pytest.approx(variance[scheme], rel=0.03)
    assert made.bias.abs().max() == 0


def test_signals_keep_their_size_through_30_layers_only_with_weights_that_fit() -> None:
    def spread(name: str, weights: str) -> float:
        torch.manual_seed(0)
        layers = nn.Sequential(*(part for _ in range(30) for part in (nn.Linear(256, 256), activation(name))))
        initialise(layers, weights)
        return layers(torch.randn(200, 256)).std().item()

    assert 0.2 < spread("relu", "relu") < 2
    assert spread("relu", "glorot") < 1e-3


@pytest.mark.parametrize("call", [activation, lambda name: initialise(nn.Linear(2, 2), name)])
def test_an_unknown_name_is_told_what_there_is(call: object) -> None:
    with pytest.raises(UsageProblem) as caught:
        call("swish")  # type: ignore[operator]
    assert caught.value.code == "option-value"
    assert "silu" in caught.value.help
