import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.options import check
from neocog.core.shapes import Image, Vector
from neocog.networks.resnet_imagenet import BLOCKS, ResNetImageNet
from neocog.nn.bottleneck_block import BottleneckBlock

TAKES, GIVES = Image(3, 16, 16), Vector(10)
LIGHT = {"width": 0.0625, "stem": "small"}


@pytest.mark.parametrize("depth", BLOCKS)
def test_depth_counts_the_weighted_layers_of_the_plain_twin(depth: int) -> None:
    with torch.device("meta"):
        plain = ResNetImageNet(TAKES, GIVES, depth=depth, shortcut="none", **LIGHT)
        residual = ResNetImageNet(TAKES, GIVES, depth=depth, **LIGHT)
    layers = [sum(isinstance(layer, (nn.Conv2d, nn.Linear)) for layer in each.modules()) for each in (plain, residual)]
    assert layers == [depth, depth + (4 if depth >= 50 else 3)]


@pytest.mark.parametrize("depth", [18, 50])
def test_the_plain_twin_has_the_same_weights_and_no_way_around(depth: int) -> None:
    torch.manual_seed(0)
    residual = ResNetImageNet(TAKES, GIVES, depth=depth, **LIGHT).eval()
    plain = ResNetImageNet(TAKES, GIVES, depth=depth, shortcut="none", **LIGHT).eval()
    kept = {name: value for name, value in residual.state_dict().items() if "shortcut" not in name}
    plain.load_state_dict(kept)
    images = torch.randn(2, 3, 16, 16)
    assert not torch.allclose(plain(images), residual(images))


@pytest.mark.parametrize("depth", [18, 50])
def test_zero_init_begins_with_blocks_that_change_nothing(depth: int) -> None:
    for zero_init, same in ((True, True), (False, False)):
        network = ResNetImageNet(TAKES, GIVES, depth=depth, zero_init=zero_init, **LIGHT).eval()
        block = network.stages["stage2"][1]
        maps = torch.rand(2, block.conv1.in_channels, 8, 8)
        assert torch.equal(block(maps), maps) is same


def test_the_3x3_convolution_of_a_bottleneck_takes_the_step() -> None:
    block = BottleneckBlock(8, 4, stride=2, shortcut="projection")
    assert [layer.stride[0] for layer in (block.conv1, block.conv2, block.conv3)] == [1, 2, 1]
    assert block(torch.randn(2, 8, 6, 6)).shape == (2, 16, 3, 3)


def test_other_depths_are_refused_with_those_there_are() -> None:
    with pytest.raises(UsageProblem, match="20") as caught:
        check(ResNetImageNet, {"depth": 20})
    assert "18, 34, 50, 101, 152" in str(caught.value.where)
