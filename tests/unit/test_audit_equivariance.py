"""A convolution moves along with its image, to rounding; layers that share no weights do not."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neocog.audit.equivariance import Step, inner_places, map_errors
from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.nn.locally_connected import LocallyConnected
from neocog.runs.perturbed_runs import step_of


def images(side: int = 12, channels: int = 1) -> Tensor:
    return torch.rand(4, channels, side, side, generator=torch.Generator().manual_seed(1))


def of(layer: nn.Module) -> Callable[[Tensor], dict[str, Tensor]]:
    return lambda units: {"map": layer(units)}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_a_convolution_is_equivariant_away_from_its_padding() -> None:
    layer = nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.ReLU())
    found = map_errors(of(layer), images(), {"map": Step(2, 2)})["map"]
    assert found.errors is not None and found.errors.shape == (4,)
    assert float(found.errors.max()) <= 1e-6
    assert found.compared == pytest.approx((12 - 6) * (12 - 6 - 2) / 144)  # 3 at each edge see it, 2 move out


def test_without_shared_weights_it_is_not() -> None:
    found = map_errors(of(LocallyConnected(1, 4, 5, height=12, width=12)), images(), {"map": Step(2, 2)})["map"]
    assert found.errors is not None and float(found.errors.min()) > 0.3


def test_a_stride_asks_for_shifts_that_it_divides() -> None:
    layer = nn.Conv2d(1, 4, 3, stride=2, padding=1)
    right = map_errors(of(layer), images(16), {"map": Step(2, 1)})["map"]
    wrong = map_errors(of(layer), images(16), {"map": Step(1, 1)})["map"]
    assert right.errors is not None and float(right.errors.max()) <= 1e-6
    assert wrong.errors is not None and float(wrong.errors.min()) > 0.1
    assert [step_of(*each) for each in ((4, 1), (4, 4), (1, 4), (2, 3))] == [
        Step(4, 1),
        Step(1, 1),
        Step(1, 4),
        Step(2, 3),
    ]


def test_a_layer_that_sees_the_whole_image_cannot_be_compared() -> None:
    dense = nn.Sequential(nn.Flatten(), nn.Linear(144, 36), nn.Unflatten(1, (1, 6, 6)))
    found = map_errors(of(dense), images(), {"map": Step(2, 1)})["map"]
    assert found.errors is None and found.compared == 0


def test_inner_places_see_no_edge_and_no_padding() -> None:
    inner = inner_places(of(nn.Conv2d(1, 2, 3, padding=1)), images()[:1])["map"]
    expected = torch.zeros(12, 12, dtype=torch.bool)
    expected[2:-2, 2:-2] = True
    assert torch.equal(inner, expected)
    padded_only = nn.Sequential(nn.ZeroPad2d(6), nn.Conv2d(1, 2, 3))
    there = inner_places(of(padded_only), images()[:1])["map"]
    assert int(there.sum()) == 8 * 8, "places that see padding alone do not count"


@pytest.mark.parametrize("name", ["simple-cnn", "lenet5", "resnet"])
def test_maps_of_our_networks_move_along(name: str) -> None:
    takes = Image(1, 32, 32)
    network = NETWORKS[name](takes, Vector(3)).eval()
    steps = {each: step_of(stride, 1) for each, stride in network.strides.items()}
    found = map_errors(network.features, images(32), steps)
    known = {each: errors.errors for each, errors in found.items() if errors.errors is not None}
    assert len(known) >= 1 and all(float(np.max(errors)) <= 1e-5 for errors in known.values())


def test_the_locally_connected_net_does_not() -> None:
    network = NETWORKS["locally-connected"](Image(1, 32, 32), Vector(3)).eval()
    steps = {each: step_of(stride, 1) for each, stride in network.strides.items()}
    known = [
        each.errors for each in map_errors(network.features, images(32), steps).values() if each.errors is not None
    ]
    assert known and all(float(errors.min()) > 0.1 for errors in known)
