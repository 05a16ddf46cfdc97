"""The recipes of transfer: a tiny probe, the choice of photographs, and the converted ResNet-20."""

from pathlib import Path

import numpy as np
import pytest
import torch

from neocog.core.catalogue import Spec
from neocog.core.shapes import Image, Vector
from neocog.networks.resnet import ResNet
from source_tree import recipe_of


def test_a_tiny_probe(tmp_path: Path) -> None:
    module = recipe_of("clothing_transfer")
    torch.manual_seed(0)
    state = ResNet(Image(1, 8, 8), Vector(10)).state_dict()
    (tmp_path / "weights").mkdir()
    np.savez(tmp_path / "weights" / module.WEIGHTS, **{key: value.numpy() for key, value in state.items()})
    found = module.probe("digits", Spec("resnet", start=str(tmp_path / "weights" / module.WEIGHTS)), 8, (0.01, 1.0))
    assert found["probe_accuracy"] > 0.5 and found["probe_c"] in (0.01, 1.0)
    assert found.keys() <= module.STATED.keys()
    (train, labels), (val, _), (test, _) = module.features("digits", Spec("resnet", {"depth": "8"}), 8)
    assert train.shape == (len(labels), 64) and val.shape[1] == test.shape[1] == 64


def test_the_photographs_and_what_counts_are_those_written_down(test_data: Path) -> None:
    module = recipe_of("photographs")
    pictures = module.photographs(test_data)
    assert list(pictures) == ["china.jpg", "flower.jpg", *(title for title in pictures if "." not in title)]
    assert set(pictures) == set(module.ACCEPTED) and len(pictures) == 12
    names = module._synsets(test_data / "weights" / "imagenet_synset_1000.txt")
    assert len(names) == 1000 and names[0] == ("n01440764", "tench") and names[-1][1] == "toilet tissue"
    known = {number for number, _ in names}
    assert all(set(numbers) <= known for numbers in module.ACCEPTED.values())
    assert module._cut(pictures["hat"]).shape == (224, 224, 3)


@pytest.mark.full
@pytest.mark.parametrize("name", ["photographs", "cifar_resnet20"])
def test_published_weights_do_what_is_stated(name: str, test_data: Path, tmp_path: Path) -> None:
    module = recipe_of(name)
    found = module.recipe(test_data, tmp_path)
    for key, value in module.STATED.items():
        assert value is not None and found[key] == pytest.approx(value, abs=0.002)
