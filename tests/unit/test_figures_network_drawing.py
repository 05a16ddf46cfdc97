"""A network's drawing: what is a block, what is folded, how it is scaled."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import torch
from torch import nn

from neocog.core.errors import plain
from neocog.core.shapes import Image, Series, Shape, Steps, Tokens, Vector
from neocog.figures.figure import Figure
from neocog.figures.network_drawing import Block, network_drawing
from neocog.figures.standalone import standalone
from neocog.measures.cost import parameters
from neocog.networks import NETWORKS
from neocog.networks.gan import Realness
from neocog.report.network_figure import network_figure

HOSTILE = '</title></svg><script>alert("1")</script>\u202e'


def drawn(name: str, takes: Shape, gives: Shape, **options: Any) -> tuple[Figure, nn.Module]:
    with torch.device("meta"):
        network = NETWORKS[name](takes, gives, **options)
    return network_figure(name, network, takes), network


def rows(figure: Figure) -> dict[str, tuple[str, ...]]:
    return {row[0]: tuple(row[1:]) for row in figure.table.rows}


def test_lenet5_is_drawn_as_in_the_paper() -> None:
    figure, network = drawn("lenet5", Image(1, 32, 32), Vector(10))
    found = rows(figure)
    assert list(found) == ["c1", "s2", "c3", "s4", "c5", "f6", "output"]
    assert found["c1"][:5] == ("convolution 5x5", "1", "6x28x28", "5 px", "156")
    assert found["s4"][:4] == ("max-pool 2x2, step 2", "1", "16x5x5", "16 px")
    assert found["output"][:4] == ("dense", "1", "10", "all")
    assert sum(int(row[4].replace(",", "")) for row in found.values()) == parameters(network) == 61_706


def test_repeated_blocks_are_drawn_once() -> None:
    figure, network = drawn("resnet-imagenet", Image(3, 224, 224), Vector(1000), depth=50)
    found = rows(figure)
    stages = [found[f"stage{n}"] for n in range(1, 5)]
    assert [stage[1] for stage in stages] == ["3", "4", "6", "3"]
    assert [stage[2] for stage in stages] == ["256x56x56", "512x28x28", "1024x14x14", "2048x7x7"]
    assert [stage[3] for stage in stages] == ["35 px", "91 px", "267 px", "427 px"]
    assert sum(int(row[4].replace(",", "")) for row in found.values()) == parameters(network)
    assert len(found) <= 9 and "x 6" in figure.svg


def test_branches_are_one_block_and_windows_of_rows_and_columns_are_told_apart() -> None:
    found = rows(drawn("inception-v3", Image(3, 299, 299), Vector(1000))[0])
    assert found["Mixed_6a-e"][:3] == ("inception block", "5", "768x17x17")
    # 4 blocks of 1x7 and 7x1 windows, two of each in the longest path, on maps with steps of 16 pixels.
    assert int(found["Mixed_6a-e"][3].split()[0]) < 1000


CASES: dict[str, tuple[Shape, Shape, dict[str, Any]]] = {
    "linear": (Image(1, 8, 8), Vector(3), {}),
    "mlp": (Image(1, 8, 8), Vector(3), {}),
    "simple-cnn": (Image(3, 28, 28), Vector(3), {}),
    "resnet": (Image(3, 32, 32), Vector(3), {"depth": 8}),
    "googlenet": (Image(3, 64, 64), Vector(3), {"width": 0.125}),
    "locally-connected": (Image(1, 12, 12), Vector(3), {}),
    "squeezenet": (Image(3, 64, 64), Vector(3), {}),
    "gan": (Image(1, 12, 12), Realness(10), {}),
    "autoencoder": (Image(1, 12, 12), Vector(3), {}),
    "recurrent": (Tokens(66, 16), Steps(16, 66), {}),
    "causal-cnn": (Series(24, 1), Vector(3), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_network_can_be_drawn(name: str) -> None:
    takes, gives, options = CASES[name]
    network = NETWORKS[name](takes, gives, **options)
    before = [module.training for module in network.modules()]
    figure = network_figure(f"{name} {HOSTILE}", network, takes)
    root = ET.fromstring(standalone(figure))
    assert {node.tag.rpartition("}")[2] for node in root.iter()} <= {
        "svg", "title", "style", "text", "g", "rect", "polygon", "line",
    }  # fmt: skip
    assert root.get("role") == "img" and root.get("aria-label") == plain(figure.alt) != ""
    assert not any("style" in node.attrib for node in root.iter())
    assert figure.table.rows and "nan" not in figure.svg
    assert [module.training for module in network.modules()] == before
    assert not any(module._forward_hooks for module in network.modules())


def boxes(figure: Figure) -> list[tuple[float, float]]:
    """Width and height of every box, in order."""
    found = re.findall(r'<rect class="bar"[^>]* width="([\d.]+)" height="([\d.]+)"', figure.svg)
    return [(float(wide), float(tall)) for wide, tall in found]


def test_boxes_are_to_scale() -> None:
    blocks = [Block("a", "", "map", (8, 20, 20)), Block("b", "", "map", (64, 10, 10)), Block("c", "", "vector", (10,))]
    image, a, b, _ = boxes(network_drawing("k", "t", (3, 20, 20), blocks))
    assert a[1] == image[1] == 2 * b[1], "heights are proportional where sides are of like size"
    assert image[0] < a[0] < b[0]
    far = boxes(network_drawing("k", "t", (3, 224, 224), [Block("a", "", "map", (8, 7, 7))]))
    assert far[1][1] > far[0][1] / 4, "and logarithms where they are not"


def test_shapes_stand_on_the_arrows_and_long_networks_take_several_rows() -> None:
    blocks = [Block(f"b{n}", "convolution", "map", (4, 9, 9), "3 px", 10, 20, inside="one") for n in range(20)]
    figure = network_drawing("k", "t", (1, 9, 9), blocks)
    assert figure.svg.count(">4x9x9<") == 20 and figure.svg.count(">1x9x9<") == 1
    tops = {float(y) for y in re.findall(r'class="strong" x="[\d.]+" y="([\d.]+)">b', figure.svg)}
    assert len(tops) == 3
    assert "200 parameters" in figure.alt
