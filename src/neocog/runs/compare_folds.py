"""compare_folds: the same networks, trained once for every fold of repeated k-fold cross-validation."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, modules_of
from neocog.core.errors import TrainingProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import AbstractData
from neocog.runs.arms import Arm, specs_of
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ComparisonFacts, ComparisonFolder, summary
from neocog.runs.decide import DEFAULT_BUDGET, begin, check_numbers, keep_decided
from neocog.runs.folds import FoldComparison, FoldPlan, Place, check_plan, has_folds, load_folds, plan_there
from neocog.runs.going_on import Asked, refuse_other, task_of_folder
from neocog.runs.latency import latencies
from neocog.runs.lock import locked
from neocog.runs.predictor import Predictor
from neocog.runs.setup import Task, choose_data, is_choice, named_task, new_folder, open_data, task_for
from neocog.runs.size_curve import has_sizes
from neocog.runs.train_arms import train_all

DEFAULT_FOLDS, DEFAULT_REPEATS = 5, 2
_REPORT_SECONDS = 2.0
_SPARE = 0.05  # of a time, for what happens between folds
_DIVISION = ("folds", "fold", "repeat", "test")  # options of the data that are decided here


def compare_folds(
    data: Any = None,
    networks: str | Sequence[str | Spec] | None = None,
    *,
    folds: int | None = None,
    repeats: int | None = None,
    task: str | Spec | None = None,
    budget: str | None = None,
    into: str | Path | None = None,
    margin: float | None = None,
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
) -> FoldComparison:
    """Compare networks by repeated stratified k-fold cross-validation: for data too few to keep a test part.

    All labelled items are dealt out into k folds, each class in even shares, groups undivided. Each fold in turn is
    the test part; a validation part for choosing is kept from the others. Each network is trained once per fold, with
    the seed repeat x folds + fold, and so is tested once on every item in each repeat. Steps are decided once, on the
    first fold, and shared by all. Each fold is a comparison of its own in the folder. Calling again with the same
    folder goes on with what is missing.

    Args:
        data: a built-in name, a path or a choice of data that come without a test part of their own; by default digits.
        networks: as in `compare`.
        folds: how many; by default 5.
        repeats: how often the items are divided anew; by default 2.
        task: as in `compare`.
        budget: a time for the whole call, or ``"epochs=5"``, ``"steps=2000"`` for each run; by default 90s.
        into: folder to write into, with a comparison per fold; by default a new one in ``./runs``.
        margin: as in `compare`.
        device: as in `compare`.
        augment: as in `compare`.
        settings: as in `compare`.
        processes: as in `compare`.
        download: as in `compare`.
        keep: as in `compare`; without it images are decoded anew for every fold.
        allow_modules: as in `compare`.
        progress: told what happens.
        started: when the budget began, by ``time.perf_counter``; by default now.
        data_options: further fields of ``DataChoice``, such as ``group_column="patient"``.

    Raises:
        UsageProblem: ``folds-range``; ``folds-data``, ``folds-options`` and ``folds-test-part`` for data that cannot be
            divided; ``comparison-differs``; whatever `compare` refuses.
        TrainingProblem: ``folds-unfinished``: the time ended before one repeat was whole; no network could be trained.

    Source: the correction is Nadeau and Bengio's; see `neocog.measures.folds.fold_verdicts`.
    """
    started = perf_counter() if started is None else started
    check_numbers(None, margin, None)
    specs = specs_of(networks) if networks is not None else None
    folder = Path(into) if into is not None else new_folder("folds", data)
    plan = _planned(folder, folds, repeats)
    asked = Asked(
        specs=specs,
        budget=Budget.parse(budget) if budget is not None else None,
        seeds=plan.runs,
        margin=margin,
        device=device,
        augment=augment,
        settings=settings or {},
        processes=processes,
        allow_modules=(*allow_modules, *modules_of([*(specs or ()), *named_task(task)])),
        started=started,
        folds=plan.folds,
    )
    reading = _Reading(download, keep, device, progress or Silent())
    places = plan.places(folder)
    first, given = places[0].folder, (data, task, data_options)
    with ExitStack() as held:
        if first.exists:
            held.enter_context(locked(folder))
            work = _go_on(first, plan, asked, reading, given)
        else:
            work = _begin(plan, asked, reading, given)
            held.enter_context(locked(folder))
            _keep(first, work.facts, work.arms)
        plan.write(folder)
        _train(work, places, asked, reading)
        _measure(first, asked.allow_modules)
        replace(plan, seconds=plan.seconds + perf_counter() - started).write(folder)
        return load_folds(folder, allow_modules=asked.allow_modules)


@dataclass(frozen=True)
class _Reading:
    """How data are opened, and who is told."""

    download: bool
    keep: bool
    device: str
    progress: AbstractProgress

    def open(self, kind: type[Task], choice: Any) -> AbstractData:
        _, opened = open_data(
            kind, choice, {}, device=self.device, download=self.download, keep=self.keep, progress=self.progress
        )
        return opened


@dataclass(frozen=True)
class _Work:
    """What was decided on the first fold, for all; ``deadline`` is none where the budget is no time, or it goes on."""

    kind: type[Task]
    first: AbstractData
    choice: Any
    arms: Sequence[Arm]
    facts: ComparisonFacts
    deadline: float | None


def _planned(folder: Path, folds: int | None, repeats: int | None) -> FoldPlan:
    """The plan of the folder, or a new one."""
    if not has_folds(folder):
        if ComparisonFolder(folder).exists or has_sizes(folder):
            raise _differs(folder, "there a comparison on one test part, here by folds")
        usual = FoldPlan(DEFAULT_FOLDS, DEFAULT_REPEATS)
        asked = {"folds": folds, "repeats": repeats}
        return check_plan(replace(usual, **{name: value for name, value in asked.items() if value is not None}))
    there = plan_there(folder)
    if (folds or there.folds, repeats or there.repeats) != (there.folds, there.repeats):
        raise _differs(folder, f"there {there.folds} folds in {there.repeats} repeats, here {folds} in {repeats}")
    return there


def _begin(plan: FoldPlan, asked: Asked, reading: _Reading, given: tuple[Any, ...]) -> _Work:
    """Choose and open the data, and decide on the first fold what all share."""
    data, task, options = given
    spec, kind = task_for(data, task, asked.allow_modules)
    choice = _chosen(kind, kind.usual_data if data is None else data, options)
    choice = replace(choice, folds=plan.folds, fold=0, repeat=0)
    begun = perf_counter()
    opened = reading.open(kind, choice)
    opening = perf_counter() - begun
    for note in opened.notes:
        reading.progress.say(note)
    budget = asked.budget or Budget.parse(DEFAULT_BUDGET)
    spare = _SPARE * budget.amount + opening * (plan.runs - 1) if budget.timed else 0.0
    with _told_of_all(plan):
        early = replace(asked, task=spec, budget=budget, started=asked.started - spare)
        arms, facts = begin(choice, opened, early, kind, reading.keep, reading.progress)
    end = asked.started + budget.amount - _REPORT_SECONDS if budget.timed else None
    first = [_seeded(arm, choice, 0) for arm in arms]
    return _Work(kind, opened, choice, first, replace(facts, seeds=1, looks=1), end)


def _go_on(place: ComparisonFolder, plan: FoldPlan, asked: Asked, reading: _Reading, given: tuple[Any, ...]) -> _Work:
    """What was decided before, if nothing else is asked for now."""
    data, task, options = given
    before, whole = place.facts(), place.path.parent
    spec = task_of_folder(place, before, task)
    kind = task_for(None, spec, asked.allow_modules)[1]
    choice = place.choice(kind.family.choice)
    if data is not None or options:
        here = _chosen(kind, choice.name if data is None else data, options)
        if replace(here, folds=plan.folds, fold=0, repeat=0) != choice:
            raise _differs(whole, f"there {choice.name}, here {here.name}, or read otherwise")
    labels = [arm.label for arm in before.arms]
    if asked.specs is not None and [str(spec) for spec in asked.specs] != labels:
        raise _differs(whole, f"there {', '.join(labels)}, here {', '.join(str(spec) for spec in asked.specs)}")
    opened = replace(reading, keep=reading.keep and before.kept).open(kind, choice)
    refuse_other(place, before, opened, asked)
    facts = replace(before, margin=before.margin if asked.margin is None else asked.margin)
    place.write(facts)
    arms = [Arm(each, None if each.failure else place.arm(each, asked.allow_modules)) for each in before.arms]
    return _Work(kind, opened, choice, arms, facts, None)


def _train(work: _Work, places: Sequence[Place], asked: Asked, reading: _Reading) -> None:
    """Fold by fold, what has no result yet."""
    facts, folds = work.facts, work.choice.folds
    for repeat, fold, seed, folder in places:
        if folder.exists and all(_done(folder, arm) for arm in work.arms):
            continue
        choice = replace(work.choice, fold=fold, repeat=repeat)
        reading.progress.say(f"Repeat {repeat + 1} of {len(places) // folds}, fold {fold + 1} of {folds}.")
        data = work.first if seed == 0 else reading.open(work.kind, choice)
        arms = [_seeded(arm, choice, seed) for arm in work.arms]
        own = replace(facts, choice=asdict(choice), data=summary(data))
        if not folder.exists:
            _keep(folder, own, arms)
        elif folder.facts().data.fingerprint != data.fingerprint:
            raise _differs(folder.path, "the data have changed since this fold was begun")
        train_all(folder, arms, own, data, asked, work.deadline, reading.progress)


def _keep(folder: ComparisonFolder, facts: ComparisonFacts, arms: Sequence[Arm]) -> None:
    folder.path.mkdir(parents=True, exist_ok=True)
    keep_decided(folder, facts, arms)


def _done(folder: ComparisonFolder, arm: Arm) -> bool:
    runs = folder.runs(arm.facts)
    return arm.experiment is None or any(run.outcome.finished for _, run in runs)


def _seeded(arm: Arm, choice: Any, seed: int) -> Arm:
    """The arm on another fold; its run adds nothing to this seed."""
    if arm.experiment is None:
        return arm
    experiment = arm.experiment
    return Arm(arm.facts, replace(experiment, data=choice, plan=replace(experiment.plan, seed=seed)))


def _measure(first: ComparisonFolder, allow_modules: Collection[str]) -> None:
    """How long the networks of the first fold take to answer, side by side; once."""
    facts = first.facts()
    if any(arm.latency_ms for arm in facts.arms):
        return
    runs = {arm.label: [run for _, run in first.runs(arm) if run.outcome.finished] for arm in facts.arms}
    trained = {label: Predictor(found[0], allow_modules=allow_modules) for label, found in runs.items() if found}
    if not trained:
        raise TrainingProblem(
            "comparison-no-result",
            "no network could be trained",
            where=[f"{arm.label}: {arm.failure or 'it has no result'}" for arm in facts.arms],
            help="try a smaller learning rate (--set descent.rate=...) or smaller images (--size)",
        )
    one = next(iter(trained.values()))
    times = latencies({label: e.network for label, e in trained.items()}, one.like.takes, one.experiment.engine.device)
    arms = [
        replace(arm, latency_ms=times[arm.label].milliseconds, throughput=times[arm.label].throughput)
        if arm.label in times
        else arm
        for arm in facts.arms
    ]
    first.write(replace(facts, arms=tuple(arms)))


def _chosen(kind: type[Task], data: Any, options: Mapping[str, Any]) -> Any:
    """The data as a choice that can be divided into folds.

    Raises:
        UsageProblem: ``folds-data``, ``folds-options``.
    """
    family = kind.family.choice
    known = {field.name for field in fields(family)} if is_dataclass(family) else set()
    if "folds" not in known or not (isinstance(data, str | Path) or is_choice(kind, data)):
        raise UsageProblem(
            "folds-data",
            "folds need items that can be divided at random, from a place where they can be opened again",
            where=f"data: {data if isinstance(data, str | Path) else type(data).__name__}",
            help="give labelled images or a table, by a built-in name or a path; save arrays as .npz",
        )
    choice = choose_data(kind, data, options)
    idle = [name for name in _DIVISION if name in options or (name != "test" and getattr(choice, name))]
    if idle:
        raise UsageProblem(
            "folds-options",
            "every fold is the test part once, so that these options decide nothing",
            where=[f"data.{name}" for name in idle],
            help="leave them out; --folds and --repeats say how items are divided, data.val how many choose",
        )
    return choice


@contextmanager
def _told_of_all(plan: FoldPlan) -> Iterator[None]:
    """A time that is too small is told as what it was divided among."""
    try:
        yield
    except UsageProblem as problem:
        if problem.code != "budget-too-small":
            raise
        where = [*problem.where, f"{plan.folds} folds x {plan.repeats} repeats: {plan.runs} runs of each network"]
        help = f"{problem.help}; so do fewer folds or repeats"
        raise UsageProblem("budget-too-small", problem.what, where=where, note=problem.note, help=help) from problem


def _differs(folder: Path, how: str) -> UsageProblem:
    return UsageProblem(
        "comparison-differs",
        "the folder holds a comparison of another kind",
        where=[str(folder), how],
        note="nothing was changed",
        help="leave DATA and these options out to continue it, or choose another folder with --into",
    )
