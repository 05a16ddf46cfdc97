import json
from dataclasses import asdict

import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.measures.cost import macs, parameters, profile, totals
from neocog.networks import NETWORKS
from neocog.tasks.classify import Classify


class Residual(nn.Module):
    """A short and a long branch, added."""

    def __init__(self) -> None:
        super().__init__()
        self.long = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 5, padding=2))
        self.short = nn.Conv2d(1, 1, 1)
        self.after = nn.Conv2d(1, 1, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.after(self.short(x) + self.long(x).relu())


class Twice(nn.Module):
    """One layer, run twice."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.layer(x))


def seen(network: nn.Module, side: int = 64) -> list[int | str]:
    return [layer.receptive_field for layer in profile(network, Image(1, side, side))]


def test_receptive_field_of_a_chain() -> None:
    chain = nn.Sequential(
        nn.Conv2d(1, 1, 3),  # 3
        nn.MaxPool2d(2),  # 4, steps of 2
        nn.Conv2d(1, 1, 3, dilation=2),  # 4 + 4 * 2
        nn.Conv2d(1, 1, 3, stride=2),  # 12 + 2 * 2, steps of 4
        nn.ReLU(),
        nn.AvgPool2d(2),  # 16 + 1 * 4
        nn.Flatten(),
        nn.Linear(6 * 6, 2),
    )
    assert seen(chain) == [3, 4, 12, 16, 16, 20, 20, "all"]


def test_rows_and_columns_are_followed_apart() -> None:
    pair = nn.Sequential(nn.Conv2d(1, 1, (1, 7)), nn.Conv2d(1, 1, (7, 1)), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3))
    assert seen(pair) == [7, 7, 8, 12]


class PlaceByPlace(nn.Module):
    """A dense layer over the maps of each place, as in ConvNeXt."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3)
        self.dense = nn.Linear(4, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(self.convolution(x).permute(0, 2, 3, 1))


def test_a_dense_layer_over_one_place_sees_that_place() -> None:
    assert seen(PlaceByPlace()) == [3, 3]
    assert seen(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 62 * 62, 2))) == [3, 3, "all"]


def test_receptive_field_of_branches_is_the_largest() -> None:
    assert seen(Residual()) == [1, 3, 7, 9]


@pytest.mark.parametrize("name", ["simple-cnn", "lenet5", "resnet"])
def test_receptive_field_is_what_a_gradient_reaches(name: str) -> None:
    torch.manual_seed(0)
    takes = Image(1, 64, 64)
    options = {"resnet": {"depth": 8, "activation": "tanh"}, "lenet5": {"variant": "1998"}}.get(name, {})
    network = NETWORKS[name](takes, Vector(3), **options).double().eval()
    rows = {layer.name: layer.receptive_field for layer in profile(network, takes)}
    ends = {"simple-cnn": "body.pool", "lenet5": "body.s4", "resnet": "stages.stage2.0.activation2"}
    images = torch.rand(1, 1, 64, 64, dtype=torch.float64, requires_grad=True)
    kept = []
    network.get_submodule(ends[name]).register_forward_hook(lambda *given: kept.append(given[2]))
    network(images)
    (middle,) = kept
    # Max-pooling passes gradients to one input only: many positions' windows are overlaid, each in its own frame.
    reach = 0
    for row in range(middle.shape[2] // 2 - 2, middle.shape[2] // 2 + 2):
        (gradient,) = torch.autograd.grad(middle[0, :, row, row].sum(), images, retain_graph=True)
        lines = gradient[0, 0].abs().sum(1).nonzero()
        reach = max(reach, int(lines.max() - lines.min()) + 1)
    assert reach == rows[ends[name]]


def test_a_layer_that_runs_twice_is_two_rows_with_its_parameters_once() -> None:
    first, second = profile(Twice(), Image(1, 8, 8))
    assert (first.parameters, second.parameters) == (10, 0)
    assert first.macs == second.macs == 9 * 64
    assert (first.receptive_field, second.receptive_field) == (3, 5)


def test_sparse_connections_and_shared_weights_show_beside_a_dense_layer() -> None:
    (row,) = profile(nn.Sequential(nn.Conv2d(1, 32, 3)), Image(1, 28, 28))
    assert row.output == (32, 26, 26)
    assert row.parameters == 320
    assert row.macs == 32 * 26 * 26 * 9
    assert row.connections == 32 * 26 * 26 * 10
    assert row.dense_weights == 28 * 28 * 32 * 26 * 26
    assert row.activation_bytes == 4 * 32 * 26 * 26


def test_grouped_convolutions_see_their_group_only() -> None:
    (row,) = profile(nn.Sequential(nn.Conv2d(4, 8, 3, groups=2, bias=False)), Image(4, 5, 5))
    assert row.macs == row.connections == 8 * 9 * 2 * 9


@pytest.mark.parametrize("name", Classify.networks)
def test_totals_and_rows(name: str) -> None:
    takes = Image(3, 32, 32)
    network = NETWORKS[name](takes, Vector(10))
    layers = profile(network, takes)
    assert totals(layers)["parameters"] == parameters(network)
    assert totals(layers)["macs"] == macs(network, takes) > 0
    assert layers[-1].receptive_field == "all"
    assert json.loads(json.dumps([asdict(layer) for layer in layers]))[-1]["output"] == [10]


@pytest.mark.parametrize("name", Classify.networks)
def test_profiling_changes_nothing(name: str) -> None:
    takes = Image(1, 8, 8)
    network = NETWORKS[name](takes, Vector(10))
    next(network.children()).eval()
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    random = torch.get_rng_state()
    profile(network, takes)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
