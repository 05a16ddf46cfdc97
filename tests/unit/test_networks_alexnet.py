import torch

from neocog.core.shapes import Image, Vector
from neocog.networks.alexnet import AlexNet

GIVES = Vector(10)


def test_at_28_pixels_the_small_stem_gives_the_dense_layers_the_6x6_maps_that_they_were_made_for() -> None:
    network = AlexNet(Image(1, 28, 28), GIVES, stem="small", width=0.0625)
    assert network.features(torch.randn(2, 1, 28, 28))["pool5"].shape == (2, 16, 6, 6)


def test_at_home_so_does_the_published_one() -> None:
    with torch.device("meta"):
        network = AlexNet(Image(3, 224, 224), GIVES)
        maps = network.features(torch.empty(1, 3, 224, 224))
    assert {name: tuple(found.shape[1:]) for name, found in maps.items()} == {
        "conv1": (64, 55, 55),
        "conv2": (192, 27, 27),
        "conv5": (256, 13, 13),
        "pool5": (256, 6, 6),
    }
    assert network.head.dense6.weight.shape == (4096, 9216)
