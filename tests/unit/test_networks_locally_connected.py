"""Locally connected layers and networks: a convolution with its weights untied, and a twin layer for layer."""

import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.measures.cost import profile
from neocog.networks.lenet5 import LeNet5
from neocog.networks.locally_connected import LocallyConnectedNet
from neocog.networks.network import AbstractNetwork
from neocog.networks.simple_cnn import SimpleCNN
from neocog.nn.locally_connected import LocallyConnected

CASES = [(1, 4, 3, 7, 9), (3, 2, 5, 8, 8), (2, 3, 1, 4, 5), (2, 6, 4, 4, 4)]  # inputs, outputs, side, height, width


def tied(inputs: int, outputs: int, side: int, height: int, width: int) -> tuple[LocallyConnected, nn.Conv2d]:
    """The layer with one kernel at every place, and that kernel's convolution."""
    torch.manual_seed(0)
    convolution = nn.Conv2d(inputs, outputs, side).double()
    layer = LocallyConnected(inputs, outputs, side, height=height, width=width).double()
    with torch.no_grad():
        layer.weight.copy_(convolution.weight.flatten(1).expand_as(layer.weight))
        layer.bias.copy_(convolution.bias[:, None, None].expand_as(layer.bias))  # type: ignore[index]
    return layer, convolution


@pytest.mark.parametrize("sizes", CASES)
def test_with_one_kernel_everywhere_it_is_a_convolution(sizes: tuple[int, int, int, int, int]) -> None:
    layer, convolution = tied(*sizes)
    images = torch.randn(3, sizes[0], *sizes[3:], dtype=torch.float64, requires_grad=True)
    found, expected = layer(images), convolution(images)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    pull = torch.randn_like(expected)
    of_found = torch.autograd.grad(found, (images, layer.weight, layer.bias), pull)
    of_expected = torch.autograd.grad(expected, (images, convolution.weight, convolution.bias), pull)
    torch.testing.assert_close(of_found[0], of_expected[0], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(of_found[1].sum(0).view_as(of_expected[1]), of_expected[1], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(of_found[2].sum((1, 2)), of_expected[2], rtol=1e-12, atol=1e-12)


def test_control_a_kernel_changed_at_one_place_changes_that_place_only() -> None:
    layer, convolution = tied(1, 2, 3, 6, 7)
    images = torch.randn(2, 1, 6, 7, dtype=torch.float64)
    with torch.no_grad():
        layer.weight[1 * 5 + 3] += 1  # row 1, column 3 of 4 x 5 places
    different = (layer(images) - convolution(images)).abs().amax((0, 1)) > 1e-9
    assert different.nonzero().tolist() == [[1, 3]]


@pytest.mark.parametrize(("scheme", "variance"), [("he", 2 / 27), ("glorot", 2 / (27 + 45))])
def test_weights_begin_as_a_convolutions_do(scheme: str, variance: float) -> None:
    torch.manual_seed(0)
    layer = LocallyConnected(3, 5, 3, height=20, width=20, scheme=scheme)  # type: ignore[arg-type]
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.03)
    assert not layer.bias.any()
    assert not torch.equal(layer.weight[0], layer.weight[1])


@pytest.mark.parametrize(
    ("twin", "kind", "pairs"),
    [
        ("lenet5", LeNet5, {"body.local1": "body.c1", "body.local2": "body.c3"}),
        ("simple-cnn", SimpleCNN, {"body.local1": "body.convolution"}),
    ],
)
@pytest.mark.parametrize("takes", [Image(1, 28, 28), Image(3, 40, 33)], ids=str)
def test_a_twin_differs_in_nothing_but_shared_weights(
    twin: str, kind: type[AbstractNetwork], pairs: dict[str, str], takes: Image
) -> None:
    network, other = LocallyConnectedNet(takes, Vector(10), twin=twin), kind(takes, Vector(10))  # type: ignore[call-arg]
    mine, theirs = profile(network, takes), profile(other, takes)
    assert [(row.output, row.macs, row.connections) for row in mine if row.connections] == [
        (row.output, row.macs, row.connections) for row in theirs if row.connections
    ]
    parameters = {row.name: row.parameters for row in theirs}
    for row in mine:
        if row.name in pairs:
            assert row.parameters == row.connections > parameters[pairs[row.name]]
    for row, twins in zip(
        (r for r in mine if r.kind == "dense"), (r for r in theirs if r.kind == "dense"), strict=True
    ):
        assert row.parameters == twins.parameters
    assert [row.receptive_field for row in mine if row.connections] == [
        row.receptive_field for row in theirs if row.connections
    ]


@pytest.mark.parametrize("kind", ["lenet5", "simple-cnn"])
def test_with_the_twins_weights_it_says_what_the_twin_says(kind: str) -> None:
    torch.manual_seed(0)
    takes = Image(1, 16, 16)
    network = LocallyConnectedNet(takes, Vector(4), twin=kind).double().eval()
    other = (LeNet5 if kind == "lenet5" else SimpleCNN)(takes, Vector(4)).double().eval()
    convolutions = [layer for layer in other.modules() if isinstance(layer, nn.Conv2d)]
    local = [layer for layer in network.modules() if isinstance(layer, LocallyConnected)]
    with torch.no_grad():
        for layer, convolution in zip(local, convolutions, strict=True):
            layer.weight.copy_(convolution.weight.flatten(1).expand_as(layer.weight))
            layer.bias.copy_(convolution.bias[:, None, None].expand_as(layer.bias))  # type: ignore[index]
        for mine, theirs in zip(*([m for m in n.modules() if isinstance(m, nn.Linear)] for n in (network, other))):
            mine.load_state_dict(theirs.state_dict())
    images = torch.randn(3, 1, 16, 16, dtype=torch.float64)
    torch.testing.assert_close(network(images), other(images), rtol=1e-9, atol=1e-9)
    maps = network.features(images)
    assert list(maps) == list(network.strides)
    torch.testing.assert_close(network.head(list(maps.values())[-1]), network(images))


def test_refuses_what_is_too_small_for_its_twin() -> None:
    assert LocallyConnectedNet(Image(1, 1, 1), Vector(2))(torch.zeros(1, 1, 1, 1)).shape == (1, 2)
    with pytest.raises(UsageProblem) as caught:
        LocallyConnectedNet(Image(1, 3, 9), Vector(2), twin="simple-cnn")
    assert caught.value.code == "network-image-too-small"
