"""The auxiliary heads of GoogLeNet and Inception v3 while training, against torchvision's."""

from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.networks.googlenet import GoogLeNet
from neocog.networks.inception_v3 import InceptionV3
from neocog.networks.network import AbstractNetwork

CLASSES = 7
PAIRS: dict[str, tuple[type[AbstractNetwork], str, int]] = {
    "googlenet": (GoogLeNet, "googlenet", 64),
    "inception-v3": (InceptionV3, "inception_v3", 299),  # the smallest side that torchvision trains on is near home
}


def pair(name: str) -> tuple[Any, nn.Module]:
    kind, builder, side = PAIRS[name]
    torch.manual_seed(1)
    theirs = torchvision.models.get_model(builder, num_classes=CLASSES, aux_logits=True, init_weights=True).double()
    with torch.device("meta"):
        ours = kind(Image(3, side, side), Vector(CLASSES))
    state = theirs.state_dict()
    ours.load_state_dict({key: state[published(key, ours)].clone() for key in ours.state_dict()}, assign=True)
    assert len(ours.state_dict()) == len(state)
    for network in (ours, theirs):
        for layer in network.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
    return ours.train(), theirs.train()


def published(key: str, network: AbstractNetwork) -> str:
    longest = max((prefix for prefix in network.published if f"{key}.".startswith(f"{prefix}.")), key=len)
    return network.published[longest] + key.removeprefix(longest)


@pytest.mark.parametrize("name", PAIRS)
def test_every_head_says_the_same_while_training(name: str) -> None:
    ours, theirs = pair(name)
    images = torch.randn(2, *ours.takes.axes, dtype=torch.float64)
    with torch.no_grad():
        (_, last), *helpers = ours.every_output(images)
        expected = theirs(images)
    torch.testing.assert_close(last, expected.logits, rtol=1e-9, atol=1e-9)
    others = [getattr(expected, field) for field in expected._fields if field.startswith("aux")]
    assert len(helpers) == len(others)
    for (weight, found), other in zip(helpers, reversed(others), strict=True):
        assert weight == 0.3
        torch.testing.assert_close(found, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_weights_begin_alike(name: str) -> None:
    kind, builder, side = PAIRS[name]
    torch.manual_seed(0)
    ours = kind(Image(3, side, side), Vector(CLASSES))
    theirs = torchvision.models.get_model(builder, num_classes=CLASSES, aux_logits=True, init_weights=True).state_dict()
    for key, value in ours.state_dict().items():
        other = theirs[published(key, ours)]
        if value.dim() > 1 and value.numel() > 4000:
            assert float(value.std()) == pytest.approx(float(other.std()), rel=0.05), key
        elif value.dim() < 2 and "bn" in key:
            assert torch.equal(value, other), key
