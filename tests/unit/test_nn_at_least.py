import pytest
import torch

from neocog.core.shapes import Image
from neocog.nn.at_least import EnlargeTo


@pytest.mark.parametrize(
    "takes, gives, factor",
    [
        (Image(1, 8, 8), Image(1, 32, 32), 4),
        (Image(1, 28, 28), Image(1, 32, 32), 1),
        (Image(3, 15, 10), Image(3, 32, 32), 2),
        (Image(3, 64, 20), Image(3, 64, 32), 1),
        (Image(3, 40, 50), Image(3, 40, 50), 1),
    ],
    ids=str,
)
def test_sizes(takes: Image, gives: Image, factor: int) -> None:
    layer = EnlargeTo(takes, 32)
    assert (layer.gives, layer.factor) == (gives, factor)
    assert layer(torch.randn(2, takes.channels, takes.height, takes.width)).shape[1:] == (
        gives.channels,
        gives.height,
        gives.width,
    )


def test_pixels_are_repeated_then_centred_in_zeros() -> None:
    image = torch.tensor([[[[1.0, 2.0]]]])
    assert EnlargeTo(Image(1, 1, 2), 5)(image)[0, 0].tolist() == [
        [0, 0, 0, 0, 0],
        [1, 1, 2, 2, 0],
        [1, 1, 2, 2, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
    ]


def test_large_images_stay_as_they_are() -> None:
    images = torch.randn(2, 3, 40, 50)
    assert EnlargeTo(Image(3, 40, 50), 32)(images) is images
