import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks.resnet import ResNet
from neocog.nn.residual_block import ResidualBlock

TAKES, GIVES = Image(3, 16, 16), Vector(10)


@pytest.mark.parametrize("shortcut", ["A", "none"])
@pytest.mark.parametrize("depth", [8, 20, 56])
def test_depth_counts_the_weighted_layers(depth: int, shortcut: str) -> None:
    network = ResNet(TAKES, GIVES, depth=depth, shortcut=shortcut)
    assert sum(isinstance(layer, (nn.Conv2d, nn.Linear)) for layer in network.modules()) == depth


@pytest.mark.parametrize(
    "depth, nearest",
    [
        (18, "depth=14, depth=20"),
        (109, "depth=104, depth=110"),
        (9, "depth=8, depth=14"),
        (7, "depth=8"),
        (152, "depth=110"),
    ],
)
def test_other_depths_are_refused_with_the_nearest(depth: int, nearest: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        ResNet(TAKES, GIVES, depth=depth)
    assert caught.value.code == "option-value"
    assert caught.value.help == f"the nearest: {nearest}"


def test_the_plain_twin_has_the_same_weights_and_no_way_around() -> None:
    torch.manual_seed(0)
    residual = ResNet(TAKES, GIVES, depth=8).eval()
    plain = ResNet(TAKES, GIVES, depth=8, shortcut="none").eval()
    plain.load_state_dict(residual.state_dict())
    images = torch.randn(2, 3, 16, 16)
    assert not torch.allclose(plain(images), residual(images))


def test_zero_init_begins_with_blocks_that_change_nothing() -> None:
    for zero_init, same in ((True, True), (False, False)):
        network = ResNet(TAKES, GIVES, depth=8, zero_init=zero_init).eval()
        before = network.stem(torch.randn(2, 3, 16, 16))
        assert torch.equal(network.stages["stage1"](before), before) is same


def test_options_b_project_only_where_shapes_change() -> None:
    blocks = [m for m in ResNet(TAKES, GIVES, depth=14, shortcut="B").modules() if isinstance(m, ResidualBlock)]
    assert [isinstance(block.shortcut, nn.Sequential) for block in blocks] == [False, False, True, False, True, False]


def test_width_scales_every_stage() -> None:
    maps = ResNet(TAKES, GIVES, depth=8, width=5).features(torch.randn(2, 3, 16, 16))
    assert [found.shape[1] for found in maps.values()] == [5, 10, 20]


@pytest.mark.parametrize("stem", [1, 2, 4])
def test_a_stride_of_the_stem_makes_every_map_coarser(stem: int) -> None:
    network = ResNet(Image(3, 64, 32), Vector(5), depth=8, stem=stem)
    maps = network.features(torch.zeros(1, 3, 64, 32))
    for name, stride in network.strides.items():
        assert maps[name].shape[2:] == (64 // stride, 32 // stride)
    assert network.strides["stage1"] == stem
