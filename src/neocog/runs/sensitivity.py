"""sensitivity: what trained networks are worth on shifted, rotated, blurred, noisy ... test items."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.audit.perturbations import PERTURBATIONS, Levels, not_for, strengths
from neocog.core.catalogue import find, parse_list
from neocog.core.errors import Problem, UsageProblem, raise_all
from neocog.core.options import defaults_of, parse
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.images import ImageData
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.deciding import refuse_besides
from neocog.runs.folder import RunFolder
from neocog.runs.perturbed_runs import FEWEST, Probe, TrainedRun, measure
from neocog.runs.predictor import Predictor
from neocog.runs.results import load_comparison, load_run
from neocog.runs.sensitivity_kept import Sensitivity, load_sensitivity, write_sensitivity
from neocog.runs.sensitivity_summary import summed_up
from neocog.runs.setup import reopen_data
from neocog.tasks import TASKS
from neocog.tasks.task import AbstractTask

__all__ = ["MOST_ITEMS", "SHARE", "Sensitivity", "after_training", "load_sensitivity", "out_of_date", "sensitivity"]

MOST_ITEMS = 2000
SHARE = 0.25
"""Of a budget in time, what `compare` keeps for it."""


def sensitivity(
    folder: str | Path,
    *,
    perturb: str | None = None,
    items: int = MOST_ITEMS,
    seconds: float | None = None,
    seed: int = 0,
    data: Any = None,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
) -> Sensitivity:
    """Score every finished run on test items that are shifted, rotated, scaled, blurred, noisy, pale, hidden in part or
    compressed, measure whether maps move along with their image, and keep it all as ``sensitivity.json``.

    Args:
        folder: of a comparison, or of a run.
        perturb: changes with levels, such as ``"shift,noise=0.1+0.2"``; by default all, at their usual levels.
        items: at most so many test items: the first of a stratified draw.
        seconds: stop after so many, with as many items as were done by then; by default all are done.
        seed: of the draw, the noise and the places.
        data: the opened data; by default they are read again.
        allow_modules: modules outside neocog whose classes the runs may name.
        progress: told what happens.

    Raises:
        UsageProblem: ``comparison-missing``, ``run-missing``, ``sensitivity-task``, ``sensitivity-items``,
            ``sensitivity-no-result``; an unknown change or a level out of range, all of them at once.
        DataProblem: the data have changed, or were only in memory.

    Examples:
        >>> from neocog.runs.sensitivity import sensitivity
        >>> found = sensitivity("runs/compare-digits", perturb="shift=1+2")  # doctest: +SKIP
        >>> print(found.networks[0].sentence)  # doctest: +SKIP
    """
    started = perf_counter()
    asked = asked_levels(perturb)
    if items < FEWEST:
        raise UsageProblem(
            "sensitivity-items", f"{items} items tell nothing", where="--items", help=f"give {FEWEST} or more"
        )
    progress = progress or Silent()
    loaded = _loaded(Path(folder), allow_modules)
    refuse_task(type(loaded.task))
    if loaded.headline != loaded.task.headline:
        refuse_besides(loaded.headline.name, {"sensitivity": True})
    runs = _runs(loaded, allow_modules)
    opened = data if data is not None else _reopened(runs[0], loaded.data.fingerprint, allow_modules, progress)
    probe, notes = _probe(asked, opened, min(items, len(opened.test)), seed)
    measured = measure(probe, runs, None if seconds is None else started + seconds, progress)
    found = summed_up(probe, runs, measured, loaded, notes=notes, seconds=perf_counter() - started)
    write_sensitivity(loaded.folder, found)
    return found


def after_training(
    folder: Path, data: Any, deadline: float | None, allow_modules: Collection[str], progress: AbstractProgress
) -> None:
    """The same at the end of `compare`; where no time is left that is said, and nothing else happens.

    Args:
        folder: the comparison's.
        data: opened.
        deadline: when it must be done, by ``time.perf_counter``; None where the budget is no time.
        allow_modules: as in `sensitivity`.
        progress: told what happens.
    """
    seconds = None if deadline is None else deadline - perf_counter()
    if seconds is not None and seconds <= 0:
        progress.say(f"No time was left for perturbed items: `neocog sensitivity {folder}` measures them.")
        return
    sensitivity(folder, seconds=seconds, data=data, allow_modules=allow_modules, progress=progress)


def out_of_date(found: Sensitivity, comparison: Comparison) -> str:
    """A sentence where runs were added since; else empty."""
    measured = {network.label: network.seeds for network in found.networks}
    there = {arm.label: tuple(seed.seed for seed in arm.finished) for arm in comparison.ranked}
    if measured == there:
        return ""
    return (
        "Measured before the last runs were added to this comparison; "
        f"`neocog sensitivity {comparison.folder}` measures them all."
    )


def asked_levels(text: str | None) -> dict[str, tuple[float, ...]]:
    """The changes and levels that ``shift,noise=0.1+0.2`` asks for; all where nothing is named.

    Raises:
        UsageProblem: ``name-unknown``, ``option-value``, ``name-malformed``; all of them at once.
    """
    usual = defaults_of(Levels)
    if text is None:
        return usual
    given, problems = dict[str, Any](), list[Problem]()
    for piece in text.split(","):
        name, equals, levels = (part.strip() for part in piece.partition("="))
        try:
            find(_plain_name(name), PERTURBATIONS, "perturbation")
            given[name] = parse(Levels, {name: levels}, name="sensitivity")[name] if equals else usual[name]
        except UsageProblem as problem:
            problems.append(problem)
        else:
            if not given[name]:
                help = f"write levels, joined by +: {name}={'+'.join(f'{level:g}' for level in usual[name])}"
                problems.append(UsageProblem("sensitivity-levels", f"{name} has no level", where=piece, help=help))
    raise_all(problems)
    return given


def _plain_name(name: str) -> str:
    """A name that is none, such as that of ``shift,,noise``, is refused as malformed."""
    return parse_list(name)[0].name


def refuse_task(kind: type[AbstractTask[Any, Any]]) -> None:
    """Only tasks whose items are images of one class each can be asked.

    Raises:
        UsageProblem: ``sensitivity-task``.
    """
    if kind.perturbs:
        return
    able = [name for name, task in TASKS.items() if task.perturbs]
    name = next((name for name, task in TASKS.items() if task is kind), kind.__name__)
    raise UsageProblem(
        "sensitivity-task",
        f"the task {name} cannot be asked about perturbed items",
        where=f"task: {name}   can be asked: {', '.join(able)}",
        note="nothing was measured",
        help="leave sensitivity out for this task",
    )


def _loaded(folder: Path, allow_modules: Collection[str]) -> Comparison:
    alone = RunFolder(folder).exists and not ComparisonFolder(folder).exists
    if alone:
        return load_run(folder, measure=False, allow_modules=allow_modules)
    return load_comparison(folder, allow_modules=allow_modules)


def _runs(loaded: Comparison, allow_modules: Collection[str]) -> list[TrainedRun]:
    found = [
        TrainedRun(arm.label, seed.seed, Predictor(RunFolder(seed.folder), allow_modules=allow_modules), seed.record)
        for arm in loaded.ranked
        for seed in arm.finished
    ]
    if not found:
        raise UsageProblem(
            "sensitivity-no-result",
            "no run of this folder is finished",
            where=str(loaded.folder),
            help=f"go on with `neocog compare --into {loaded.folder}`",
        )
    return found


def _reopened(
    run: TrainedRun, fingerprint: str, allow_modules: Collection[str], progress: AbstractProgress
) -> ImageData:
    experiment = run.predictor.experiment
    data = reopen_data(experiment, fingerprint, keep=True, progress=progress, allow_modules=allow_modules)
    assert isinstance(data, ImageData), "tasks that perturb have images"
    return data


def _probe(
    asked: Mapping[str, Sequence[float]], data: ImageData, items: int, seed: int
) -> tuple[Probe, tuple[str, ...]]:
    """What is done to which items, and why some of what was asked for is not."""
    takes, top = data.takes, data.preparation.top
    refused = {name: not_for(name, takes.channels, top) for name in asked}
    levels = {
        name: strengths(name, tuple(given), takes.height, takes.width)
        for name, given in asked.items()
        if not refused[name]
    }
    if not levels:
        raise UsageProblem(
            "sensitivity-nothing", "none of these changes applies", where=list(refused.values()), help="name others"
        )
    return Probe(data, levels, items, seed), tuple(f"{why}." for why in refused.values() if why)
