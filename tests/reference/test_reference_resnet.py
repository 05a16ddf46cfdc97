"""ResNet against the same network made of torchvision's blocks, and against its own pieces."""

import pytest
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock

from neocog.core.shapes import Image, Vector
from neocog.networks.resnet import ResNet

RENAMED = {"norm1": "bn1", "norm2": "bn2", "shortcut": "downsample"}


def theirs(depth: int) -> nn.Sequential:
    """Stem, three stages and head as in the paper, with torchvision's BasicBlock and its projections."""
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for outputs, stride in ((16, 1), (32, 2), (64, 2)):
        for block in range((depth - 2) // 6):
            step = 1 if block else stride
            change = None
            if step != 1:
                change = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=step, bias=False), nn.BatchNorm2d(outputs))
            layers.append(BasicBlock(inputs, outputs, step, change))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def pair(depth: int) -> tuple[nn.Module, nn.Sequential]:
    """Both networks in float64 with the same weights and the same batch statistics, none of them trivial."""
    torch.manual_seed(1)
    ours, other = ResNet(Image(3, 32, 32), Vector(10), depth=depth, shortcut="B").double(), theirs(depth).double()
    for module in ours.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.bias, module.running_mean, module.running_var):
                nn.init.uniform_(value, 0.5, 1.5)
    blocks = [block for stage in ours.stages.values() for block in stage]
    own = [ours.stem.convolution, ours.stem.norm, *blocks, ours.head.output]
    holders = [layer for layer in other if list(layer.parameters())]
    for mine, copy in zip(own, holders, strict=True):
        state = {
            ".".join(RENAMED.get(part, part) for part in key.split(".")): value
            for key, value in mine.state_dict().items()
        }
        copy.load_state_dict(state)
    return ours, other


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("depth", [8, 20])
def test_equals_torchvisions_blocks(depth: int, training: bool) -> None:
    ours, other = pair(depth)
    images = torch.randn(4, 3, 32, 32, dtype=torch.float64, requires_grad=True)
    found, expected = ours.train(training)(images), other.train(training)(images)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    gradients = [torch.autograd.grad(output.square().sum(), images)[0] for output in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-9)


def test_control_a_planted_change_shows() -> None:
    ours, other = pair(8)
    images = torch.randn(4, 3, 32, 32, dtype=torch.float64)
    ours.stages["stage2"][0].shortcut = None
    assert not torch.allclose(ours.eval()(images), other.eval()(images))
