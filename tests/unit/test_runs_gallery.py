"""Gallery: pictures of test images for the report."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neocog.data.images import LARGEST_PICTURE, ImagePart
from neocog.runs.compare import compare
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.gallery import keep_gallery
from neocog.runs.results import load_comparison
from table import tiny_data


@pytest.mark.parametrize(("side", "shown"), [(12, 12), (96, 96), (97, 49), (192, 96), (200, 67)])
def test_large_images_are_averaged_down_and_small_ones_stay(side: int, shown: int, tmp_path: Path) -> None:
    """Stripes one pixel wide: to take every second pixel would show an even image, black or white."""
    data = tiny_data()
    stripes = np.zeros((24, side, side, 1), np.uint8)
    stripes[:, :, ::2] = 254
    part = ImagePart(stripes, data.test.labels, data.test.names)
    compare(tiny_data(), "linear", into=tmp_path, budget="steps=2", seeds=1)
    folder = ComparisonFolder(tmp_path)
    preparation = replace(data.preparation, height=side, width=side)
    keep_gallery(folder, load_comparison(tmp_path), replace(data, train=part, test=part, preparation=preparation))
    _, pictures, saw = folder.pictures()
    for png in [*pictures.values(), *(png for _, png in saw)]:
        pixels = np.asarray(Image.open(io.BytesIO(png)))
        assert pixels.shape == (shown, shown) and shown <= LARGEST_PICTURE
        if side > LARGEST_PICTURE:
            assert abs(pixels.mean() - 127) < 8 and pixels[:, 2:-2].min() > 60 and pixels[:, 2:-2].max() < 194
        else:
            assert set(np.unique(pixels)) == {0, 254}
