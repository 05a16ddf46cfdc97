"""The defining equations, written out as loops in float64, and our networks' layers held against them."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks.lenet5 import TABLE_I, LeNet5
from neocog.networks.mlp import MLP
from neocog.networks.resnet import ResNet
from neocog.networks.simple_cnn import SimpleCNN


def neuron(inputs: np.ndarray, weights: np.ndarray, bias: float) -> float:
    """y = sum_i w_i x_i + b."""
    total = bias
    for x, w in zip(inputs, weights, strict=True):
        total += w * x
    return total


def convolution(
    image: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """y[k, i, j] = b[k] + sum_{c, u, v} w[k, c, u, v] x[c, i s + u - p, j s + v - p], with 0 outside."""
    channels, height, width = image.shape
    maps, _, side, _ = weights.shape
    rows, columns = ((length + 2 * padding - side) // stride + 1 for length in (height, width))
    out = np.zeros((maps, rows, columns))
    for k in range(maps):
        for i in range(rows):
            for j in range(columns):
                total = bias[k]
                for c in range(channels):
                    for u in range(side):
                        for v in range(side):
                            y, x = i * stride + u - padding, j * stride + v - padding
                            if 0 <= y < height and 0 <= x < width:
                                total += weights[k, c, u, v] * image[c, y, x]
                out[k, i, j] = total
    return out


def max_pool(maps: np.ndarray, side: int) -> np.ndarray:
    """y[c, i, j] = max_{u, v < side} x[c, i side + u, j side + v]."""
    channels, height, width = maps.shape
    out = np.zeros((channels, height // side, width // side))
    for c in range(channels):
        for i in range(height // side):
            for j in range(width // side):
                out[c, i, j] = max(maps[c, i * side + u, j * side + v] for u in range(side) for v in range(side))
    return out


def subsample(maps: np.ndarray, coefficient: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """y[c, i, j] = b[c] + a[c] sum_{u, v < 2} x[c, 2 i + u, 2 j + v]."""
    channels, height, width = maps.shape
    out = np.zeros((channels, height // 2, width // 2))
    for c in range(channels):
        for i in range(height // 2):
            for j in range(width // 2):
                window = [maps[c, 2 * i + u, 2 * j + v] for u in range(2) for v in range(2)]
                out[c, i, j] = bias[c] + coefficient[c] * sum(window)
    return out


def dense(inputs: np.ndarray, layer: nn.Module) -> np.ndarray:
    weights, biases = arrays(layer)
    return np.array([neuron(inputs, row, bias) for row, bias in zip(weights, biases, strict=True)])


def arrays(layer: nn.Module) -> tuple[np.ndarray, ...]:
    return tuple(parameter.detach().numpy() for parameter in layer.parameters())


def relu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0.0)


def squash(x: np.ndarray) -> np.ndarray:
    return np.vectorize(lambda value: 1.7159 * math.tanh(2 / 3 * value))(x)


def ready(network: nn.Module) -> nn.Module:
    """In float64, with biases that are not 0, so that leaving one out shows."""
    torch.manual_seed(3)
    network = network.double().eval()
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter)
    return network


def image(channels: int, side: int) -> torch.Tensor:
    return torch.randn(1, channels, side, side, dtype=torch.float64, generator=torch.Generator().manual_seed(5))


def close(found: torch.Tensor, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found[0].detach().numpy(), expected, rtol=0, atol=1e-12 * (1 + np.abs(expected).max()))


def test_mlp_is_neurons_in_layers() -> None:
    network, x = ready(MLP(Image(1, 5, 5), Vector(3), widths=(7, 4))), image(1, 5)
    hidden = relu(dense(x.numpy().ravel(), network.body.dense1))
    hidden = relu(dense(hidden, network.body.dense2))
    close(network(x), dense(hidden, network.head))


def test_simple_cnn_is_convolution_maximum_neurons() -> None:
    network, x = ready(SimpleCNN(Image(2, 7, 7), Vector(3), maps=4, width=6)), image(2, 7)
    maps = relu(convolution(x[0].numpy(), *arrays(network.body.convolution)))
    close(network.features(x)["convolution"], maps)
    pooled = max_pool(maps, 2)
    close(network.features(x)["pool"], pooled)
    close(network(x), dense(relu(dense(pooled.ravel(), network.head.dense)), network.head.output))


def test_lenet5_of_1998_layer_by_layer() -> None:
    network, x = ready(LeNet5(Image(1, 32, 32), Vector(3), variant="1998")), image(1, 32)
    c1 = squash(convolution(x[0].numpy(), *arrays(network.body.c1)))
    s2 = squash(subsample(c1, *arrays(network.body.s2)))
    kernels, biases = arrays(network.body.c3)
    partial = [kernels[sum(map(len, TABLE_I[:k])) :][: len(sources)] for k, sources in enumerate(TABLE_I)]
    c3 = squash(
        np.concatenate(
            [convolution(s2[list(TABLE_I[k])], partial[k][None], biases[k : k + 1]) for k in range(len(TABLE_I))]
        )
    )
    s4 = squash(subsample(c3, *arrays(network.body.s4)))
    for name, expected in {"c1": c1, "s2": s2, "c3": c3, "s4": s4}.items():
        close(network.features(x)[name], expected)
    c5 = squash(convolution(s4, *arrays(network.head.c5)).ravel())
    close(network(x), dense(squash(dense(c5, network.head.f6)), network.head.output))


@pytest.mark.parametrize("stride", [1, 2])
def test_a_padded_and_strided_convolution_as_in_resnet(stride: int) -> None:
    network, x = ready(ResNet(Image(3, 7, 7), Vector(3), depth=8, width=3)), image(3, 7)
    layer = network.stages[f"stage{stride}"][0].conv1
    close(layer(x), convolution(x[0].numpy(), *arrays(layer), np.zeros(layer.out_channels), stride, padding=1))


@pytest.mark.parametrize("change", ["flipped kernel", "no bias", "shifted"])
def test_control_another_equation_is_told_apart(change: str) -> None:
    network, x = ready(SimpleCNN(Image(2, 7, 7), Vector(3), maps=4, width=6)), image(2, 7)
    weights, bias = arrays(network.body.convolution)
    other = {
        "flipped kernel": lambda: convolution(x[0].numpy(), weights[:, :, ::-1, ::-1], bias),
        "no bias": lambda: convolution(x[0].numpy(), weights, 0 * bias),
        "shifted": lambda: convolution(x[0].numpy(), weights, bias, padding=1)[:, :-2, :-2],
    }[change]()
    with pytest.raises(AssertionError):
        close(network.body.convolution(x), other)
