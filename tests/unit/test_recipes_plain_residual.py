"""The recipe of shortcuts, on a few images and for a few steps."""

from pathlib import Path

import numpy as np
import pytest

from image_files import idx_bytes
from source_tree import recipe_of


def test_both_are_trained_and_the_difference_is_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    random = np.random.default_rng(0)
    for part, items in (("train", 60), ("t10k", 30)):
        images = random.integers(0, 256, (items, 28, 28), dtype=np.uint8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes((np.arange(items) % 3).astype(np.uint8)))
    module = recipe_of("plain_residual")
    networks = ("resnet[depth=8,width=4]", "resnet[depth=8,width=4,shortcut=none]")
    found = module.recipe(tmp_path, tmp_path / "out", budget="steps=2", seeds=2, networks=networks)
    assert found.keys() == module.STATED.keys()
    assert found["difference"] == pytest.approx(found["residual_accuracy"] - found["plain_accuracy"], abs=1e-6)
    assert found["difference_low"] <= found["difference"] <= found["difference_high"]
    assert (tmp_path / "out" / "report.html").exists()
