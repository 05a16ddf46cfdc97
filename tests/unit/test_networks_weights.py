"""Weights from elsewhere: names, heads, channels, and everything that does not fit."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from neocog.core.errors import DataProblem, Problem, StorageProblem, UsageProblem
from neocog.core.shapes import Image, Vector
from neocog.data.readers.tensors import CONVERSION, read_tensors
from neocog.networks.resnet import ResNet
from neocog.networks.weights import load_weights, published_name

COLOUR, GREY = Image(3, 8, 8), Image(1, 8, 8)


def resnet(takes: Image = COLOUR, classes: int = 10, seed: int = 0, depth: int = 8) -> ResNet:
    torch.manual_seed(seed)
    network = ResNet(takes, Vector(classes), depth=depth, width=4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -1, 1)
    return network.eval()


def published(network: ResNet, prefix: str = "module.") -> dict[str, Tensor]:
    """The state as it is published: other names, and without counters."""
    return {
        prefix + published_name(key, network.published): value.clone()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }


def load(network: nn.Module, tensors: dict[str, Tensor]) -> tuple[str, ...]:
    return load_weights(network, tensors, name="resnet", source="some.npz")


def test_names_as_published() -> None:
    names = set(published(resnet(), ""))
    assert {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer3.0.bn2.bias", "linear.bias"} <= names
    assert published_name("a.b.c", {"a": "x", "a.b": "y", "a.bc": "z"}) == "y.c"
    assert published_name("ab.c", {"a": "x"}) == "ab.c"
    assert published_name("a.c", {"a": ""}) == "c"


@pytest.mark.parametrize("prefix", ["", "module."])
def test_published_weights_give_the_same_outputs(prefix: str) -> None:
    there, here = resnet(seed=1), resnet(seed=2)
    images = torch.randn(2, 3, 8, 8)
    assert not torch.allclose(here(images), there(images))
    assert load(here, published(there, prefix)) == ()
    assert torch.equal(here(images), there(images))


def test_our_own_names_do_too() -> None:
    there, here = resnet(seed=1), resnet(seed=2)
    load(here, dict(there.state_dict()))
    assert torch.equal(here(torch.ones(1, 3, 8, 8)), there(torch.ones(1, 3, 8, 8)))


def test_a_head_of_another_size_stays_and_is_told() -> None:
    here = resnet(classes=4, seed=2)
    head = here.head.output.weight.clone()
    (note,) = load(here, published(resnet(classes=10, seed=1)))
    assert "10 units was replaced by one of 4" in note
    assert torch.equal(here.head.output.weight, head)
    assert torch.equal(here.stem.convolution.weight, resnet(seed=1).stem.convolution.weight)


def test_grey_images_are_as_equal_channels_were() -> None:
    there, here = resnet(seed=1), resnet(GREY, seed=2)
    (note,) = load(here, published(there))
    assert "summed" in note
    grey = torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(here(grey), there(grey.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-5)


def test_colour_images_with_equal_channels_are_as_grey_ones_were() -> None:
    there, here = resnet(GREY, seed=1), resnet(seed=2)
    (note,) = load(here, published(there))
    assert "divided among the three" in note
    grey = torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(here(grey.expand(-1, 3, -1, -1)), there(grey), rtol=1e-4, atol=1e-5)


def test_everything_that_does_not_fit_at_once_and_nothing_is_loaded() -> None:
    tensors = published(resnet(seed=1), "")
    del tensors["layer1.0.conv1.weight"], tensors["layer3.0.bn1.bias"]
    tensors["extra.weight"] = torch.ones(2)
    tensors["layer2.0.conv1.weight"] = torch.ones(8, 4, 5, 5)
    tensors["bn1.bias"] = torch.ones(4, dtype=torch.int64)
    here = resnet(seed=2)
    before = {key: value.clone() for key, value in here.state_dict().items()}
    with pytest.raises(DataProblem) as caught:
        load(here, tensors)
    assert caught.value.code == "weights-do-not-fit"
    missing, surplus, shape, kind = caught.value.where
    assert missing.startswith("missing (2)") and "stages.stage1.0.conv1.weight" in missing
    assert surplus == "surplus (1): extra.weight"
    assert "8x4x5x5, not 8x4x3x3" in shape
    assert "int64" in kind
    assert all(torch.equal(before[key], value) for key, value in here.state_dict().items())


def test_another_depth_lists_what_is_missing() -> None:
    with pytest.raises(DataProblem) as caught:
        load(resnet(depth=14), published(resnet()))
    assert caught.value.code in ("weights-do-not-fit", "weights-other-network")


def test_weights_of_another_network() -> None:
    with pytest.raises(DataProblem) as caught:
        load(resnet(), {"features.0.weight": torch.ones(3, 3), "classifier.bias": torch.ones(3)})
    assert caught.value.code == "weights-other-network"
    assert "features.0.weight" in caught.value.where[0]


def test_half_precision_is_widened_and_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones(3, np.float16), y=np.ones(2, np.float32), n=np.array(4))
    stored = read_tensors(tmp_path / "a.npz")
    assert {value.dtype for key, value in stored.tensors.items() if key != "n"} == {torch.float32}
    assert stored.notes == ("1 tensors of float16 were turned into float32.",)
    assert len(stored.sha256) == 64


def test_both_formats_hold_the_same(tmp_path: Path) -> None:
    tensors = {"a.b": torch.randn(2, 3), "c": torch.arange(3)}
    save_file(tensors, tmp_path / "a.safetensors")
    np.savez(tmp_path / "a.npz", **{key: value.numpy() for key, value in tensors.items()})
    for suffix in (".safetensors", ".npz"):
        found = read_tensors(tmp_path / f"a{suffix}").tensors
        assert found.keys() == tensors.keys() and all(torch.equal(found[key], tensors[key]) for key in tensors)


@pytest.mark.parametrize("name", ["a.pt", "a.pth", "a.th", "a.bin", "pretends.npz", "pretends.safetensors"])
def test_pickles_are_refused_with_the_script(name: str, tmp_path: Path) -> None:
    torch.save({"x": torch.ones(2)}, tmp_path / name, _use_new_zipfile_serialization=False)
    with pytest.raises(UsageProblem) as caught:
        read_tensors(tmp_path / name)
    assert caught.value.code == "weights-pickled"
    assert "weights_only=True" in caught.value.help and "python convert.py" in caught.value.help


def test_bad_files_are_answered(tmp_path: Path) -> None:
    save_file({"x": torch.ones(100)}, tmp_path / "whole.safetensors")
    whole = (tmp_path / "whole.safetensors").read_bytes()
    np.savez(tmp_path / "text.npz", x=np.array(["a"]))
    np.savez(tmp_path / "objects.npz", x=np.array([None]))
    np.savez(tmp_path / "nan.npz", x=np.array([1.0, np.nan]))
    cases: dict[str, tuple[bytes | None, type[Problem], str]] = {
        "cut.safetensors": (whole[:-7], DataProblem, "weights-damaged"),
        "head.safetensors": (whole[:20], DataProblem, "weights-damaged"),
        "empty.safetensors": (b"", DataProblem, "weights-damaged"),
        "cut.npz": (b"PK\x03\x04" + bytes(30), DataProblem, "data-array-damaged"),
        "text.npz": (None, DataProblem, "weights-dtype"),
        "objects.npz": (None, DataProblem, "data-array-pickled"),
        "nan.npz": (None, DataProblem, "weights-file-not-finite"),
        "weights.h5": (b"\x89HDF", UsageProblem, "weights-format"),
    }
    for name, (content, kind, code) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(kind) as caught:
            read_tensors(tmp_path / name)
        assert caught.value.code == code, name
    with pytest.raises(UsageProblem, match="no file or folder"):
        read_tensors(tmp_path / "gone.npz")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.npz").write_bytes(b"x")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageProblem):
        read_tensors(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["cifar10_resnet20-12fca82f", "cifar10_resnet56-4bfd9763"])
def test_the_printed_script_converts_the_published_files(name: str, test_data: Path, tmp_path: Path) -> None:
    """The script runs in a process of its own, in which neocog is not imported."""
    (tmp_path / "convert.py").write_text(CONVERSION)
    target = tmp_path / "converted.safetensors"
    command = [sys.executable, "convert.py", str(test_data / "weights" / f"{name}.th"), str(target)]
    subprocess.run(command, cwd=tmp_path, check=True)
    network = ResNet(Image(3, 32, 32), Vector(10), depth=int(name[14:16]))
    stored = read_tensors(target)
    assert load(network, dict(stored.tensors)) == stored.notes == ()
    assert torch.equal(network.stem.convolution.weight, stored.tensors["module.conv1.weight"])
