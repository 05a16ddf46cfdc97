"""timm:NAME, with a stand-in for timm."""

import sys

import pytest
import torch

from neocog.core.catalogue import Spec, find
from neocog.core.errors import MissingExtra, UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks import NETWORKS
from neocog.networks.network import AbstractNetwork
from neocog.report.network_figure import network_figure
from timm_stand_in import timm_stand_in

TAKES = Image(1, 16, 16)


def made(model: str, takes: Image = TAKES) -> AbstractNetwork:
    with timm_stand_in():
        return NETWORKS["timm"](takes, Vector(5), model=model)  # type: ignore[call-arg]


def test_a_name_after_the_colon_is_the_model() -> None:
    spec = Spec.parse("timm:resnet50.a1_in1k@weights.safetensors")
    assert (spec.name, dict(spec.options), spec.start) == ("timm", {"model": "resnet50.a1_in1k"}, "weights.safetensors")
    assert Spec.parse(str(spec)) == spec and str(spec) == "timm:resnet50.a1_in1k@weights.safetensors"
    assert Spec.parse("timm[model=resnet18]") == Spec.parse("timm:resnet18")
    assert find(spec.name, NETWORKS, "network") is NETWORKS["timm"], "a built-in: also from a file"
    with pytest.raises(UsageProblem):
        Spec.parse("timm:resnet18[model=resnet34]")


def test_another_module_is_still_a_module() -> None:
    assert Spec.parse("timmy:Net").name == "timmy:Net"


def test_a_network_with_maps() -> None:
    network = made("tiny_maps").eval()
    images = torch.randn(3, *TAKES.axes)
    maps = network.features(images)
    assert network.strides == {"last": 4} and maps["last"].shape == (3, 16, 4, 4)
    torch.testing.assert_close(network.head(maps["last"]), network(images))
    assert [parameter.shape for parameter in network.head.parameters()] == [(5, 16), (5,)]
    assert all(name.startswith("body.") for name in network.state_dict())


def test_a_network_that_must_know_the_size_is_told_and_has_no_maps() -> None:
    network = made("tiny_patches")
    assert network(torch.randn(2, *TAKES.axes)).shape == (2, 5)
    assert network.strides == {}
    with pytest.raises(UsageProblem) as caught:
        network.features(torch.randn(2, *TAKES.axes))
    assert caught.value.code == "network-without-maps"


def test_trying_it_leaves_modes_and_weights_to_the_seed() -> None:
    torch.manual_seed(3)
    one = made("tiny_maps")
    torch.manual_seed(3)
    other = made("tiny_maps")
    assert one.training and all(module.training for module in one.modules())
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


@pytest.mark.parametrize(
    ("model", "code", "hint"),
    [("tiny_map", "timm-unknown", "timm:tiny_maps"), ("tiny_greedy", "timm-refuses", "--size")],
)
def test_what_timm_cannot_do_is_said(model: str, code: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        made(model)
    assert caught.value.code == code and hint in caught.value.help


def test_without_timm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtra) as caught:
        NETWORKS["timm"](TAKES, Vector(5), model="resnet18")  # type: ignore[call-arg]
    assert caught.value.code == "extra-missing" and 'pip install "neocog[timm]"' in caught.value.help


def test_its_drawing_looks_inside() -> None:
    figure = network_figure("timm", made("tiny_maps"), TAKES)
    assert "convolution 3x3" in figure.alt and "8x8x8" in figure.alt
