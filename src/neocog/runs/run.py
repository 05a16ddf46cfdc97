"""run: one experiment, from its first step (or its last checkpoint) to its scores on the test part."""

import hashlib
import platform
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import nn

import neocog
from neocog.core.errors import Problem, TrainingProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.seeds import stream
from neocog.data.family import AbstractData, items_of
from neocog.fit.history import Outcome, Row
from neocog.fit.loop import Observer, fit
from neocog.runs.build import Parts, build, evaluation_source, plan_of, predictions
from neocog.runs.checkpoints import load_newest
from neocog.runs.experiment import Experiment
from neocog.runs.folder import RunFolder
from neocog.runs.keeper import Keeper
from neocog.runs.lock import locked
from neocog.runs.patience import patience
from neocog.runs.stop import Interrupted, StopSignals, stop_signals
from neocog.runs.weights import as_expected

Watch = Callable[[Parts], Sequence[Observer]]


def nobody(parts: Parts) -> Sequence[Observer]:
    """Nobody watches."""
    return ()


def run(
    experiment: Experiment,
    data: AbstractData,
    folder: RunFolder,
    *,
    label: str = "",
    progress: AbstractProgress | None = None,
    watch: Watch = nobody,
    allow_modules: Collection[str] = (),
) -> Outcome:
    """Train, or go on from the last checkpoint; then score the best checkpoint once on the test part.

    Args:
        experiment: resolved: device, steps and so on are decided.
        data: the experiment's data, opened.
        folder: where everything is written; one writer at a time.
        label: what progress calls this run.
        progress: told of steps and scores.
        watch: makes further observers, from the parts of the run.
        allow_modules: modules outside neocog whose classes the experiment may name.

    Raises:
        Interrupted: SIGINT or SIGTERM came; the run was saved first.
        FolderInUse, StorageProblem: nothing was lost.
    """
    with locked(folder.path), experiment.engine.active():
        if folder.exists and folder.outcome.finished:
            return folder.outcome
        data = as_expected(data, experiment.start)
        folder.begin(experiment, {**data_facts(data), **session_facts(folder, experiment)})
        progress = progress or Silent()
        progress.start(label or folder.path.name, experiment.plan.steps, "steps")
        with stop_signals() as stop:
            try:
                outcome = _train(experiment, data, folder, progress, watch, stop, allow_modules)
            except TrainingProblem as problem:
                outcome = Outcome.DIVERGED
                folder.note({"reason": str(problem)})
            except Problem:
                raise
            except Exception as problem:
                outcome = _outcome_of(problem)
                reason = f"{type(problem).__name__}: {problem}"
                folder.note({"outcome": outcome.name, "reason": reason, "trace": traceback.format_exc()})
                if outcome is Outcome.FAILED:
                    raise
            finally:
                progress.end()
        folder.note({"outcome": outcome.name})
    if stop.number is not None:
        raise Interrupted(folder, stop.number)
    return outcome


def _train(
    experiment: Experiment,
    data: AbstractData,
    folder: RunFolder,
    progress: AbstractProgress,
    watch: Watch,
    stop: StopSignals,
    allow_modules: Collection[str],
) -> Outcome:
    cuda = [torch.device("cuda")] if experiment.engine.device == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        begun = load_newest(folder.checkpoints, "last")[0] is not None
        parts = build(experiment, data, allow_modules, begun=begun)
        folder.note(parts.facts)
        torch.manual_seed(stream(experiment.plan.seed, "training"))
        keeper = Keeper(parts, folder, experiment.engine.device)
        start = keeper.restore(progress)
        plan = plan_of(experiment)
        val = parts.val()

        def evaluate(network: nn.Module) -> Mapping[str, float]:
            return parts.task.scores(predictions(parts.task, parts.seen(network), val))

        observers: list[Observer] = [
            _teller(progress, parts.task.headline.name),
            keeper,
            patience(experiment.plan.patience, parts.task, start.rows),
            _stopped(stop),
            *watch(parts),
        ]
        if plan.steps == 0:
            keeper.keep_best(Row(0, 0.0, 0.0, {}, evaluate(parts.learner.network)))
        history = fit(parts.learner, parts.source, plan, start=start, evaluate=evaluate, observers=observers)
        folder.write_history(history.rows)
        if history.outcome in (Outcome.INTERRUPTED, Outcome.OUT_OF_TIME):
            keeper.keep_last(history.pending)
        if history.outcome.finished:
            _score(experiment, data, parts, folder, keeper.rows)
    return history.outcome


