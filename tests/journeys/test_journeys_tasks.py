"""Every task from a user's chair: train, be interrupted, resume to the same bits, predict, report."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from neocog.cli.main import run
from neocog.core.progress import Silent
from neocog.tasks import TASKS
from runs_in_processes import final_weights

STEPS, CUT = 6, 3


@dataclass(frozen=True)
class Journey:
    """What is typed for a task: data, flags of train, and the items of predict."""

    data: str
    train: tuple[str, ...]
    predict: tuple[str, ...] = ()
    compare: str = ""

    def __post_init__(self) -> None:
        assert "--network" in self.train


JOURNEYS = {
    "classify": Journey("digits", ("--network", "linear"), ("stamps/images/00.png",), "linear,mlp[widths=8]"),
    "boxes": Journey(
        "stamps",
        ("--network", "resnet[depth=8,width=8,stem=2]", "--set", "task.width=8", "--set", "plan.batch_size=4"),
        ("stamps/images/00.png",),
        "simple-cnn,resnet[depth=8,width=8,stem=2]",
    ),
    "generate": Journey("digits", ("--network", "gan[width=8]", "--set", "plan.batch_size=8")),
    "control": Journey(
        "catch", ("--network", "mlp[widths=8]", "--set", "task.moves=9"), ("3",), "linear,mlp[widths=8]"
    ),
    "cluster": Journey(
        "digits", ("--network", "autoencoder[widths=16]"), ("stamps/images/00.png",), "kmeans,autoencoder"
    ),
    "language": Journey(
        "text.txt", ("--network", "recurrent[width=8]", "--set", "data.window=16"), ("To be",), "recurrent[width=8]"
    ),
    "forecast": Journey("seasons", ("--network", "causal-cnn"), ("seasons",), "linear,mlp[widths=8]"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text, and with stamps: images in the manner of YOLO."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "text.txt").write_text("ROMEO: To be, or not to be: that is the question.\n" * 100)
    random = np.random.default_rng(0)
    for kind in ("images", "labels"):
        (folder / "stamps" / kind).mkdir(parents=True)
    (folder / "stamps" / "classes.txt").write_text("full\nhollow\n")
    for number in range(16):
        pixels = random.integers(0, 60, (32, 32), dtype=np.uint8)
        pixels[8:24, 8:24] = 230
        pixels[12:20, 12:20] -= 200 * np.uint8(number % 2)
        Image.fromarray(pixels).save(folder / "stamps" / "images" / f"{number:02}.png")
        (folder / "stamps" / "labels" / f"{number:02}.txt").write_text(f"{number % 2} 0.5 0.5 0.5 0.5")
    return folder


def interrupt(patched: pytest.MonkeyPatch, folder: str) -> None:
    """Ctrl-C at a step in the middle of the run in a folder."""
    sent: list[float] = []

    def advance(progress: Silent, done: float, score: str = "") -> None:
        if done >= CUT and not sent and Path(folder, "run.json").exists():
            sent.append(done)
            os.kill(os.getpid(), signal.SIGINT)

    patched.setattr(Silent, "advance", advance)


def test_every_task_has_its_journey() -> None:
    assert JOURNEYS.keys() == TASKS.keys()


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to the own process")
@pytest.mark.parametrize("task", JOURNEYS)
def test_interrupted_resumed_asked_and_reported(
    task: str,
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(place)
    journey = JOURNEYS[task]
    plan = (f"steps={STEPS}", "--set", "plan.evaluations=2", "--no-cache", "--quiet")
    command = ["train", journey.data, "--task", task, *journey.train, "--budget", *plan]
    whole, cut = str(tmp_path / "whole"), str(tmp_path / "cut")
    assert run([*command, "--into", whole]) == 0, capsys.readouterr().err
    with monkeypatch.context() as patched:
        interrupt(patched, cut)
        assert run([*command, "--into", cut]) == 130
    assert "neocog resume" in capsys.readouterr().err
    assert not same(final_weights(Path(cut)), final_weights(Path(whole)))  # the control: it really was cut
    assert run(["resume", cut, "--no-cache", "--quiet"]) == 0, capsys.readouterr().err
    assert same(final_weights(Path(cut)), final_weights(Path(whole)))
    asked = ["predict", cut, *journey.predict, "--quiet", "--into", str(tmp_path / "answers")]
    assert run(asked) == 0, capsys.readouterr().err
    assert run(["report", cut, "--quiet"]) == 0, capsys.readouterr().err
    assert list(Path(cut).glob("*.html"))


@pytest.mark.parametrize("task", [task for task, journey in JOURNEYS.items() if journey.compare])
def test_networks_are_compared(
    task: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    journey = JOURNEYS[task]
    own = [each for each in journey.train if each not in ("--network", journey.train[1])]
    command = ["compare", journey.data, "--task", task, "--networks", journey.compare, "--budget", f"steps={STEPS}"]
    into = tmp_path / "comparison"
    assert run([*command, *own, "--seeds", "2", "--no-cache", "--quiet", "--into", str(into)]) == 0, (
        capsys.readouterr().err
    )
    assert list(into.glob("*.html"))


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
