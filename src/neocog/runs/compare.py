"""compare: several networks, several seeds, one budget, one answer."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, find, modules_of
from neocog.core.errors import TrainingProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import AbstractData
from neocog.measures.outlook import Outlook, outlook, outlook_sentences
from neocog.runs.allot import counted, try_out, within
from neocog.runs.arms import Arm, make_arm, refuse_idle_settings, specs_of
from neocog.runs.budget import Budget
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ArmFacts, ComparisonFacts, ComparisonFolder, summary
from neocog.runs.folder import RunFolder
from neocog.runs.gallery import keep_gallery
from neocog.runs.going_on import Asked, data_of, refuse_other, task_of_folder, without_effect
from neocog.runs.halving import SHARE, check_rates
from neocog.runs.latency import latencies
from neocog.runs.lock import locked
from neocog.runs.made import how_made
from neocog.runs.predictor import Predictor
from neocog.runs.results import load_comparison
from neocog.runs.setup import Question, Task, named_task, new_folder, open_data, task_for
from neocog.runs.train_arms import train_all
from neocog.runs.tune import Tuner, keep_tuned
from neocog.tasks import TASKS

DEFAULT_BUDGET, DEFAULT_SEEDS, DEFAULT_LOOKS = "90s", 3, 2
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
    tune: int | None = None,
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
        tune: learning rates that are tried for each network, judged on the validation part; by default 0. Of a budget
            in time the trials are a part; to one in steps, epochs or FLOPs they come on top.
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
        tune=tune,
        device=device,
        augment=augment,
        settings=settings or {},
        processes=processes,
        allow_modules=(*allow_modules, *modules_of([*(specs or ()), *named_task(task)])),
        started=perf_counter() if started is None else started,
    )
    _check_numbers(seeds, margin, looks, tune)
    progress = progress or Silent()
    folder = ComparisonFolder(Path(into) if into is not None else new_folder("compare", data))
    with ExitStack() as held:
        before, options = _before(folder, held, keep), data_options
        if before is not None:
            keep, task = before.kept, task_of_folder(folder, before, task)
        spec, kind = task_for(data, task, asked.allow_modules)
        asked = replace(asked, task=spec)
        if before is not None:
            data, options = data_of(folder, data, data_options, kind)
        data = kind.usual_data if data is None else data
        choice, opened = open_data(kind, data, options, device=device, download=download, keep=keep, progress=progress)
        _tell(opened.notes, progress)
        if before is None:
            arms, facts = _begin(choice, opened, asked, kind, keep, progress)
            held.enter_context(locked(folder.path))
        else:
            arms, facts = _continue(folder, before, choice, opened, asked, progress)
        _keep(folder, facts, arms)
        train_all(folder, arms, facts, opened, asked, _deadline(facts, asked) if before is None else None, progress)
        return _conclude(folder, facts, opened, asked)


def _tell(notes: Sequence[str], progress: AbstractProgress) -> None:
    for note in notes:
        progress.say(note)


def _keep(folder: ComparisonFolder, facts: ComparisonFacts, arms: Sequence[Arm]) -> None:
    """Write down what was decided, before any run begins."""
    folder.write(facts)
    keep_tuned(folder.path, facts.tune, arms)
    for arm in arms:
        if arm.experiment is not None:
            folder.write_arm(arm.facts, arm.experiment)


def _before(folder: ComparisonFolder, held: ExitStack, keep: bool) -> ComparisonFacts | None:
    """What the folder holds, which is locked then; None where no comparison was begun."""
    if not folder.exists:
        return None
    held.enter_context(locked(folder.path))
    return replace(folder.facts(), kept=keep and folder.facts().kept)


def _check_numbers(seeds: int | None, margin: float | None, looks: int | None, tune: int | None) -> None:
    check_rates(tune)
    if looks is not None and not 1 <= looks <= 100:
        raise UsageProblem("looks-range", f"{looks} looks", where=f"--looks {looks}", help="give 1 to 100; 2 is usual")
    if seeds is not None and not 1 <= seeds <= 1000:
        raise UsageProblem("seeds-range", f"{seeds} seeds", where=f"--seeds {seeds}", help="give 1 to 1000; 3 is usual")
    if margin is not None and not 0 <= margin < 1:
        raise UsageProblem("margin-range", f"a margin of {margin}", where="--margin", help="give 0 to less than 1")


def _begin(
    choice: Any, data: AbstractData, asked: Asked, kind: type[Task], keep: bool, progress: AbstractProgress
) -> tuple[list[Arm], ComparisonFacts]:
    specs = asked.specs or specs_of(kind.networks)
    budget = asked.budget or Budget.parse(DEFAULT_BUDGET)
    seeds = asked.seeds or DEFAULT_SEEDS
    arms = _make_arms(choice, data, specs, asked)
    for arm in arms:
        if arm.experiment is None:
            progress.say(f"{arm.facts.label} is left out: {arm.facts.failure}")
        for note in arm.facts.notes:
            progress.say(f"{arm.facts.label}: {note}")
    share, tuner = None, Tuner(asked.tune or 0, kind.headline, data, progress, asked.allow_modules)
    if budget.timed:
        arms, share = tuner.in_time(arms, budget, seeds, started=asked.started)
    else:
        arms = tuner.on_top(counted(arms, budget, data, allow_modules=asked.allow_modules), seeds)
    made = how_made([arm.experiment for arm in arms if arm.experiment is not None])
    if kind.augments and "Augmentation" in made:
        progress.say(f"Augmentation: {made['Augmentation']}.")
    looks = asked.looks or DEFAULT_LOOKS
    margin = kind.headline.margin if asked.margin is None else asked.margin
    expected = _outlook(kind, arms, data, seeds, looks)
    if expected is not None:
        progress.say(outlook_sentences(expected, margin))
    facts = ComparisonFacts(
        budget=str(budget),
        share=share,
        seeds=seeds,
        margin=margin,
        task=str(asked.task),
        choice=asdict(choice),
        data=summary(data),
        arms=tuple(arm.facts for arm in arms),
        device=asked.device,
        augment=asked.augment,
        settings=dict(asked.settings),
        kept=keep,
        made=made,
        looks=looks,
        outlook=expected,
        tune=tuner.rates,
    )
    return arms, facts


def _outlook(kind: type[Task], arms: Sequence[Arm], data: AbstractData, seeds: int, looks: int) -> Outlook | None:
    """What can be settled, where the headline counts items; of another score nothing is known before a first run."""
    networks = sum(arm.experiment is not None for arm in arms)
    items = sum(data.counts().get("test", {}).values())
    return outlook(seeds, items, networks * (networks - 1) // 2, looks=looks) if kind.headline.counts else None


def _make_arms(choice: Any, data: AbstractData, specs: Sequence[Spec], asked: Asked) -> list[Arm]:
    refuse_idle_settings(asked.settings, specs, asked.allow_modules)
    arms = [
        make_arm(
            Question(asked.task, choice, data),
            spec,
            device=asked.device,
            augment=asked.augment,
            settings=asked.settings,
            allow_modules=asked.allow_modules,
        )
        for spec in specs
    ]
    if all(arm.experiment is None for arm in arms):
        raise UsageProblem(
            "networks-none-left",
            "no network can take these data",
            where=[f"{arm.facts.label}: {arm.facts.failure}" for arm in arms],
            help="enlarge the images with --size 32, or name other networks with --networks",
        )
    return arms


def _continue(
    folder: ComparisonFolder,
    before: ComparisonFacts,
    choice: Any,
    data: AbstractData,
    asked: Asked,
    progress: AbstractProgress,
) -> tuple[list[Arm], ComparisonFacts]:
    """The arms as they were resolved, and those that are new, under the same budget."""
    refuse_other(folder, before, data, asked)
    for sentence in without_effect(before, asked):
        progress.say(sentence)
    asked = replace(asked, device=before.device, augment=before.augment, settings=before.settings)
    old = [Arm(facts, _experiment_of(folder, facts, asked.allow_modules)) for facts in before.arms]
    known = {arm.facts.label for arm in old if arm.experiment is not None or arm.facts.failure}
    specs = [Spec.parse(arm.facts.label) for arm in old] + list(asked.specs or [])
    missing = [spec for label, spec in {str(spec): spec for spec in specs}.items() if label not in known]
    new = _make_arms(choice, data, missing, asked) if missing else []
    budget = Budget.parse(before.budget)
    headline = find(asked.task.name, TASKS, "task", asked.allow_modules).headline
    tuner = Tuner(before.tune, headline, data, progress, asked.allow_modules)
    if new and before.share is not None:
        new, trials = try_out(new, budget.amount, data, progress=progress, allow_modules=asked.allow_modules)
        new = tuner.in_shares(new, trials, before.share * before.seeds / (1 - SHARE), before.seeds)
        new = [within(arm, trials, before.share) for arm in new]
        progress.say(f"Each run gets {before.share:.1f} s, as before.")
    elif new:
        new = tuner.on_top(counted(new, budget, data, allow_modules=asked.allow_modules), before.seeds)
    arms = [arm for arm in old if arm.facts.label in known] + new
    facts = replace(
        before,
        seeds=max(asked.seeds or 0, before.seeds),
        margin=before.margin if asked.margin is None else asked.margin,
        arms=tuple(arm.facts for arm in arms),
    )
    return arms, facts


def _experiment_of(folder: ComparisonFolder, facts: ArmFacts, allow_modules: Collection[str]) -> Any:
    return None if facts.failure else folder.arm(facts, allow_modules)


def _deadline(facts: ComparisonFacts, asked: Asked) -> float | None:
    """When the last run must end, so that the report is written in time; none where the budget is no time."""
    budget = Budget.parse(facts.budget)
    return asked.started + budget.amount - _REPORT_SECONDS if budget.timed else None


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
