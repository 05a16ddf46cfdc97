"""Runs that begin with weights from elsewhere: files, runs, what others publish."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from neocog.cli.main import run
from neocog.core.catalogue import Spec
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.core.shapes import Image, Table, Vector
from neocog.networks.resnet import ResNet
from neocog.networks.weights import COUNTER
from neocog.runs.compare import compare
from neocog.runs.experiment import StartOptions
from neocog.runs.folder import RunFolder
from neocog.runs.train import resume, train
from neocog.runs.weights import IMAGENET, read_weights, resolved

NETWORK = "resnet[depth=8,width=4]"
GREY = (sum(IMAGENET[0]) / 3,)


class Listening(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Weights for colour images and three classes."""
    torch.manual_seed(5)
    network = ResNet(Image(3, 8, 8), Vector(3), depth=8, width=4)
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


def test_a_run_from_a_file(file: Path, tmp_path: Path) -> None:
    told = Listening()
    trained = train("digits", NETWORK, start=file, budget="steps=0", into=tmp_path / "run", progress=told)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["start"]["weights"] == str(file) and facts["start"]["sha256"] == sha256
    assert facts["parents"] == []
    assert len(facts["start"]["notes"]) == 2 and set(facts["start"]["notes"]) <= set(told.said)
    assert trained.experiment.start.mean == pytest.approx(GREY)
    assert facts["data"]["preparation"]["mean"] == pytest.approx(GREY)
    assert trained.like.preparation.mean == pytest.approx(GREY)
    file.unlink()
    assert len(RunFolder(tmp_path / "run").experiment().start.sha256) == 64
    assert resume(tmp_path / "run").predict(np.zeros((8, 8), np.uint8))


def test_control_without_it_nothing_is_different(tmp_path: Path) -> None:
    trained = train("digits", NETWORK, budget="steps=2", into=tmp_path / "run")
    assert "start" not in trained.facts and trained.facts["parents"] == []
    assert trained.experiment.start == StartOptions()
    assert trained.like.preparation.mean[0] == pytest.approx(0.3, abs=0.05)


def test_a_run_from_a_run(tmp_path: Path) -> None:
    first = train("digits", NETWORK, budget="steps=3", into=tmp_path / "first")
    second = train("digits", NETWORK, start=tmp_path / "first", seed=7, budget="steps=0", into=tmp_path / "second")
    state = second.network.state_dict()
    expected = {key: value for key, value in first.network.state_dict().items() if not key.endswith(COUNTER)}
    assert all(torch.equal(state[key], value) for key, value in expected.items())
    assert second.facts["test_scores"] == first.facts["test_scores"]
    assert second.facts["parents"][0]["run"] == str(tmp_path / "first")
    assert second.experiment.start.mean == first.like.preparation.mean


def test_normalisation_can_be_chosen(file: Path, tmp_path: Path) -> None:
    settings = {"start.normalise": "data"}
    trained = train("digits", NETWORK, start=file, budget="steps=0", settings=settings, into=tmp_path / "run")
    assert trained.experiment.start.mean == () and trained.like.preparation.mean[0] != pytest.approx(GREY[0], abs=0.01)
    assert resolved(StartOptions(normalise="imagenet"), "resnet", Image(3, 8, 8)).mean == IMAGENET[0]
    assert resolved(StartOptions(normalise="imagenet"), "mlp", Table(4)).mean == ()


def test_images_of_networks_that_torchvision_trained_with_a_half(file: Path) -> None:
    weights = read_weights(StartOptions(weights=str(file)), "googlenet")
    assert weights is not None and weights.mean == (0.5, 0.5, 0.5)


def test_a_comparison_of_scratch_and_weights(file: Path, tmp_path: Path) -> None:
    told = Listening()
    networks = [NETWORK, f"{NETWORK}@{file}"]
    result = compare("digits", networks, budget="steps=2", seeds=1, into=tmp_path / "c", processes=1, progress=told)
    assert {arm.label for arm in result.arms} == set(networks)
    assert all(not arm.failure for arm in result.arms)
    assert any("summed" in note for note in result.notes) and any("summed" in said for said in told.said)
    runs = [json.loads(path.read_text()) for path in (tmp_path / "c").glob("arms/*/seed-0/run.json")]
    assert sorted("start" in facts for facts in runs) == [False, True]
    means = {facts["data"]["preparation"]["mean"][0] for facts in runs}
    assert len(means) == 2
    again = compare("digits", networks, seeds=2, into=tmp_path / "c", processes=1)
    assert all(len(arm.finished) == 2 for arm in again.arms)


