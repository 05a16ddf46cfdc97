import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks.squeezenet import SqueezeNet
from neocog.nn.fire import Fire

GIVES = Vector(10)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_eight_fires_with_three_poolings_in_the_places_of_the_version(version: str) -> None:
    with torch.device("meta"):
        network = SqueezeNet(Image(3, 64, 64), GIVES, version=version)
    letters = {Fire: "f", nn.MaxPool2d: "p", nn.Conv2d: "c", nn.ReLU: ""}
    kinds = "".join(letters[type(layer)] for layer in network.body)
    assert kinds == {"1.0": "cpfffpffffpf", "1.1": "cpffpffpffff"}[version]


def test_there_is_no_dense_layer_and_no_negative_logit() -> None:
    torch.manual_seed(0)
    network = SqueezeNet(Image(1, 28, 28), GIVES, stem="small")
    assert not any(isinstance(layer, nn.Linear) for layer in network.modules())
    logits = network(torch.randn(4, 1, 28, 28))
    assert (logits >= 0).all() and logits.std() > 0


def test_a_fire_gives_the_maps_of_its_small_kernels_first() -> None:
    fire, maps = Fire(4, 2, 3), torch.randn(2, 4, 5, 5)
    few = fire.squeeze(maps).relu()
    torch.testing.assert_close(fire(maps)[:, :3], fire.expand1x1(few).relu())
    torch.testing.assert_close(fire(maps)[:, 3:], fire.expand3x3(few).relu())
