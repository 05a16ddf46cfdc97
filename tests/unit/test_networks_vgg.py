import pytest
import torch
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks.vgg import CONVOLUTIONS, VGG

GIVES = Vector(10)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("depth", CONVOLUTIONS)
def test_depth_counts_the_weighted_layers(depth: int, norm: bool) -> None:
    with torch.device("meta"):
        network = VGG(Image(3, 32, 32), GIVES, depth=depth, norm=norm)
    assert sum(isinstance(layer, (nn.Conv2d, nn.Linear)) for layer in network.modules()) == depth
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in network.modules()) == (depth - 3 if norm else 0)


def test_the_maps_are_those_before_each_pooling_and_the_last() -> None:
    network = VGG(Image(3, 64, 64), GIVES, width=0.0625).eval()
    maps = network.features(torch.randn(1, 3, 64, 64))
    assert [(name, *found.shape[1:3]) for name, found in maps.items()] == [
        ("stage1", 4, 64),
        ("stage2", 8, 32),
        ("stage3", 16, 16),
        ("stage4", 32, 8),
        ("stage5", 32, 4),
        ("pool5", 32, 2),
    ]
    torch.testing.assert_close(nn.functional.max_pool2d(maps["stage5"], 2), maps["pool5"])


def test_width_and_dropout_reach_the_dense_layers() -> None:
    network = VGG(Image(3, 32, 32), GIVES, width=0.0625, dropout=0.25)
    assert [network.head.dense1.out_features, network.head.dense2.out_features] == [256, 256]
    assert [network.head.dropout1.p, network.head.dropout2.p] == [0.25, 0.25]
