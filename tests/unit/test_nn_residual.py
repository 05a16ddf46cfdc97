import pytest
import torch

from neocog.nn.pad_shortcut import PadShortcut
from neocog.nn.residual_block import ResidualBlock


def test_pad_shortcut_takes_every_other_pixel_and_puts_maps_of_zeros_around() -> None:
    maps = torch.randn(2, 3, 5, 6)
    found = PadShortcut(2, 4)(maps)
    assert torch.equal(found[:, 2:5], maps[:, :, ::2, ::2])
    assert found.shape == (2, 7, 3, 3) and not found[:, :2].any() and not found[:, 5:].any()


@pytest.mark.parametrize("side", [4, 5])
@pytest.mark.parametrize("shortcut", ["A", "B", "none"])
def test_a_stride_of_2_fits_even_and_odd_maps(shortcut: str, side: int) -> None:
    block = ResidualBlock(3, 6, stride=2, shortcut=shortcut, activation="relu")
    assert block(torch.randn(2, 3, side, side)).shape == (2, 6, (side + 1) // 2, (side + 1) // 2)


def test_shortcut_a_adds_the_input_itself() -> None:
    block = ResidualBlock(3, 3, stride=1, shortcut="A", activation="relu").eval()
    block.norm2.weight.data.zero_()
    maps = torch.randn(2, 3, 5, 5)
    assert torch.equal(block(maps), maps.relu())