def _score(experiment: Experiment, data: AbstractData, parts: Parts, folder: RunFolder, rows: tuple[Row, ...]) -> None:
    """The test part is touched here, once, by the checkpoint that was best on validation."""
    best, _ = load_newest(folder.checkpoints, "best")
    assert best is not None
    network = parts.learner.network
    network.load_state_dict(best.state["network"])
    records = {
        part: predictions(parts.task, network, evaluation_source(experiment, data, part, parts.task))
        for part in ("val", "test")
        if items_of(data, part)
    }
    folder.write_records(records)
    folder.note(
        {
            "best_step": best.step,
            "steps": rows[-1].step if rows else 0,
            "train_seconds": rows[-1].seconds if rows else 0.0,
            **{f"{name}_scores": parts.task.scores(record) for name, record in records.items()},
        }
    )


def _teller(progress: AbstractProgress, headline: str) -> Observer:
    score = ""

    def tell(row: Row) -> Outcome | None:
        nonlocal score
        if row.scores:
            score = f"validation {headline} {row.scores[headline]:.3f}"
        progress.advance(row.step, score)
        return None

    return tell


def _stopped(stop: StopSignals) -> Observer:
    return lambda row: Outcome.INTERRUPTED if stop.number is not None else None


def until(deadline: float | None) -> Watch:
    """Cut a run off at a time of ``perf_counter``; None never does."""

    def look(row: Row) -> Outcome | None:
        return Outcome.OUT_OF_TIME if deadline is not None and perf_counter() > deadline else None

    return lambda parts: [look]


def _outcome_of(problem: BaseException) -> Outcome:
    text = str(problem).lower()
    said = any(words in text for words in ("can't allocate memory", "not enough memory", "out of memory"))
    memory = isinstance(problem, MemoryError | torch.OutOfMemoryError) or said
    return Outcome.OUT_OF_MEMORY if memory else Outcome.FAILED


def data_facts(data: AbstractData) -> dict[str, Any]:
    """What run.json says besides the outcome."""
    return {
        "data": {
            "name": data.name,
            "fingerprint": data.fingerprint,
            "takes": str(data.takes),
            "counts": data.counts(),
            "notes": data.notes,
            "skipped": dict(data.skipped),
            **data.facts(),
        },
        **versions(),
    }


def session_facts(folder: RunFolder, experiment: Experiment) -> dict[str, Any]:
    """What a run began with, and each set of versions that it was trained with, one after another."""
    known = folder.facts() if folder.exists else {}
    now, before = versions(), list(known.get("sessions", []))
    return {
        "began": known.get("began") or experiment_facts(experiment),
        "sessions": before if before and before[-1] == now else [*before, now],
    }


def experiment_facts(experiment: Experiment) -> dict[str, Any]:
    """By what an experiment is known again."""
    return {
        "sha256": hashlib.sha256(experiment.to_toml().encode()).hexdigest(),
        "seed": experiment.plan.seed,
        "threads": experiment.engine.threads,
        "device": experiment.engine.device,
        "precision": experiment.engine.precision,
    }


def versions() -> dict[str, Any]:
    """What a run depends on besides its experiment."""
    return {
        "neocog": neocog.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "processor": processor(),
        "threads": torch.get_num_threads(),
    }


@cache
def processor() -> str:
    """The processor as it names itself, and which of its instructions torch uses."""
    name = platform.processor()
    with suppress(OSError):  # elsewhere than on Linux there is no such file
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name or platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"
