"""Kill it at any moment, resume, same result."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

from neocog.fit.history import Outcome
from neocog.runs.folder import RunFolder
from neocog.runs.results import load_comparison
from runs_in_processes import (
    begin,
    begin_comparison,
    final_weights,
    finish,
    kill_at_random_moments,
    other_seed,
    tiny_experiment,
)

STEPS = 200
LONGEST = 0.8  # seconds from the start of the process to its death: imports, first steps, saves, the end


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert finish(folder, tiny_experiment(STEPS)) == 0
    return folder


@pytest.mark.parametrize("kills", [pytest.param(5, id="short"), pytest.param(20, id="full", marks=pytest.mark.full)])
def test_killed_and_resumed_is_never_killed(kills: int, uninterrupted: Path, tmp_path: Path) -> None:
    met = kill_at_random_moments(tmp_path / "run", tiny_experiment(STEPS), kills, LONGEST, seed=kills)
    assert met >= kills // 2, "too few kills met a running process to prove anything"
    assert same(final_weights(tmp_path / "run"), final_weights(uninterrupted))
    mine, whole = RunFolder(tmp_path / "run"), RunFolder(uninterrupted)
    assert mine.facts()["test_scores"] == whole.facts()["test_scores"]
    assert mine.facts()["best_step"] == whole.facts()["best_step"]


def test_control_another_seed_ends_elsewhere(uninterrupted: Path, tmp_path: Path) -> None:
    assert finish(tmp_path / "run", other_seed(tiny_experiment(STEPS))) == 0
    assert not same(final_weights(tmp_path / "run"), final_weights(uninterrupted))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_signal_saves_and_exits(number: signal.Signals, tmp_path: Path) -> None:
    experiment = tiny_experiment(100_000)
    process = begin(tmp_path / "run", experiment)
    assert process.pid is not None
    while not (tmp_path / "run" / "run.json").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    begun = time.monotonic()
    signal_to(process.pid, number)
    process.join(timeout=30)
    assert process.exitcode == 128 + number
    assert time.monotonic() - begun < 20
    assert RunFolder(tmp_path / "run").outcome is Outcome.INTERRUPTED
    assert final_weights(tmp_path / "run")


@pytest.fixture(scope="module")
def whole_comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "comparison"
    process = begin_comparison(folder, STEPS)
    process.join()
    assert process.exitcode == 0
    return folder


@pytest.mark.parametrize("kills", [pytest.param(4, id="short"), pytest.param(20, id="full", marks=pytest.mark.full)])
def test_a_killed_comparison_continued_gives_the_same_leaderboard(
    kills: int, whole_comparison: Path, tmp_path: Path
) -> None:
    dice, met = random.Random(kills), 0
    for _ in range(kills):
        process = begin_comparison(tmp_path / "c", STEPS)
        time.sleep(dice.uniform(0.2, 1.5))
        met += process.is_alive()
        process.kill()
        process.join()
    process = begin_comparison(tmp_path / "c", STEPS)
    process.join()
    assert process.exitcode == 0
    assert met >= kills // 2
    assert results(tmp_path / "c") == results(whole_comparison)
    assert len(results(whole_comparison)) == 2


def test_control_a_comparison_with_another_run_has_another_leaderboard(whole_comparison: Path, tmp_path: Path) -> None:
    process = begin_comparison(tmp_path / "c", STEPS // 10)
    process.join()
    assert results(tmp_path / "c") != results(whole_comparison)


def results(folder: Path) -> list[tuple[object, ...]]:
    """The leaderboard without what is measured by the clock."""
    rows = load_comparison(folder).leaderboard()
    return [tuple(row[key] for key in ("label", "accuracy", "low", "high", "per_seed", "parameters")) for row in rows]


def signal_to(process: int, number: signal.Signals) -> None:
    os.kill(process, number)
    os.kill(process, number)  # a second one changes nothing
