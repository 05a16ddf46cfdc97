"""compare: several networks, several seeds, one budget, one answer."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, modules_of
from neocog.core.errors import TrainingProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import AbstractData
from neocog.runs.arms import Arm, specs_of
from neocog.runs.budget import Budget
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ArmFacts, ComparisonFacts, ComparisonFolder
from neocog.runs.control_runs import Bench
from neocog.runs.controls import run_controls
from neocog.runs.decide import DEFAULT_BUDGET, aside, begin, check_numbers, go_on, keep_decided
from neocog.runs.deciding import named_score, refuse_besides
from neocog.runs.folder import RunFolder
from neocog.runs.gallery import keep_gallery
from neocog.runs.going_on import Asked, data_of, task_of_folder
from neocog.runs.latency import latencies
from neocog.runs.leakage_gate import gate
from neocog.runs.lock import locked
from neocog.runs.match import Match
from neocog.runs.predictor import Predictor
from neocog.runs.results import load_comparison
from neocog.runs.sensitivity import after_training, refuse_task
from neocog.runs.setup import Question, Task, named_task, new_folder, open_data, task_for
from neocog.runs.train_arms import train_all

_REPORT_SECONDS = 2.0


def compare(
    data: Any = None,
    networks: str | Sequence[str | Spec] | None = None,
    *,
    task: str | Spec | None = None,
    budget: str | None = None,
    seeds: int | None = None,
    into: str | Path | None = None,
    margin: float | None = None,
    looks: int | None = None,
    score: str | None = None,
    tune: int | None = None,
    match: str | None = None,
    controls: bool = False,
    sensitivity: bool = False,
    device: str = "auto",
    augment: str = "default",
    settings: Mapping[str, Any] | None = None,
    processes: int | None = None,
    download: bool = False,
    keep: bool = True,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
    started: float | None = None,
    **data_options: Any,
) -> Comparison:
    """Train several networks with several seeds on the same data and say which is better, by how much, how surely.

    Every network gets the same share of the budget. Choices are made on the validation part; the test part is scored
    once, by each run's best checkpoint. Everything is kept in a folder; calling again with the same folder continues
    an interrupted comparison and adds the seeds or networks that are missing.

    Args:
        data: a built-in name, a path, a choice of data, opened data or a pair (images, labels); by default digits.
        networks: names with options, such as ``"mlp,resnet[depth=20]"``; by default the task's usual ones. After an
            ``@`` stands what a network starts from: ``"resnet,resnet@weights.safetensors"``.
        task: what is asked, with options, such as ``"classify[balance=true]"``; by default what the data tell.
        budget: ``"90s"``, ``"10m"`` for the whole call, or ``"epochs=5"``, ``"steps=2000"``, ``"flops=1e12"`` (of
            training, counted) for each run.
        seeds: runs of each network; by default 3.
        into: folder of the comparison; by default a new one in ``./runs``.
        margin: difference in the headline (accuracy: a fraction) that does not matter to you; by default the task's
            usual one, 0.005 for accuracy.
        looks: how often the comparison may be answered, by default 2: going on with it after its answer was seen is a
            second test, so the chance of a wrong answer is shared among that many; more are told, with their cost.
        score: what decides, in place of the task's headline: for classes ``"log-loss"``, ``"brier"``, ``"macro-f1"``,
            ``"balanced-accuracy"`` or ``"auc"``; chosen once, before the first answer.
        tune: learning rates that are tried for each network, judged on the validation part; by default 0. Of a budget
            in time the trials are a part; to one in steps, epochs or FLOPs they come on top.
        match: scale the networks to a common size: ``parameters`` or ``macs``, the middle of their own, or a number,
            ``"parameters=100000"``; what was reached is told.
        controls: find out too whether the data need a CNN (`neocog.runs.controls`), within the same budget.
        sensitivity: whether the trained networks are scored on shifted, rotated, noisy ... test items too, for which a
            quarter of a budget in time is kept; ``neocog.runs.sensitivity`` does it afterwards, and in more ways.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        augment: ``default`` for the kind of images, ``none``, or options such as ``"rotation=15,shift=0.1"``.
        settings: dotted options for all networks, such as ``{"descent.rate": 0.01}``.
        processes: runs at a time where the budget is no time; by default as many as there are cores for their threads.
        download: whether a built-in data set may be downloaded.
        keep: whether decoded images are kept on disk for the next time.
        allow_modules: modules whose classes a folder that is continued may name, besides those named in ``networks``.
        progress: told what happens.
        started: when the budget began, by ``time.perf_counter``; by default now.
        data_options: further fields of ``DataChoice``, such as ``size=64``.

    Raises:
        UsageProblem, DataProblem: before anything is trained.
        TrainingProblem: no network at all could be trained.
        Interrupted: a signal came; everything is saved, and calling again with the same folder goes on.

    Examples:
        >>> from neocog import compare
        >>> result = compare("digits", "linear,mlp", budget="epochs=1", seeds=2)  # doctest: +SKIP
        >>> print(result.sentence)  # doctest: +SKIP
    """
    specs = specs_of(networks) if networks is not None else None
    asked = Asked(
        specs=specs,
        budget=Budget.parse(budget) if budget is not None else None,
        seeds=seeds,
        margin=margin,
        looks=looks,
        sensitivity=sensitivity,
        tune=tune,
        device=device,
        augment=augment,
        settings=settings or {},
        processes=processes,
        allow_modules=(*allow_modules, *modules_of([*(specs or ()), *named_task(task)])),
        started=perf_counter() if started is None else started,
        match=Match.parse(match),
        controls=controls,
    )
    progress = progress or Silent()
    folder = ComparisonFolder(Path(into) if into is not None else new_folder("compare", data))
    with ExitStack() as held:
        before, keep, task = _begun(folder, held, keep, task)
        spec, kind = task_for(data, task, asked.allow_modules)
        asked = _of_task(asked, spec, kind, score)
        data, options = data_of(folder if before else None, data, data_options, kind)
        choice, opened = open_data(kind, data, options, device=device, download=download, keep=keep, progress=progress)
        leaks = gate(opened, choice, folder.path, budget=_budget(before, asked), keep=keep, progress=progress)
        if before is None:
            arms, facts = begin(choice, opened, asked, kind, keep, progress)
            held.enter_context(locked(folder.path))
        else:
            arms, facts = go_on(folder, before, choice, opened, asked, progress)
        keep_decided(folder, facts, arms, leaks)
        return _carry_out(folder, facts, arms, Question(spec, choice, opened), asked, before is None, progress)


def _begun(
    folder: ComparisonFolder, held: ExitStack, keep: bool, task: str | Spec | None
) -> tuple[ComparisonFacts | None, bool, str | Spec | None]:
    """What a folder that exists holds, which is locked then; whether images are kept; and the task."""
    if not folder.exists:
        return None, keep, task
    held.enter_context(locked(folder.path))
    facts = folder.facts()
    before = replace(facts, kept=keep and facts.kept)
    return before, before.kept, task_of_folder(folder, before, task)


def _carry_out(
    folder: ComparisonFolder,
    facts: ComparisonFacts,
    arms: Sequence[Arm],
    question: Question,
    asked: Asked,
    first: bool,
    progress: AbstractProgress,
) -> Comparison:
    """Train what is missing, answer, and do what was asked for besides; only the ``first`` call has a deadline."""
    deadline = _deadline(facts, asked, aside=aside(asked)) if first else None
    train_all(folder, arms, facts, question.data, asked, deadline, progress)
    result = _conclude(folder, facts, question.data, asked)
    if asked.controls:
        run_controls(Bench(folder, facts, question, asked, deadline, progress), result, arms)
    if asked.sensitivity:
        last = _deadline(facts, asked) if first else None
        after_training(folder.path, question.data, last, asked.allow_modules, progress)
    if asked.controls or asked.sensitivity:  # the whole took longer than it had when the answer was written
        folder.write(replace(folder.facts(), seconds=facts.seconds + perf_counter() - asked.started))
        result = load_comparison(folder.path, allow_modules=asked.allow_modules)
    return result


def _of_task(asked: Asked, task: Spec, kind: type[Task], score: str | None) -> Asked:
    """What was asked for, of this task, which must be able to do it; numbers that cannot be are refused."""
    check_numbers(asked.seeds, asked.margin, asked.looks, asked.tune)
    if asked.sensitivity:
        refuse_task(kind)
    named = named_score(kind, score)
    refuse_besides(named, {"controls": asked.controls, "sensitivity": asked.sensitivity, "tune": asked.tune})
    return replace(asked, task=task, score=named)


def _budget(before: ComparisonFacts | None, asked: Asked) -> Budget:
    return asked.budget or Budget.parse(DEFAULT_BUDGET if before is None else before.budget)


def _deadline(facts: ComparisonFacts, asked: Asked, *, aside: float = 0.0) -> float | None:
    """When all is to be done but the report, or with ``aside`` when that share of the budget must still be left.

    None where the budget is no time.
    """
    budget = replace(Budget.parse(facts.budget), aside=aside)
    return asked.started + budget.for_training - _REPORT_SECONDS if budget.timed else None


def _conclude(folder: ComparisonFolder, facts: ComparisonFacts, data: AbstractData, asked: Asked) -> Comparison:
    """Measure latencies in one round, keep pictures, and read the results back from the folder."""
    best = {arm.label: _finished(folder, arm, facts.seeds) for arm in facts.arms}
    predictors = {
        label: Predictor(run, allow_modules=asked.allow_modules) for label, run in best.items() if run is not None
    }
    if not predictors:
        result = load_comparison(folder.path, allow_modules=asked.allow_modules)
        raise TrainingProblem(
            "comparison-no-result",
            "no network could be trained",
            where=[f"{arm.label}: {arm.failure}" for arm in result.arms],
            help="try a smaller learning rate (--set descent.rate=...) or smaller images (--size)",
        )
    device = next(iter(predictors.values())).experiment.engine.device
    times = latencies({label: each.network for label, each in predictors.items()}, data.takes, device)
    arms = [
        replace(arm, latency_ms=times[arm.label].milliseconds, throughput=times[arm.label].throughput)
        if arm.label in times
        else arm
        for arm in facts.arms
    ]
    finished = sum(run.outcome.finished for arm in arms for seed, run in folder.runs(arm) if seed < facts.seeds)
    facts = replace(
        facts.after_answer(finished), arms=tuple(arms), seconds=facts.seconds + perf_counter() - asked.started
    )
    folder.write(facts)
    result = load_comparison(folder.path, allow_modules=asked.allow_modules)
    keep_gallery(folder, result, data)
    return load_comparison(folder.path, allow_modules=asked.allow_modules)


def _finished(folder: ComparisonFolder, arm: ArmFacts, seeds: int) -> RunFolder | None:
    return next((run for seed, run in folder.runs(arm) if seed < seeds and run.outcome.finished), None)
