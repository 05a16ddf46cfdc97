"""The layers that the published networks brought: against torch's and torchvision's, and against their definitions."""

from fractions import Fraction

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models._utils import _make_divisible
from torchvision.models.convnext import LayerNorm2d

from neocog.nn.adaptive_mean import AdaptiveMean
from neocog.nn.channel_norm import ChannelNorm
from neocog.nn.he_fan_out import he_fan_out
from neocog.nn.normed_convolution import normed_convolution
from neocog.nn.stochastic_depth import StochasticDepth
from neocog.nn.widened import widened


@pytest.mark.parametrize("size", [(6, 6), (7, 13), (4, 3), (12, 18), (1, 29)])
def test_adaptive_mean_is_torchs_with_its_gradient(size: tuple[int, int]) -> None:
    maps = torch.randn(2, 3, *size, dtype=torch.float64, requires_grad=True)
    found, expected = AdaptiveMean(6)(maps), nn.AdaptiveAvgPool2d(6)(maps)
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(found)
    slopes = [torch.autograd.grad((output * weights).sum(), maps)[0] for output in (found, expected)]
    torch.testing.assert_close(*slopes)


def test_adaptive_mean_lets_maps_of_its_side_pass_and_keeps_their_type() -> None:
    maps = torch.randn(2, 3, 6, 6)
    assert AdaptiveMean(6)(maps) is maps
    assert AdaptiveMean(5)(maps.bfloat16()).dtype == torch.bfloat16


def test_adaptive_mean_knows_its_windows() -> None:
    assert AdaptiveMean(7).cost((2, 14, 15), (2, 7, 7)) == {
        "macs": 0,
        "connections": 2 * 49 * 2 * 3,
        "kernel": 3,
        "stride": Fraction(15, 7),
    }


def test_channel_norm_is_torchvisions() -> None:
    ours, theirs = ChannelNorm(5, eps=1e-6), LayerNorm2d(5, eps=1e-6)
    for norm in (ours, theirs):
        torch.manual_seed(0)
        nn.init.uniform_(norm.weight)
        nn.init.uniform_(norm.bias)
    maps = torch.randn(2, 5, 3, 4)
    assert torch.equal(ours(maps), theirs(maps))


@pytest.mark.parametrize("p", [0.0, 0.3])
@pytest.mark.parametrize("training", [True, False])
def test_stochastic_depth_is_torchvisions_draw_for_draw(p: float, training: bool) -> None:
    branch = torch.randn(32, 2, 3, 3)
    results = []
    for layer in (StochasticDepth(p), torchvision.ops.StochasticDepth(p, "row")):
        torch.manual_seed(0)
        results.append(layer.train(training)(branch))
    torch.testing.assert_close(*results)
    changed = not torch.equal(results[0], branch)
    assert changed == (training and p > 0)


def test_stochastic_depth_draws_nothing_where_it_changes_nothing() -> None:
    state = torch.get_rng_state()
    StochasticDepth(0.0).train()(torch.ones(4, 1, 1, 1))
    StochasticDepth(0.5).eval()(torch.ones(4, 1, 1, 1))
    assert torch.equal(torch.get_rng_state(), state)


def test_widened_rounds_as_the_published_code_does() -> None:
    for width in (0.1, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4):
        for count in (16, 24, 32, 64, 96, 160, 320, 1280):
            assert widened(count, width, 8) == _make_divisible(count * width, 8)
    assert [widened(count, 0.0625) for count in (64, 96, 4, 1)] == [4, 6, 1, 1]
    assert widened(37, 1.0) == 37


def test_he_fan_out_keeps_the_size_of_gradients() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(8, 64, 3), nn.Conv2d(64, 32, 5, bias=False), nn.Linear(100, 100))
    dense = network[2].weight.clone()
    he_fan_out(network)
    assert torch.equal(network[2].weight, dense)
    for layer, fan in ((network[0], 64 * 9), (network[1], 32 * 25)):
        assert layer.weight.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.05)
    assert not network[0].bias.any()
    he_fan_out(network, dense=0.01)
    assert network[2].weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert not network[2].bias.any()


def test_a_normed_convolution_keeps_the_sides_of_maps() -> None:
    for kernel in (1, 3, 5):
        layers = normed_convolution(4, 6, kernel, activation=nn.ReLU6())
        assert [type(layer) for layer in layers] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU6]
        assert layers(torch.randn(2, 4, 7, 8)).shape == (2, 6, 7, 8)
    assert len(normed_convolution(4, 6, 1)) == 2
