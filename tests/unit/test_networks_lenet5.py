import pytest
import torch

from neocog.core.shapes import Image, Vector
from neocog.measures.cost import profile
from neocog.networks.lenet5 import TABLE_I, LeNet5
from neocog.nn.partial_convolution import PartialConvolution


def test_table_1_is_the_papers() -> None:
    # LeCun et al. 1998, table I, by columns.
    paper = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"
    assert ["".join(map(str, sorted(sources))) for sources in TABLE_I] == paper.split()


@pytest.mark.parametrize("variant", ["modern", "1998"])
@pytest.mark.parametrize("side", [4, 8, 28, 31, 32])
def test_up_to_32_pixels_the_head_is_the_papers(variant: str, side: int) -> None:
    network = LeNet5(Image(1, side, side), Vector(10), variant=variant)
    assert [p.numel() for p in network.head.parameters()] == [48_000, 120, 10_080, 84, 840, 10]
    assert network.features(torch.randn(2, 1, side, side))["s4"].shape == (2, 16, 5, 5)


@pytest.mark.parametrize("variant", ["modern", "1998"])
def test_larger_images_get_a_larger_c5(variant: str) -> None:
    network = LeNet5(Image(3, 64, 40), Vector(10), variant=variant)
    assert network(torch.randn(2, 3, 64, 40)).shape == (2, 10)
    assert network.head.c5.weight.numel() == 120 * 16 * 13 * 7


def test_1998_as_a_convolution_and_a_dense_c5_are_the_same_arithmetic() -> None:
    old, modern = LeNet5(Image(1, 32, 32), Vector(10), variant="1998"), LeNet5(Image(1, 32, 32), Vector(10))
    with torch.no_grad():
        modern.head.c5.weight.copy_(old.head.c5.weight.flatten(1))
    maps = torch.randn(2, 16, 5, 5)
    expected = old.head.flatten(old.head.c5(maps))
    torch.testing.assert_close(modern.head.c5(modern.head.flatten(maps)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "variant, activation, kind",
    [("modern", "auto", "ReLU"), ("1998", "auto", "ScaledTanh"), ("1998", "relu", "ReLU"), ("modern", "tanh", "Tanh")],
)
def test_activation_goes_with_the_variant_unless_named(variant: str, activation: str, kind: str) -> None:
    network = LeNet5(Image(1, 32, 32), Vector(10), variant=variant, activation=activation)
    assert type(network.body.activation1).__name__ == type(network.head.activation6).__name__ == kind


# LeCun et al. 1998, section II.B: "trainable parameters" of each layer; together the "60,000" of its section III.
PAPER = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
BITMAPS = 84 * 10


def test_1998_has_the_parameters_of_the_paper_layer_by_layer_and_60_000_in_all() -> None:
    """The partial connections of C3 are kept: no weight stands where table I has a gap.

    The radial basis functions of the output are not: their 840 numbers are fixed bitmaps that the paper neither trains
    nor counts. Here a dense layer of logits stands in their place: as many weights, which are trained, and 10 biases.
    """
    network = LeNet5(Image(1, 32, 32), Vector(10), variant="1998")
    layers = {row.name.split(".")[-1]: row.parameters for row in profile(network, network.takes)}
    found = {name: count for name, count in layers.items() if count}
    assert found == {**PAPER, "output": BITMAPS + 10}
    assert sum(PAPER.values()) == 60_000
    assert sum(p.numel() for p in network.parameters()) == 60_000 + BITMAPS + 10
    assert isinstance(network.body.c3, PartialConvolution)
    assert network.body.c3.weight.shape == (60, 5, 5)  # 6 maps of 3, 9 of 4 and 1 of 6 sources


def test_control_with_every_connection_c3_has_more_and_without_trained_subsampling_there_is_nothing_in_s2() -> None:
    network = LeNet5(Image(1, 32, 32), Vector(10))
    layers = {row.name.split(".")[-1]: row.parameters for row in profile(network, network.takes)}
    assert {name: layers.get(name, 0) for name in PAPER} == {**PAPER, "c3": 2_416, "s2": 0, "s4": 0}
