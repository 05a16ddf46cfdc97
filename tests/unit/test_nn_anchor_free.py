import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.nn.anchor_free import BOX, CENTRE, CLASSES, AnchorFree
from neocog.nn.feature_pyramid import levels_for

TAKES = Image(1, 64, 48)


def detector(name: str = "resnet", takes: Image = TAKES, **options: object) -> AnchorFree:
    torch.manual_seed(0)
    network = NETWORKS[name](takes, Vector(3), **options)
    return AnchorFree(network, takes, classes=3, strides=(4, 8, 16), width=16, depth=1)


@pytest.mark.parametrize("name", ["simple-cnn", "lenet5", "resnet"])
def test_any_network_with_maps_says_something_of_every_place(name: str) -> None:
    made = detector(name)
    said = made.eval()(torch.rand(2, 1, 64, 48))
    assert said.shape == (2, len(made.places), 8)
    assert (said[..., BOX] > 0).all()
    assert said[..., CENTRE].shape == (2, len(made.places))
    assert (torch.sigmoid(said[..., CLASSES]) < 0.2).all()


def test_places_are_the_middles_of_the_steps() -> None:
    at = detector().places
    first = at[at[:, 2] == 8]
    assert first[0].tolist() == [4, 4, 8] and first[-1].tolist() == [44, 60, 8]
    assert len(at) == 16 * 12 + 8 * 6 + 4 * 3


@pytest.mark.parametrize("stem", [1, 2, 4])
def test_levels_are_the_network_s_maps_where_it_has_them(stem: int) -> None:
    made = detector(depth=8, stem=stem)
    expected = {1: ("stage3", None, None), 2: ("stage2", "stage3", None), 4: ("stage1", "stage2", "stage3")}
    assert made.pyramid.levels == expected[stem]


def test_what_is_seen_at_a_place_is_what_is_there() -> None:
    """A bright spot changes what is said of places around it, and hardly what is said far away."""
    made = detector(depth=8).eval()
    plain, spot = torch.zeros(1, 1, 64, 48), torch.zeros(1, 1, 64, 48)
    spot[..., 20:24, 36:40] = 5
    changed = (made(spot) - made(plain))[0, :, CLASSES].abs().sum(1)
    finest = made.places[:, 2] == 4
    best = made.places[finest][changed[finest].argmax()]
    assert abs(best[0] - 38) <= 8 and abs(best[1] - 22) <= 8


def test_the_network_s_own_head_is_taken_off() -> None:
    made = detector("simple-cnn")
    assert isinstance(made.body.head, nn.Identity)
    assert all(parameter.grad is None for parameter in made.parameters())
    made(torch.rand(2, 1, 64, 48)).sum().backward()
    assert [name for name, each in made.named_parameters() if each.grad is None] == []


def test_building_one_leaves_statistics_and_mode_alone() -> None:
    made = detector(depth=8)
    assert made.training and made.body.training
    means = [value for name, value in made.state_dict().items() if name.endswith("running_mean")]
    assert means and all((mean == 0).all() for mean in means)


def test_a_network_without_maps_is_refused_by_name() -> None:
    with pytest.raises(UsageProblem) as caught:
        detector("mlp")
    assert caught.value.code == "network-without-maps"


def test_a_network_that_is_too_coarse_is_refused() -> None:
    with pytest.raises(UsageProblem) as caught:
        levels_for({"a": 8, "b": 16}, (4, 8, 16))
    assert caught.value.code == "network-too-coarse"
    assert "8 pixels" in caught.value.what
