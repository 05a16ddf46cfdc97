"""compare: rows for what fails, budgets, going on."""

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neocog.core.errors import FolderInUse, Problem, TrainingProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.fit.history import Outcome
from neocog.runs.compare import compare
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.folder import RunFolder
from neocog.runs.load import load
from neocog.runs.lock import locked
from neocog.runs.results import load_comparison
from table import tiny_data

QUICK = {"plan.batch_size": 8, "plan.evaluations": 2}


def quick(into: Path, networks: str | None = "linear,mlp[widths=8]", **more: Any) -> Any:
    options = {"budget": "steps=6", "seeds": 2, "settings": QUICK} | more
    return compare(tiny_data(), networks, into=into, **options)


class Heard(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


def test_failed_networks_are_rows_with_their_reason_and_the_others_go_on(tmp_path: Path) -> None:
    heard = Heard()
    names = ("Diverging", "Raising", "OutOfMemory", "Unbuildable")
    result = quick(tmp_path, "linear," + ",".join(f"plugin_networks:{name}" for name in names), progress=heard)
    assert [arm.label for arm in result.ranked] == ["linear"]
    reasons = {arm.label.partition(":")[2]: arm.failure for arm in result.failed}
    assert "stopped being a number" in reasons["Diverging"]
    assert "made to fail" in reasons["Raising"]
    assert "memory" in reasons["OutOfMemory"]
    assert "cannot be built" in reasons["Unbuildable"]
    assert any("made to fail" in line for line in heard.lines)


def test_where_no_network_is_left_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingProblem) as caught:
        quick(tmp_path, "plugin_networks:Diverging")
    assert caught.value.code == "comparison-no-result" and caught.value.exit_code == 69


def test_the_best_of_a_users_own_networks_can_be_used(tmp_path: Path) -> None:
    result = quick(tmp_path / "c", "plugin_networks:Fine")
    assert len(result.best.predict(tiny_data().test.images)) == 24
    with pytest.raises(UsageProblem, match="does not allow"):
        load(tmp_path / "c")
    assert load(tmp_path / "c", allow_modules=["plugin_networks"]).classes == ("bar", "dot", "frame")


