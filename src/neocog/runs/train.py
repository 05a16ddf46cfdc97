"""train, resume and evaluate: one network at a time."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, modules_of
from neocog.core.errors import TrainingProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import AbstractData, items_of
from neocog.fit.history import Outcome
from neocog.runs.allot import counted, timed
from neocog.runs.arms import make_arm, specs_of
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.folder import RunFolder, open_run
from neocog.runs.gallery import keep_gallery
from neocog.runs.leakage_gate import gate, keep_findings
from neocog.runs.load import load
from neocog.runs.lock import locked
from neocog.runs.predictor import Predictor
from neocog.runs.results import load_run
from neocog.runs.run import data_facts, run, versions
from neocog.runs.setup import Question, choose_data, named_task, new_folder, open_data, reopen_data, task_for

_AS_IT_IS = "steps=0"


def train(
    data: Any = None,
    network: str | Spec | None = None,
    *,
    task: str | Spec | None = None,
    budget: str = "epochs=20",
    seed: int = 0,
    into: str | Path | None = None,
    device: str = "auto",
    augment: str = "default",
    start: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    download: bool = False,
    keep: bool = True,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
    started: float | None = None,
    **data_options: Any,
) -> Predictor:
    """Train one network and score it once on the test part.

    Args are those of `compare`, with one ``network`` (by default the task's usual one) and one ``seed``. ``start`` is
    where its weights come from: a .safetensors or .npz file, the folder of a run, ``"torchvision:NAME"`` or
    ``"timm:NAME"``; a budget of ``"steps=0"`` then scores them as they are.

    Raises:
        UsageProblem, DataProblem: before training.
        TrainingProblem: it diverged or ran out of memory.
        Interrupted: a signal came; the run is saved and `resume` goes on.

    Examples:
        >>> from neocog import train
        >>> run = train("digits", "mlp", budget="epochs=2")  # doctest: +SKIP
        >>> run.facts["test_scores"]["accuracy"]  # doctest: +SKIP
    """
    started = perf_counter() if started is None else started
    progress = progress or Silent()
    allowed = Budget("steps", 0) if start and budget.strip() == _AS_IT_IS else Budget.parse(budget)
    allow_modules = (*allow_modules, *modules_of(named_task(task)))
    asked, kind = task_for(data, task, allow_modules)
    data = kind.usual_data if data is None else data
    (spec,) = specs_of([kind.network if network is None else network])
    spec = spec if start is None else replace(spec, start=str(start))
    allow_modules = (*allow_modules, *modules_of([spec]))
    folder = RunFolder(Path(into) if into is not None else new_folder(spec.name.replace(":", "-"), data))
    refuse_existing(folder)
    choice, opened = open_data(kind, data, data_options, device=device, download=download, keep=keep, progress=progress)
    leaks = gate(opened, choice, folder.path, budget=allowed, verb="train", keep=keep, progress=progress)
    arm = make_arm(
        Question(asked, choice, opened),
        spec,
        device=device,
        augment=augment,
        settings={**(settings or {}), "plan.seed": seed},
        allow_modules=allow_modules,
    )
    if arm.experiment is None:
        raise UsageProblem("network-cannot-take", arm.facts.failure, where=arm.facts.label, help="see `neocog check`")
    if allowed.timed:
        (arm,), _ = timed([arm], allowed, 1, opened, started=started, progress=progress, allow_modules=allow_modules)
    else:
        (arm,) = counted([arm], allowed, opened, allow_modules=allow_modules, with_flops=False)
    assert arm.experiment is not None
    augmented = (f"augmentation: {arm.experiment.augment.describe()}",) if kind.augments else ()
    for note in (*arm.facts.notes, *augmented):
        progress.say(note)
    with locked(folder.path):
        folder.begin(arm.experiment, {**data_facts(opened), "kept": keep})
        keep_findings(folder.path, leaks)
    outcome = run(arm.experiment, opened, folder, label=arm.facts.label, progress=progress, allow_modules=allow_modules)
    return _finished(folder, outcome, opened, allow_modules)


def resume(
    run_folder: str | Path,
    *,
    keep: bool = True,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
) -> Predictor:
    """Go on with a run from its last checkpoint; the result is the one that it would have had uninterrupted.

    Args:
        run_folder: the folder of the run.
        keep: whether decoded images are kept on disk; never, if the run was begun without.
        allow_modules: modules outside neocog whose classes the run may name.
        progress: told what happens.

    Raises:
        DataProblem: the data have changed, or the run is damaged.
        TrainingProblem, Interrupted: as in `train`.
    """
    progress = progress or Silent()
    folder = open_run(run_folder)
    facts = folder.facts()
    outcome, data = folder.outcome, None
    if not outcome.finished:
        experiment = folder.experiment(allow_modules)
        keep = keep and facts.get("kept", True)
        data = reopen_data(
            experiment, facts["data"]["fingerprint"], keep=keep, progress=progress, allow_modules=allow_modules
        )
        _warn_of_versions(facts, progress)
        outcome = run(experiment, data, folder, label=folder.path.name, progress=progress, allow_modules=allow_modules)
    return _finished(folder, outcome, data, allow_modules)


def evaluate(
    run_folder: str | Path,
    data: Any,
    *,
    download: bool = False,
    keep: bool = True,
    allow_modules: Collection[str] = (),
    progress: AbstractProgress | None = None,
    **data_options: Any,
) -> dict[str, Any]:
    """Score a saved run on new labelled data, all of it.

    Classes are matched by name with those the run was trained on; items are prepared as the run's were.

    Returns:
        ``scores`` by name, ``items``, and ``per_class`` with the number of items of each class.

    Raises:
        DataProblem: ``labels-unknown-class`` where the data have a class that the run never saw.
    """
    predictor = load(run_folder, allow_modules=allow_modules)
    kind = type(predictor.task)
    new = kind.family.labelled(
        choose_data(kind, data, data_options),
        predictor.like,
        download=download,
        keep=keep,
        progress=progress or Silent(),
    )
    return {
        "scores": predictor.task.scores(predictor.record(new)),
        "items": items_of(new, "test"),
        "per_class": dict(new.counts()["test"]),
    }


def refuse_existing(folder: RunFolder) -> None:
    """A folder holds one run.

    Raises:
        UsageProblem: ``run-exists``.
    """
    if folder.exists:
        raise UsageProblem(
            "run-exists",
            "the folder holds a run already",
            where=str(folder.path),
            note="nothing was changed",
            help=f"go on with `neocog resume {folder.path}`, or choose another folder with --into",
        )


def _finished(
    folder: RunFolder, outcome: Outcome, data: AbstractData | None, allow_modules: Collection[str]
) -> Predictor:
    if outcome.finished:
        if data is not None and items_of(data, "test"):
            scored = load_run(folder.path, measure=False, allow_modules=allow_modules)
            keep_gallery(ComparisonFolder(folder.path), scored, data)
        return Predictor(folder, allow_modules=allow_modules)
    raise TrainingProblem(
        f"run-{outcome.name.lower().replace('_', '-')}",
        outcome.value,
        where=[str(folder.path), *str(folder.facts().get("reason", "")).splitlines()],
        note="the checkpoints before that are kept",
        help="try a smaller learning rate (--set descent.rate=...), or a smaller batch (--set plan.batch_size=...)",
    )


def _warn_of_versions(facts: Mapping[str, Any], progress: AbstractProgress) -> None:
    """The same bits are promised on the same build only."""
    for name, now in versions().items():
        if name != "threads" and name in facts and facts[name] != now:
            progress.say(f"warning: this run began with {name} {facts.get(name)}, here it is {now}; bits may differ")
