"""The recipe of the GAN on MNIST, on a few images and for a few steps."""

from pathlib import Path

import numpy as np

from image_files import idx_bytes
from neocog.figures.png import size_of
from source_tree import recipe_of


def test_draws_are_scored_and_shown(tmp_path: Path) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    random = np.random.default_rng(0)
    for part, items in (("train", 80), ("t10k", 30)):
        images = random.integers(0, 256, (items, 28, 28), dtype=np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes((np.arange(items) % 10).astype(np.uint8)))
    module = recipe_of("gan_mnist")
    found = module.recipe(tmp_path, tmp_path / "out", budget="steps=3")
    assert set(found) == set(module.STATED)
    assert all(np.isfinite(value) for value in found.values())
    assert size_of((tmp_path / "out" / "samples.png").read_bytes()) == (10 * 58 + 2, 10 * 58 + 2)
    assert (tmp_path / "out" / "interpolation.png").stat().st_size > 0