def test_a_comparison_stops_where_weights_do_not_fit(file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as caught:
        compare("digits", f"mlp,resnet[depth=14,width=4]@{file}", budget="steps=1", into=tmp_path / "c")
    assert caught.value.code == "weights-do-not-fit"
    assert not (tmp_path / "c").exists()


def test_a_file_that_changed_is_noticed(file: Path) -> None:
    start = resolved(StartOptions(weights=str(file)), "resnet", Image(1, 8, 8))
    assert read_weights(start, "resnet") is not None
    file.write_bytes(file.read_bytes()[:-4] + bytes([0, 0, 0, 64]))
    with pytest.raises(DataProblem) as caught:
        read_weights(start, "resnet")
    assert caught.value.code == "weights-changed"


def test_specs_with_weights_round_trip() -> None:
    for text in ("resnet@a.npz", "resnet[depth=20,width=4]@folder/a b.safetensors", "x:Y@torchvision:resnet18"):
        assert str(Spec.parse(text)) == text
    assert Spec.parse("resnet[depth=20]@a@b") == Spec("resnet", {"depth": "20"}, "a@b")
    with pytest.raises(UsageProblem):
        Spec.parse("resnet@")


def test_what_torchvision_publishes_must_be_converted_first(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with pytest.raises(UsageProblem) as caught:
        read_weights(StartOptions(weights="torchvision:mobilenet_v2"), "mobilenet-v2")
    problem = caught.value
    assert problem.code == "weights-not-here"
    assert "https://download.pytorch.org/models/mobilenet_v2-" in problem.note and "MB" in problem.note
    assert "weights_only=True" in problem.help and str(tmp_path / "torch") in problem.help
    place = Path(problem.where[0].removeprefix("looked for "))
    place.parent.mkdir(parents=True)
    place.write_bytes(file.read_bytes())
    assert read_weights(StartOptions(weights="torchvision:mobilenet_v2"), "mobilenet-v2") is not None
    (tmp_path / place.name).write_bytes(file.read_bytes())
    named = StartOptions(weights="torchvision:MobileNet_V2_Weights.DEFAULT", folder=str(tmp_path))
    assert read_weights(named, "mobilenet-v2") is not None


@pytest.mark.parametrize(("name", "meant"), [("mobilenetv2", "mobilenet_v2"), ("resnet_18", "resnet18")])
def test_an_unknown_name_of_torchvision(name: str, meant: str) -> None:
    with pytest.raises(UsageProblem, match=meant):
        read_weights(StartOptions(weights=f"torchvision:{name}"), "resnet")


def test_what_timm_publishes(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with pytest.raises(UsageProblem) as caught:
        read_weights(StartOptions(weights="timm:resnet18.a1_in1k"), "resnet")
    assert caught.value.code == "weights-not-here" and "huggingface.co/timm/resnet18.a1_in1k" in caught.value.note
    place = tmp_path / "hf" / "hub" / "models--timm--resnet18.a1_in1k" / "snapshots" / "abc" / "model.safetensors"
    place.parent.mkdir(parents=True)
    place.write_bytes(file.read_bytes())
    assert read_weights(StartOptions(weights="timm:resnet18.a1_in1k"), "resnet") is not None


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no run"):
        read_weights(StartOptions(weights=str(tmp_path)), "resnet")


def test_on_the_command_line(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["train", "digits", "--network", NETWORK, "--augment", "none"]
    flags = ["--from", str(file), "--freeze", "backbone", "--budget", "steps=1", "--into", str(tmp_path / "run")]
    assert run([*common, *flags]) == 0
    assert "output layer of 3 units was replaced" in capsys.readouterr().err
    assert RunFolder(tmp_path / "run").experiment().descent.freeze == "backbone"
    (tmp_path / "weights.pth").write_bytes(b"\x80\x02}q\x00.")
    assert run([*common, "--from", str(tmp_path / "weights.pth"), "--into", str(tmp_path / "b")]) == 2
    said = capsys.readouterr().err
    assert "error[weights-pickled]" in said and "weights_only=True" in said
    assert run([*common, "--freeze", "backbon", "--into", str(tmp_path / "c"), "--budget", "steps=1"]) == 2
    assert "stages.stage1.0" in capsys.readouterr().err
    assert not (tmp_path / "b").exists() and not (tmp_path / "c").exists()
