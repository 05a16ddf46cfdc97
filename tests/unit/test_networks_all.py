"""What every network that tells classes of images promises."""

import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.networks.network import AbstractNetwork
from neocog.tasks.classify import Classify

WITHOUT_MAPS = ("linear", "mlp")
WITH_MAPS = tuple(name for name in Classify.networks if name not in WITHOUT_MAPS)
SIZES = (Image(1, 8, 8), Image(3, 28, 28), Image(2, 9, 17), Image(3, 40, 33))


def made(name: str, takes: Image, seed: int = 0) -> AbstractNetwork:
    torch.manual_seed(seed)
    return NETWORKS[name](takes, Vector(5))


def images(takes: Image, count: int = 3) -> torch.Tensor:
    return torch.randn(count, takes.channels, takes.height, takes.width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("takes", SIZES, ids=str)
@pytest.mark.parametrize("name", Classify.networks)
def test_gives_one_row_of_logits_per_image(name: str, takes: Image) -> None:
    network = made(name, takes)
    logits = network(images(takes))
    assert logits.shape == (3, 5)
    assert logits.isfinite().all()
    assert (network.takes, network.gives) == (takes, Vector(5))
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("name", Classify.networks)
def test_takes_its_smallest_image_and_refuses_a_smaller_one(name: str) -> None:
    side = NETWORKS[name].facts.smallest
    assert made(name, Image(1, side, side)).eval()(images(Image(1, side, side))).shape == (3, 5)
    if side == 1:
        return
    for height, width in ((side - 1, 20), (20, side - 1)):
        with pytest.raises(UsageProblem) as caught:
            made(name, Image(1, height, width))
        assert caught.value.code == "network-image-too-small"
        assert f"{height}x{width}" in caught.value.what and name in caught.value.what


@pytest.mark.parametrize("name", Classify.networks)
def test_weights_come_from_torchs_generator_alone(name: str) -> None:
    first, again, other = (made(name, Image(1, 8, 8), seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", WITHOUT_MAPS)
def test_networks_without_maps_say_so(name: str) -> None:
    network = made(name, Image(1, 8, 8))
    assert network.strides == {}
    with pytest.raises(UsageProblem) as caught:
        network.features(images(Image(1, 8, 8)))
    assert caught.value.code == "network-without-maps"
    assert name in caught.value.what


@pytest.mark.parametrize("takes", [Image(1, 32, 32), Image(3, 64, 48)], ids=str)
@pytest.mark.parametrize("name", WITH_MAPS)
def test_the_head_turns_the_last_map_into_the_output(name: str, takes: Image) -> None:
    network = made(name, takes).eval()
    maps = network.features(images(takes))
    assert list(maps) == list(network.strides)
    torch.testing.assert_close(network.head(list(maps.values())[-1]), network(images(takes)))
    sides = [found.shape[2] for found in maps.values()]
    assert sides == sorted(sides, reverse=True)


@pytest.mark.parametrize("name", WITH_MAPS)
def test_an_image_moved_by_one_stride_moves_its_map_by_one_step(name: str) -> None:
    torch.manual_seed(0)
    options = {"depth": 8} if name == "resnet" else {}
    network = NETWORKS[name](Image(1, 64, 64), Vector(5), **options).double().eval()
    wide = torch.randn(1, 1, 64, 80, dtype=torch.float64)
    still = network.features(wide[..., :64])
    for key, stride in network.strides.items():
        moved = network.features(wide[..., stride : 64 + stride])[key]
        inside = slice(4, moved.shape[3] - 5)
        torch.testing.assert_close(moved[..., inside], still[key][..., 1:][..., inside])
        assert not torch.allclose(moved[..., inside], still[key][..., inside])
