"""PNG bytes and contact sheets: what goes in is what a reader of PNG sees."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from neocog.figures.contact_sheet import contact_sheet
from neocog.figures.png import size_of, to_png


def _read(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_eight_bits_come_back_exactly(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    assert np.array_equal(_read(to_png(pixels)).reshape(5, 7, channels), pixels)
    assert size_of(to_png(pixels)) == (7, 5)


def test_other_numbers_of_channels_show_some_of_them() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 6), dtype=np.uint8)
    assert np.array_equal(_read(to_png(pixels)), pixels[..., :3])
    assert np.array_equal(_read(to_png(pixels[..., :2])), pixels[..., 0])


def test_sixteen_bits_are_scaled_to_the_top() -> None:
    pixels = np.array([[[0], [2047], [4095]]], dtype=np.uint16)
    assert _read(to_png(pixels, top=4095)).tolist() == [[0, 127, 255]]
    assert _read(to_png(pixels)).tolist() == [[0, 8, 16]]


def test_bytes_that_are_no_png_are_refused() -> None:
    with pytest.raises(ValueError, match="no PNG"):
        size_of(b"GIF89a" + bytes(30))


def test_a_contact_sheet_enlarges_without_smoothing() -> None:
    pixels = np.array([[[0], [255]], [[255], [0]]], dtype=np.uint8)
    sheet = _read(contact_sheet([pixels] * 3, ["a", "b\x1b", "long name" * 9], columns=2, tile=100, title="Sheet"))
    assert sheet.shape[1] == 12 + 2 * 112
    tile = sheet[12 + 26 : 12 + 26 + 100, 12:112]
    assert set(np.unique(tile)) == {0, 255}


def test_a_contact_sheet_wants_a_label_for_each_image() -> None:
    with pytest.raises(ValueError, match="1 images, but 0 labels"):
        contact_sheet([np.zeros((2, 2, 1), np.uint8)], [])
