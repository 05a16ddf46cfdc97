"""GoogLeNet and Inception v3: sizes, maps, refusals. Their numbers: tests/reference."""

import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.networks.googlenet import TABLE_1, GoogLeNet
from neocog.networks.inception_v3 import InceptionV3
from neocog.networks.network import AbstractNetwork

KINDS = (GoogLeNet, InceptionV3)
SMALLEST = {GoogLeNet: 4, InceptionV3: 7}
NARROW = 0.0625


def made(kind: type[AbstractNetwork], takes: Image, **options: object) -> AbstractNetwork:
    torch.manual_seed(0)
    return kind(takes, Vector(5), **{"width": NARROW, **options})  # type: ignore[call-arg]


@pytest.mark.parametrize("stem", ["imagenet", "small"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_smallest_image_and_one_smaller(kind: type[AbstractNetwork], stem: str) -> None:
    side = kind.facts.smallest if stem == "imagenet" else SMALLEST[kind]
    for takes in (Image(1, side, side), Image(3, side, side + 9)):
        network = made(kind, takes, stem=stem).eval()
        assert network(torch.randn(2, *takes.axes)).shape == (2, 5)
        training = network.train().every_output(torch.randn(4, *takes.axes))  # type: ignore[operator]
        assert all(logits.isfinite().all() for _, logits in training)
    with pytest.raises(UsageProblem) as caught:
        made(kind, Image(1, side - 1, side + 9), stem=stem)
    assert caught.value.code == "network-image-too-small" and f"{side}x{side}" in caught.value.what
    assert "stem=small" in caught.value.help


@pytest.mark.parametrize("kind", KINDS)
def test_maps_have_their_strides_and_the_head_finishes(kind: type[AbstractNetwork]) -> None:
    for stem, side in (("imagenet", 160), ("small", 28)):
        network = made(kind, Image(3, side, side), stem=stem).eval()
        images = torch.randn(2, 3, side, side)
        maps = network.features(images)
        assert list(maps) == list(network.strides) == [f"stage{n}" for n in range(1, 6)]
        for name, stride in network.strides.items():
            assert 0.6 * side / stride - 2 <= maps[name].shape[2] <= side / stride + 1, name
        torch.testing.assert_close(network.head(maps["stage5"]), network(images))


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_stem_keeps_every_weight_and_makes_finer_maps(kind: type[AbstractNetwork]) -> None:
    takes = Image(3, 80, 80)
    published, small = made(kind, takes), made(kind, takes, stem="small")
    shapes = [{name: value.shape for name, value in each.state_dict().items()} for each in (published, small)]
    assert shapes[0] == shapes[1]
    coarse, fine = (each.eval().features(torch.randn(1, *takes.axes))["stage3"] for each in (published, small))
    assert fine.shape[2] >= 8 * coarse.shape[2]


def test_maps_of_googlenet_are_those_of_its_table() -> None:
    outputs = {name: row[0] + row[2] + row[4] + row[5] for name, row in TABLE_1.items() if len(row) > 1}
    paper = (256, 480, 512, 512, 512, 528, 832, 832, 1024)  # table 1, column "output size"
    assert tuple(outputs.values()) == paper


@pytest.mark.parametrize(("kind", "outputs"), [(GoogLeNet, 1024), (InceptionV3, 2048)])
def test_the_published_width_is_the_default(kind: type[AbstractNetwork], outputs: int) -> None:
    with torch.device("meta"):
        network = kind(Image(3, 299, 299), Vector(7))  # type: ignore[call-arg]
    assert network.head.output.in_features == outputs  # type: ignore[union-attr]
