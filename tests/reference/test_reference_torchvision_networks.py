"""The networks that torchvision has too: with the same weights the same answers, the same cost, the same layers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import torch
import torchvision
from torch import nn

from neocog.core.shapes import Image, Vector
from neocog.measures.cost import macs, parameters
from neocog.networks import NETWORKS
from neocog.networks.network import AbstractNetwork
from neocog.nn.stochastic_depth import StochasticDepth

CLASSES = 1000
OUTPUTS, GRADIENTS = 1e-9, 1e-8


class Pair(NamedTuple):
    """Our network and torchvision's builder; ``other`` is a size besides its home."""

    name: str
    options: dict[str, Any]
    builder: str
    other: int = 72
    theirs: dict[str, Any] = {}


PAIRS: dict[str, Pair] = {
    "alexnet": Pair("alexnet", {}, "alexnet", 96),
    "vgg-11": Pair("vgg", {"depth": 11}, "vgg11"),
    "vgg-11-norm": Pair("vgg", {"depth": 11, "norm": True}, "vgg11_bn"),
    "vgg-16": Pair("vgg", {"depth": 16}, "vgg16"),
    "vgg-16-norm": Pair("vgg", {"depth": 16, "norm": True}, "vgg16_bn"),
    "resnet-18": Pair("resnet-imagenet", {"depth": 18}, "resnet18"),
    "resnet-50": Pair("resnet-imagenet", {"depth": 50}, "resnet50"),
    "squeezenet-1.0": Pair("squeezenet", {"version": "1.0"}, "squeezenet1_0"),
    "squeezenet-1.1": Pair("squeezenet", {"version": "1.1"}, "squeezenet1_1"),
    "mobilenet-v2": Pair("mobilenet-v2", {}, "mobilenet_v2"),
    "convnext-tiny": Pair("convnext", {"size": "tiny"}, "convnext_tiny"),
    "googlenet": Pair(
        "googlenet", {"auxiliary": 0.0}, "googlenet", 97, {"aux_logits": False, "init_weights": False}
    ),  # the published count is without the auxiliary heads
    "inception-v3": Pair("inception-v3", {}, "inception_v3", 139, {"init_weights": False}),
}

ONLY_COUNTED: dict[str, Pair] = {
    "vgg-13": Pair("vgg", {"depth": 13}, "vgg13"),
    "vgg-13-norm": Pair("vgg", {"depth": 13, "norm": True}, "vgg13_bn"),
    "vgg-19": Pair("vgg", {"depth": 19}, "vgg19"),
    "vgg-19-norm": Pair("vgg", {"depth": 19, "norm": True}, "vgg19_bn"),
    "resnet-34": Pair("resnet-imagenet", {"depth": 34}, "resnet34"),
    "resnet-101": Pair("resnet-imagenet", {"depth": 101}, "resnet101"),
    "resnet-152": Pair("resnet-imagenet", {"depth": 152}, "resnet152"),
    "convnext-small": Pair("convnext", {"size": "small"}, "convnext_small"),
    "convnext-base": Pair("convnext", {"size": "base"}, "convnext_base"),
}
EVERY = {**PAIRS, **ONLY_COUNTED}


def ours(pair: Pair, side: int | None = None, device: str = "meta") -> AbstractNetwork:
    side = side or NETWORKS[pair.name].facts.home
    assert side is not None
    with torch.device(device):
        return NETWORKS[pair.name](Image(3, side, side), Vector(CLASSES), **pair.options)


def theirs(pair: Pair, device: str = "meta") -> nn.Module:
    with torch.device(device):
        return torchvision.models.get_model(pair.builder, **pair.theirs)


def published_name(key: str, network: AbstractNetwork) -> str:
    """As the docstring of ``AbstractNetwork`` says it."""
    fitting = [prefix for prefix in network.published if f"{key}.".startswith(f"{prefix}.")]
    longest = max(fitting, key=len, default="")
    return network.published[longest] + key.removeprefix(longest) if fitting else key


def drawn(pair: Pair) -> nn.Module:
    """Torchvision's network in float64 with its own random weights, and nothing in it that changes nothing.

    A fresh batch norm divides by 1, and a fresh ConvNeXt block scales its branch by a millionth.
    """
    torch.manual_seed(1)
    network = theirs(pair, "cpu").double().eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.bias, module.running_mean, module.running_var):
                assert value is not None
                nn.init.uniform_(value, 0.5, 1.5)
        if isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    for name, value in network.named_parameters():
        if "layer_scale" in name:
            nn.init.uniform_(value, 0.5, 1.5)
    return network


def take_weights(network: AbstractNetwork, state: dict[str, torch.Tensor]) -> None:
    """The very tensors, so that no weight is in memory twice."""
    renamed = {key: state[published_name(key, network)] for key in network.state_dict()}
    network.load_state_dict(renamed, assign=True)
    network.eval().requires_grad_(False)


