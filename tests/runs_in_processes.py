"""Runs in processes of their own, for tests that kill them."""

import multiprocessing
import random
import time
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

from neocog.core.catalogue import Spec
from neocog.core.errors import Problem
from neocog.data.augment import Augmentation
from neocog.data.open import DataChoice
from neocog.fit.descent import Descent
from neocog.fit.engine import Engine
from neocog.runs.checkpoints import load_newest
from neocog.runs.compare import compare
from neocog.runs.experiment import Experiment, PlanOptions
from neocog.runs.folder import RunFolder
from neocog.runs.run import run
from neocog.runs.stop import Interrupted
from table import tiny_data

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["runs_in_processes"])


def tiny_experiment(steps: int, *, seed: int = 0) -> Experiment:
    """A run with everything that has a state: momentum, augmentation, dropout, EMA."""
    return Experiment(
        data=DataChoice(name="in memory"),
        network=Spec("mlp", {"widths": (64,), "dropout": 0.3}),
        descent=Descent(rate=1e-3),
        augment=Augmentation(shift=0.1, rotation=10, noise=0.02),
        plan=PlanOptions(steps=steps, batch_size=8, seed=seed, evaluations=max(1, steps // 10), average=0.9),
        engine=Engine(device="cpu", precision="fp32", channels_last=False, compile=False, threads=1),
    )


def begin(folder: Path, experiment: Experiment) -> BaseProcess:
    """Start or continue a run in a process of its own."""
    process = PROCESSES.Process(target=_run, args=(folder, experiment))
    process.start()
    return process


def _run(folder: Path, experiment: Experiment) -> None:
    torch.set_num_threads(1)
    try:
        run(experiment, tiny_data(), RunFolder(folder))
    except Interrupted as stopped:
        raise SystemExit(128 + stopped.signal) from None
    except Problem as problem:
        raise SystemExit(problem.exit_code) from None


def begin_comparison(folder: Path, steps: int) -> BaseProcess:
    """Start or continue a comparison of two networks with two seeds in a process of its own."""
    process = PROCESSES.Process(target=_compare, args=(folder, steps))
    process.start()
    return process


def _compare(folder: Path, steps: int) -> None:
    torch.set_num_threads(1)
    settings = {"plan.batch_size": 8, "plan.evaluations": max(1, steps // 10), "engine.threads": 1}
    compare(tiny_data(), "linear,mlp[widths=16]", budget=f"steps={steps}", seeds=2, into=folder, settings=settings)


def finish(folder: Path, experiment: Experiment) -> int | None:
    """Run to the end; the exit code."""
    process = begin(folder, experiment)
    process.join()
    return process.exitcode


def kill_at_random_moments(folder: Path, experiment: Experiment, kills: int, longest: float, seed: int) -> int:
    """Kill -9 the run ``kills`` times, each time going on, then let it finish; how many kills met a running process."""
    dice, met = random.Random(seed), 0
    for _ in range(kills):
        process = begin(folder, experiment)
        time.sleep(dice.uniform(0.0, longest))
        met += process.is_alive()
        process.kill()
        process.join()
    assert finish(folder, experiment) == 0
    return met


def final_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Everything in the last checkpoint, by name."""
    checkpoint, damaged = load_newest(RunFolder(folder).checkpoints, "last")
    assert checkpoint is not None and not damaged
    flat: dict[str, torch.Tensor] = {}
    _flatten("", dict(checkpoint.state), flat)
    return flat


def _flatten(path: str, value: object, flat: dict[str, torch.Tensor]) -> None:
    if isinstance(value, torch.Tensor):
        flat[path] = value
    elif isinstance(value, dict):
        for key, item in value.items():
            _flatten(f"{path}/{key}", item, flat)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _flatten(f"{path}/{place}", item, flat)


def other_seed(experiment: Experiment) -> Experiment:
    """The same experiment with another seed."""
    return replace(experiment, plan=replace(experiment.plan, seed=experiment.plan.seed + 1))
