import pytest
import torch

from neocog.core.shapes import Image, Vector
from neocog.networks.lenet5 import TABLE_I, LeNet5


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
