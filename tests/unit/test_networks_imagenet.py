"""What the networks promise that were published for photographs and take small images as well."""

from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.networks.network import AbstractNetwork


class Case(NamedTuple):
    """A light form of a network, and the smallest images that it takes with each stem."""

    name: str
    options: dict[str, Any]
    smallest: int
    small: int


LIGHT = {"width": 0.0625}
CASES = (
    Case("alexnet", LIGHT, 63, 7),
    Case("vgg", LIGHT, 32, 8),
    Case("vgg", {**LIGHT, "depth": 16, "norm": True}, 32, 8),
    Case("resnet-imagenet", LIGHT, 32, 8),
    Case("resnet-imagenet", {**LIGHT, "depth": 50}, 32, 8),
    Case("squeezenet", {"width": 0.25}, 21, 4),
    Case("squeezenet", {"width": 0.25, "version": "1.1"}, 17, 4),
    Case("mobilenet-v2", {"width": 0.25}, 32, 8),
    Case("convnext", LIGHT, 32, 8),
)
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join([case.name, *map(str, case.options.values())]))
STEMS = pytest.mark.parametrize("stem", ["imagenet", "small"])
GIVES = Vector(5)


def made(case: Case, takes: Image, *, stem: str = "imagenet", seed: int = 0, **options: Any) -> AbstractNetwork:
    torch.manual_seed(seed)
    return NETWORKS[case.name](takes, GIVES, stem=stem, **{**case.options, **options})


def images(takes: Image, count: int = 2) -> torch.Tensor:
    return torch.randn(count, *takes.axes, generator=torch.Generator().manual_seed(1))


@ALL
def test_an_image_of_28_pixels_is_not_thrown_away(case: Case) -> None:
    takes = Image(1, 28, 28)
    network = made(case, takes, stem="small")
    logits = network(images(takes))
    assert logits.shape == (2, 5) and logits.isfinite().all()
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    last = list(network.features(images(takes)).values())[-1].detach()
    assert min(last.shape[2:]) >= 3


@ALL
@STEMS
def test_the_smallest_image_is_taken_and_a_smaller_one_is_refused_with_a_remedy(case: Case, stem: str) -> None:
    side = case.small if stem == "small" else case.smallest
    takes = Image(2, side, side + 3)
    network = made(case, takes, stem=stem).eval()
    assert network(images(takes)).shape == (2, 5)
    with pytest.raises(UsageProblem) as caught:
        made(case, Image(2, side + 3, side - 1), stem=stem)
    assert caught.value.code == "network-image-too-small"
    assert f"{side}x{side}" in caught.value.what
    assert caught.value.help is not None and f"{case.name}[stem=small]" in caught.value.help


@ALL
def test_facts_know_the_smallest_image_of_the_usual_form(case: Case) -> None:
    facts = NETWORKS[case.name].facts
    assert facts.home == 224
    assert facts.smallest == max(other.smallest for other in CASES if other.name == case.name)


@ALL
def test_a_stem_changes_no_weight(case: Case) -> None:
    takes = Image(3, 64, 64)
    usual, small = (made(case, takes, stem=stem).state_dict() for stem in ("imagenet", "small"))
    assert all(torch.equal(usual[name], value) for name, value in small.items()) and usual.keys() == small.keys()


@ALL
@STEMS
def test_a_stride_more_of_image_is_one_step_more_of_map(case: Case, stem: str) -> None:
    network = made(case, Image(3, 64, 64), stem=stem).eval()
    strides = network.strides
    with torch.no_grad():
        maps = {extra: network.features(torch.zeros(1, 3, 64, 64 + extra)) for extra in {0, *strides.values()}}
    assert list(maps[0]) == list(strides)
    for name, stride in strides.items():
        assert maps[stride][name].shape[3] == maps[0][name].shape[3] + 1, name
    finest = list(strides.values())
    assert finest == sorted(finest)


@ALL
def test_a_small_stem_makes_maps_finer(case: Case) -> None:
    usual, small = (list(made(case, Image(3, 64, 64), stem=stem).strides.values()) for stem in ("imagenet", "small"))
    assert usual[-1] == small[-1] * (8 if case.name == "alexnet" else 4)
    assert small[0] == 1


@ALL
def test_the_head_turns_the_last_map_into_the_output(case: Case) -> None:
    takes = Image(3, 64, 72)
    network = made(case, takes).eval()
    maps = network.features(images(takes))
    torch.testing.assert_close(network.head(list(maps.values())[-1]), network(images(takes)))


@ALL
def test_looking_at_maps_finds_what_the_layers_gave(case: Case) -> None:
    """Layers that write over their input must leave alone what was looked at."""
    takes = Image(3, 64, 64)
    network = made(case, takes, stem="small").eval()
    found: list[torch.Tensor] = []
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: found.append(output.clone()))
        for module in network.modules()
        if not isinstance(module, nn.Identity)
    ]
    maps = network.features(images(takes))
    for hook in hooks:
        hook.remove()
    for name, value in maps.items():
        assert any(torch.equal(value, other) for other in found), name


@ALL
def test_weights_come_from_torchs_generator_alone(case: Case) -> None:
    first, again, other = (made(case, Image(1, 64, 64), seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@ALL
def test_prefixes_of_published_names_are_whole_parts_of_our_names(case: Case) -> None:
    network = made(case, Image(3, 64, 64))
    prefixes = {prefix for prefix in network.published if prefix.split(".")[0] not in ("body", "stages")}
    for prefix in prefixes:
        assert any(f"{name}.".startswith(f"{prefix}.") for name in network.state_dict()), prefix