def differences(one: nn.Module, other: nn.Module, side: int) -> tuple[float, float]:
    """The largest difference of outputs, and of gradients by the image relative to the largest gradient."""
    generator = torch.Generator().manual_seed(2)
    image = torch.randn(1, 3, side, side, dtype=torch.float64, generator=generator)
    weights = torch.randn(1, CLASSES, dtype=torch.float64, generator=generator)
    results = []
    for network in (one, other):
        pixels = image.clone().requires_grad_()
        output = network(pixels)
        results.append((output.detach(), torch.autograd.grad((output * weights).sum(), pixels)[0]))
    (found, slope), (expected, expected_slope) = results
    assert expected.std() > 0 and expected_slope.abs().max() > 0
    apart = (slope - expected_slope).abs().max() / expected_slope.abs().max()
    return float((found - expected).abs().max()), float(apart)


@pytest.mark.parametrize("key", PAIRS)
def test_the_same_weights_give_the_same_output_and_gradient(key: str) -> None:
    pair = PAIRS[key]
    expected = drawn(pair)
    home = NETWORKS[pair.name].facts.home
    assert home is not None
    for side in (home, pair.other):
        network = ours(pair, side)
        take_weights(network, expected.state_dict())
        output, gradient = differences(network, expected, side)
        print(f"{key} at {side}: outputs {output:.1e}, gradients {gradient:.1e}")
        assert output <= OUTPUTS and gradient <= GRADIENTS


def test_control_a_planted_change_shows() -> None:
    pair = PAIRS["squeezenet-1.1"]
    expected, network = drawn(pair), ours(pair, pair.other)
    take_weights(network, expected.state_dict())
    with torch.no_grad():
        weight = dict(network.named_parameters())["body.4.expand3x3.weight"]
        weight.data = weight * (1 + 1e-6)
    output, gradient = differences(network, expected, pair.other)
    assert output > OUTPUTS and gradient > GRADIENTS


@pytest.mark.parametrize("key", EVERY)
def test_every_weight_has_its_place_in_the_published_state(key: str) -> None:
    network, expected = ours(EVERY[key]), theirs(EVERY[key])
    found = {published_name(name, network): value.shape for name, value in network.state_dict().items()}
    assert len(found) == len(network.state_dict())
    assert found == {name: value.shape for name, value in expected.state_dict().items()}


@pytest.mark.parametrize("key", EVERY)
def test_parameters_and_multiply_adds_are_the_published_ones(key: str) -> None:
    pair = EVERY[key]
    network = ours(pair)
    meta = torchvision.models.get_model_weights(pair.builder).DEFAULT.meta
    assert parameters(network) == meta["num_params"]
    assert round(macs(network, network.takes) / 1e9, 3) == meta["_ops"]


def chance_and_norms(network: nn.Module) -> Iterator[tuple[Any, ...]]:
    """What no comparison in evaluation mode sees, and the constants of norms, in order."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            yield "batch-norm", module.eps, module.momentum
        elif isinstance(module, nn.LayerNorm):
            yield "layer-norm", module.eps
        elif isinstance(module, nn.Dropout):
            yield "dropout", module.p
        elif isinstance(module, (StochasticDepth, torchvision.ops.StochasticDepth)):
            yield "stochastic-depth", pytest.approx(module.p)


@pytest.mark.parametrize("key", EVERY)
def test_dropout_stochastic_depth_and_norms_are_set_and_placed_alike(key: str) -> None:
    found, expected = (list(chance_and_norms(made(EVERY[key]))) for made in (ours, theirs))
    assert found == expected


BEGINNINGS = {
    "resnet-18": ("layer1.0.conv1.weight", "layer4.0.downsample.0.weight", "fc.weight"),
    "squeezenet-1.1": ("features.0.weight", "features.4.expand3x3.weight", "classifier.1.weight"),
    "mobilenet-v2": ("features.3.conv.0.0.weight", "features.3.conv.1.0.weight", "classifier.1.weight"),
    "convnext-tiny": ("features.0.0.weight", "features.1.0.block.0.weight", "features.1.0.block.3.weight"),
}


@pytest.mark.parametrize("key", BEGINNINGS)
def test_weights_begin_with_the_same_deviation(key: str) -> None:
    torch.manual_seed(0)
    network, expected = ours(PAIRS[key], device="cpu"), theirs(PAIRS[key], "cpu").state_dict()
    found = {published_name(name, network): value for name, value in network.state_dict().items()}
    for name in BEGINNINGS[key]:
        assert float(found[name].std()) == pytest.approx(float(expected[name].std()), rel=0.05)
    for name, value in found.items():
        if name.endswith("bias") and name != "fc.bias":
            assert torch.equal(value, expected[name])