def test_best_is_chosen_on_validation(tmp_path: Path) -> None:
    result = quick(tmp_path)
    best = max((seed for seed in result.chosen.finished), key=lambda seed: seed.val_scores["accuracy"])
    assert result.best.folder.path == best.folder
    assert result.report(tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_going_on_adds_seeds_and_networks_and_keeps_every_run_and_setting(tmp_path: Path) -> None:
    first = quick(tmp_path, "linear", margin=0.03, augment="rotation=5")
    stamps = {seed.folder: (seed.folder / "run.json").stat().st_mtime_ns for seed in first.arms[0].seeds}
    second = compare(tiny_data(), "mlp[widths=8]", into=tmp_path, seeds=3)
    assert {arm.label: len(arm.finished) for arm in second.ranked} == {"linear": 3, "mlp[widths=8]": 3}
    assert second.margin == 0.03
    assert all((path / "run.json").stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    (new,) = (arm for arm in second.ranked if arm.network == "mlp")
    text = (new.seeds[0].folder / "experiment.toml").read_text()
    assert "rotation = 5.0" in text and "batch_size = 8" in text and "steps = 6" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": 1}, ["This comparison has 2 seeds already and keeps them; 1 would be fewer."]),
        ({"seeds": 2}, []),
        ({}, []),
        ({"networks": "linear"}, ["All networks of this comparison stay in it, also mlp[widths=8]."]),
        ({"networks": "mlp[widths=8],linear"}, []),
        ({"networks": "mlp[widths=9]"}, []),
    ],
    ids=str,
)
def test_what_changes_nothing_when_going_on_is_said(asked: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    quick(tmp_path)
    heard = Heard()
    result = compare(tiny_data(), into=tmp_path, progress=heard, **asked)
    assert result.seeds == 2 and {"linear", "mlp[widths=8]"} <= {arm.label for arm in result.arms}
    assert [line for line in heard.lines if "This comparison" in line or "this comparison" in line] == said


@pytest.mark.parametrize(
    "other", [{"budget": "steps=9"}, {"augment": "flip=horizontal"}, {"settings": {"descent.rate": 1.0}}]
)
def test_going_on_under_other_conditions_is_refused(other: dict[str, Any], tmp_path: Path) -> None:
    quick(tmp_path)
    with pytest.raises(UsageProblem) as caught:
        compare(tiny_data(), into=tmp_path, **other)
    assert caught.value.code == "comparison-differs"


def test_arms_that_never_began_go_on_as_they_were_resolved(tmp_path: Path) -> None:
    quick(tmp_path)
    folder = ComparisonFolder(tmp_path)
    before = load_comparison(tmp_path).leaderboard()
    for arm in folder.facts().arms[1:]:
        for _, run in folder.runs(arm):
            for path in sorted(run.path.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            run.path.rmdir()
    compare(tiny_data(), into=tmp_path)
    names = ("label", "accuracy", "per_seed")
    assert [[row[n] for n in names] for row in load_comparison(tmp_path).leaderboard()] == [
        [row[n] for n in names] for row in before
    ]


def test_a_time_budget_is_kept_and_every_network_gets_the_same_share(tmp_path: Path) -> None:
    begun = time.perf_counter()
    result = quick(tmp_path, "linear,mlp[widths=8]", budget="30s")
    result.report(tmp_path / "report.html")
    assert time.perf_counter() - begun < 30 * 1.05 + 1
    for arm in result.ranked:
        assert len({seed.steps for seed in arm.finished}) == 1


def test_a_budget_too_small_is_refused_with_the_smallest_that_works(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="too little") as caught:
        quick(tmp_path / "c", budget="1s", seeds=30)
    assert caught.value.code == "budget-too-small" and "--budget" in caught.value.help
    assert not (tmp_path / "c").exists()


def test_two_comparisons_cannot_write_to_one_folder(tmp_path: Path) -> None:
    quick(tmp_path)
    with locked(tmp_path), pytest.raises(FolderInUse):
        compare(tiny_data(), into=tmp_path)


def test_going_on_without_the_arrays_says_so(tmp_path: Path) -> None:
    quick(tmp_path)
    with pytest.raises(Problem) as caught:
        compare(into=tmp_path)
    assert caught.value.code == "data-in-memory"


@pytest.fixture
def on_disk(tmp_path: Path) -> Path:
    data = tiny_data(60)
    np.savez(tmp_path / "tiny.npz", images=data.train.images, labels=data.train.labels)
    return tmp_path / "tiny.npz"


def test_processes_give_the_same_scores_as_one(on_disk: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"budget": "steps=6", "seeds": 2, "settings": QUICK | {"engine.threads": 1}}
    networks = "linear,plugin_networks:Fine"
    apart = compare(on_disk, networks, into=tmp_path / "a", processes=2, **options)
    alone = compare(on_disk, networks, into=tmp_path / "b", processes=1, **options)
    assert [row["per_seed"] for row in apart.leaderboard()] == [row["per_seed"] for row in alone.leaderboard()]


@pytest.mark.parametrize(
    ("networks", "settings", "threads"),
    [
        ("linear,mlp[widths=8]", {"engine.threads": "3"}, {"linear": 3, "mlp": 3}),
        ("linear,mlp[widths=8,engine.threads=2]", {}, {"linear": 1, "mlp": 2}),
        ("linear,mlp[widths=8]", {}, {"linear": 1, "mlp": 1}),
    ],
    ids=["for all", "for one", "control"],
)
def test_threads_that_were_asked_for_are_kept_in_processes(
    networks: str,
    settings: dict[str, Any],
    threads: dict[str, int],
    on_disk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    result = compare(
        on_disk, networks, into=tmp_path / "c", budget="steps=2", seeds=1, processes=2, settings=QUICK | settings
    )
    found = {arm.network: RunFolder(arm.seeds[0].folder) for arm in result.ranked}
    assert {name: run.experiment().engine.threads for name, run in found.items()} == threads
    assert {name: run.facts()["outcome"] for name, run in found.items()} == dict.fromkeys(threads, "DONE")


@pytest.mark.parametrize(("processes", "said"), [(4, 1), (1, 0), (None, 0)])
def test_processes_that_cannot_be_used_are_told(processes: int | None, said: int, tmp_path: Path) -> None:
    heard = Heard()
    quick(tmp_path, processes=processes, progress=heard)
    assert sum("processes=4 is not used" in line for line in heard.lines) == said


def test_a_worker_that_is_killed_is_a_row_and_the_others_go_on(on_disk: Path, tmp_path: Path) -> None:
    into, killed = tmp_path / "c", threading.Event()

    def kill_the_first() -> None:
        lock = into / "arms" / "mlp" / "seed-0" / "lock"
        while not killed.is_set():
            with_holder = lock.read_text() if lock.exists() else ""
            if with_holder:
                os.kill(json.loads(with_holder)["process"], signal.SIGKILL)
                killed.set()
            time.sleep(0.01)

    killer = threading.Thread(target=kill_the_first, daemon=True)
    killer.start()
    settings = QUICK | {"plan.evaluations": 100}
    result = compare(on_disk, "mlp,linear", into=into, budget="steps=3000", seeds=2, processes=2, settings=settings)
    killer.join(timeout=10)
    outcomes = {(arm.label, seed.seed): seed.outcome for arm in result.arms for seed in arm.seeds}
    assert outcomes.pop(("mlp", 0)) is Outcome.OUT_OF_MEMORY
    assert set(outcomes.values()) == {Outcome.DONE} and len(outcomes) == 3
    assert any("seed 0" in note and "memory" in note for note in result.notes)
