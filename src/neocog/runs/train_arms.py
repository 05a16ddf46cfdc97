"""train_all: the runs of a comparison that have no result yet, one at a time or several at once."""

import os
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from neocog.core.errors import Problem
from neocog.core.progress import AbstractProgress
from neocog.data.family import AbstractData
from neocog.runs.arms import Arm
from neocog.runs.comparison_folder import ComparisonFacts, ComparisonFolder
from neocog.runs.experiment import Experiment
from neocog.runs.folder import RunFolder
from neocog.runs.going_on import Asked
from neocog.runs.lock import wait_until_free
from neocog.runs.run import data_facts, run, until
from neocog.runs.setup import IN_MEMORY
from neocog.runs.workers import Job, train_in_processes

_LEAVING_SECONDS = 15.0  # for workers whose comparison was killed: they finish a step and save
_THREADS = "engine.threads"


def train_all(
    folder: ComparisonFolder,
    arms: Sequence[Arm],
    facts: ComparisonFacts,
    data: AbstractData,
    asked: Asked,
    deadline: float | None,
    progress: AbstractProgress,
) -> None:
    """Train what has no result yet, seed by seed through all networks."""
    jobs = []
    for seed in range(facts.seeds):
        for arm in arms:
            place = folder.run(arm.facts, seed)
            if arm.experiment is not None and not (place.exists and place.outcome.finished):
                label = f"{arm.facts.label}, seed {seed}"
                jobs.append((arm, arm.seeded(seed), Job(place, arm.experiment.plan.steps, label)))
    wait_until_free([job.folder.path for _, _, job in jobs if job.folder.exists], _LEAVING_SECONDS)
    processes = _processes(facts, asked, [arm for arm, _, _ in jobs])
    if processes > 1 and len(jobs) > 1:
        threads = max(1, (os.cpu_count() or 1) // processes)
        for arm, experiment, job in jobs:
            if _THREADS not in arm.facts.settings:
                experiment = replace(experiment, engine=replace(experiment.engine, threads=threads))
            _begin_run(experiment, data, job.folder, facts)
        train_in_processes([job for _, _, job in jobs], processes, threads, progress, asked.allow_modules)
        return
    if (asked.processes or 1) > 1 and len(jobs) > 1:
        progress.say(f"Here runs go one at a time; processes={asked.processes} is not used.")
    for number, (_, experiment, job) in enumerate(jobs, start=1):
        label = f"[{number}/{len(jobs)}] {job.label}"
        if deadline is not None and perf_counter() > deadline:
            progress.say(f"{label}: the time budget ended before it began; `neocog compare --into` goes on")
            continue
        _begin_run(experiment, data, job.folder, facts)
        begun = job.folder.experiment(asked.allow_modules)
        try:
            _run_one(begun, data, job.folder, label, deadline, asked, progress)
        except Problem:
            raise
        except Exception as problem:  # its reason is in its folder; the others go on
            progress.say(f"{label}: {type(problem).__name__}: {problem}")


def _begin_run(experiment: Experiment, data: AbstractData, folder: RunFolder, facts: ComparisonFacts) -> None:
    """Write down what a run is made of, so that it can be resumed on its own too; one that exists stays as it is."""
    if not folder.exists:
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.begin(experiment, {**data_facts(data), "kept": facts.kept})


def _run_one(
    experiment: Any,
    data: AbstractData,
    folder: RunFolder,
    label: str,
    deadline: float | None,
    asked: Asked,
    progress: AbstractProgress,
) -> None:
    outcome = run(
        experiment,
        data,
        folder,
        label=label,
        progress=progress,
        watch=until(deadline),
        allow_modules=asked.allow_modules,
    )
    if not outcome.finished:
        progress.say(f"{label}: {outcome.value}")


def _processes(facts: ComparisonFacts, asked: Asked, arms: Sequence[Arm]) -> int:
    """Timed runs go one at a time, and so do runs on a GPU or on data that another process cannot open."""
    engines = {arm.facts.label: arm.experiment.engine for arm in arms if arm.experiment is not None}
    names = {arm.experiment.data.name for arm in arms if arm.experiment is not None}
    apart = facts.kept and IN_MEMORY not in names and all(engine.device == "cpu" for engine in engines.values())
    if facts.share is not None or not apart:
        return 1
    asked_for = [engines[arm.facts.label].threads or 1 for arm in arms if _THREADS in arm.facts.settings]
    return asked.processes or max(1, (os.cpu_count() or 1) // max(asked_for, default=1))
