"""A comparison in processes whose parent is killed: its workers save and leave, and going on loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neocog.fit.history import Outcome
from neocog.runs.checkpoints import load_newest
from neocog.runs.compare import compare
from neocog.runs.comparison_folder import ArmFacts, ComparisonFolder
from neocog.runs.folder import RunFolder
from neocog.runs.results import load_comparison
from table import tiny_data

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9")

COMPARE = """
import sys
from pathlib import Path
from neocog.runs.compare import compare
settings = {"plan.batch_size": 8, "plan.evaluations": max(1, min(1000, int(sys.argv[3]) // 100)), "engine.threads": 1}
compare(
    sys.argv[1], "linear,mlp[widths=16]",
    budget=f"steps={sys.argv[3]}", seeds=1, into=Path(sys.argv[2]), settings=settings, processes=2,
)
"""
WORKER = "from neocog.runs import worker\nimport sys\nsys.exit(worker.main([]))"
DEAF = f"from neocog.runs import worker\nworker.signal.raise_signal = lambda number: None\n{WORKER}"
SOON = 15.0  # seconds
FOR_EVER = 10**6  # steps: minutes


@pytest.fixture
def on_disk(tmp_path: Path) -> Path:
    part = tiny_data(60).train
    np.savez(tmp_path / "tiny.npz", images=part.images, labels=part.labels)
    return tmp_path / "tiny.npz"


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that does not outlive the test."""
    begun: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        begun.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def test_workers_of_a_killed_comparison_save_and_leave(
    on_disk: Path, tmp_path: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    parent = started(COMPARE, on_disk, tmp_path / "c", FOR_EVER)
    runs = runs_of(tmp_path / "c")
    workers = [training(run) for run in runs]
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(map(alive, workers)), SOON)
    assert [RunFolder(run).outcome for run in runs] == [Outcome.INTERRUPTED] * 2


def test_a_killed_comparison_goes_on_at_once(
    on_disk: Path, tmp_path: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    steps = 1500
    parent = started(COMPARE, on_disk, tmp_path / "c", steps)
    workers = [training(run) for run in runs_of(tmp_path / "c")]
    parent.kill()
    parent.wait()
    assert any(map(alive, workers)), "the runs had ended: nothing is proven"
    assert started(COMPARE, on_disk, tmp_path / "c", steps).wait(200) == 0
    settings = {"plan.batch_size": 8, "plan.evaluations": steps // 100, "engine.threads": 1}
    whole: dict[str, Any] = {"budget": f"steps={steps}", "seeds": 1, "settings": settings, "processes": 1}
    compare(on_disk, "linear,mlp[widths=16]", into=tmp_path / "whole", **whole)
    assert results(tmp_path / "c") == results(tmp_path / "whole")


@pytest.mark.parametrize(("code", "leaves"), [(WORKER, True), (DEAF, False)], ids=["worker", "control: a deaf one"])
def test_a_worker_saves_and_leaves_when_its_standard_input_ends(
    code: str, leaves: bool, on_disk: Path, tmp_path: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    run = prepared(on_disk, tmp_path)
    worker = started(code)
    assert worker.stdin is not None
    worker.stdin.write(f"{run.path}\n")
    worker.stdin.flush()
    training(run.path)
    worker.stdin.close()
    worker.stdin = None
    if not leaves:
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(SOON / 4)
        return
    assert worker.wait(SOON) == 128 + signal.SIGTERM
    assert run.outcome is Outcome.INTERRUPTED
    assert load_newest(run.checkpoints, "last")[0] is not None


def test_a_worker_whose_orders_are_done_leaves_with_nothing_wrong(
    started: Callable[..., subprocess.Popen[str]],
) -> None:
    assert started(WORKER).communicate("")[0] == ""
    worker = started(WORKER)
    said, _ = worker.communicate("/no/such/run\n")
    assert worker.returncode in (0, 128 + signal.SIGTERM)
    assert [json.loads(line)["done"] for line in said.splitlines()] in ([], ["FAILED"])


def prepared(on_disk: Path, tmp_path: Path) -> RunFolder:
    """A run folder whose experiment is written and takes for ever."""
    settings: dict[str, Any] = {"plan.batch_size": 8, "plan.evaluations": 1, "engine.threads": 1}
    compare(on_disk, "linear", budget="steps=1", seeds=1, into=tmp_path / "c", settings=settings, processes=1)
    folder = ComparisonFolder(tmp_path / "c")
    (arm,) = folder.facts().arms
    done, run = folder.run(arm, 0), RunFolder(tmp_path / "run")
    experiment = done.experiment().with_settings({"plan.steps": FOR_EVER, "plan.evaluations": FOR_EVER // 1000})
    run.path.mkdir()
    run.begin(experiment, {"data": done.facts()["data"]})
    return run


def runs_of(folder: Path) -> list[Path]:
    return [folder / "arms" / ArmFacts(label, "", {}).slug / "seed-0" for label in ("linear", "mlp[widths=16]")]


def training(run: Path) -> int:
    """Wait until a process is training the run; its number."""
    wait_for(lambda: holder(run) is not None and any((run / "checkpoints").glob("last-*.json")), 60)
    found = holder(run)
    assert found is not None
    return found


def holder(run: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(json.loads((run / "lock").read_text())["process"])
    return None


def wait_for(happened: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Whether it runs: a zombie whose parent was killed does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        pass
    if sys.platform == "linux":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def results(folder: Path) -> list[tuple[object, ...]]:
    rows = load_comparison(folder).leaderboard()
    return [tuple(row[key] for key in ("label", "accuracy", "per_seed")) for row in rows]
