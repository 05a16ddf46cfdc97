"""The fast layers against torch's own: values and gradients."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.nn.pad_shortcut import PadShortcut
from neocog.nn.pooled_convolution import pooled_convolution
from neocog.nn.pooling_sequence import PoolingSequence

CASES = [  # images n c h w, maps, side, padding
    ((128, 1, 28, 28), 32, 3, 0),  # simple-cnn
    ((128, 1, 32, 32), 6, 5, 0),  # lenet5's C1
    ((128, 6, 14, 14), 16, 5, 0),  # lenet5's C3
    ((5, 1, 28, 28), 6, 5, 2),
    ((3, 3, 9, 12), 8, 3, 1),  # rows that no window covers
    ((1, 2, 4, 7), 3, 3, 0),  # one image
    ((2, 3, 64, 48), 40, 3, 0),  # several blocks of rows
    ((7, 4, 6, 6), 5, 1, 0),
]


def _gradients(y: Tensor, *leaves: Tensor) -> list[Tensor]:
    return [y, *torch.autograd.grad(y, leaves, torch.sin(torch.arange(float(y.numel())).view_as(y)).to(y.dtype))]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape, maps, side, padding", CASES)
def test_pooled_convolution_is_convolution_then_pooling(
    shape: tuple[int, ...], maps: int, side: int, padding: int, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    images = torch.randn(shape, dtype=dtype, requires_grad=True)
    weight = torch.randn(maps, shape[1], side, side, dtype=dtype, requires_grad=True)
    bias = torch.randn(maps, dtype=dtype, requires_grad=True)
    ours = _gradients(pooled_convolution(images, weight, bias, padding), images, weight, bias)
    reference = F.max_pool2d(F.conv2d(images, weight, bias, padding=padding), 2)
    for found, expected in zip(ours, _gradients(reference, images, weight, bias)):
        error = (found - expected).abs().max() / expected.abs().max()
        assert error < (5e-4 if dtype == torch.float32 else 1e-12)


def test_among_equal_values_the_first_gets_the_gradient() -> None:
    images = torch.ones(2, 1, 4, 4, requires_grad=True)
    weight, bias = torch.ones(1, 1, 1, 1), torch.zeros(1)
    (ours,) = torch.autograd.grad(pooled_convolution(images, weight, bias).sum(), images)
    (torchs,) = torch.autograd.grad(F.max_pool2d(images, 2).sum(), images)
    assert torch.equal(ours, torchs) and ours.sum() == 8


def test_a_number_that_is_none_is_passed_on() -> None:
    images = torch.randn(2, 1, 6, 6)
    images[1, 0, 2, 3] = torch.nan
    pooled = pooled_convolution(images, torch.ones(1, 1, 3, 3), torch.zeros(1))
    assert torch.equal(pooled.isnan(), F.max_pool2d(F.conv2d(images, torch.ones(1, 1, 3, 3)), 2).isnan())


@pytest.mark.parametrize("name", ["simple-cnn", "lenet5"])
@pytest.mark.parametrize("takes", [Image(1, 28, 28), Image(3, 33, 40)], ids=str)
def test_networks_give_what_their_layers_give_one_by_one(name: str, takes: Image) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name](takes, Vector(10)).double().eval()
    images = torch.randn(4, takes.channels, takes.height, takes.width, dtype=torch.float64)
    layers = next(module for module in network.modules() if isinstance(module, PoolingSequence))
    prepared = network.enlarge(images) if name == "lenet5" else images
    one_by_one = nn.Sequential(*layers, *network.head)
    parameters = list(network.parameters())
    ours = _gradients(network(images), *parameters)
    for found, expected in zip(ours, _gradients(one_by_one(prepared), *parameters)):
        assert torch.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_pad_shortcut_is_a_slice_and_zeros(memory: torch.memory_format) -> None:
    maps = torch.randn(2, 4, 7, 8).to(memory_format=memory).requires_grad_()
    ours = _gradients(PadShortcut(2, 3)(maps), maps)
    for found, expected in zip(ours, _gradients(F.pad(maps[:, :, ::2, ::2], (0, 0, 0, 0, 1, 2)), maps)):
        assert torch.equal(found, expected)
