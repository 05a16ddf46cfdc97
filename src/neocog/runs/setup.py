"""Setup: from what a person asks for to opened data and a resolved experiment."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neocog.core.catalogue import Spec, find
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import defaults_of, options_of, parse
from neocog.core.progress import AbstractProgress
from neocog.core.shapes import Image
from neocog.data.augment import Augmentation, default_for
from neocog.data.family import AbstractData, items_of
from neocog.fit.blocks import BACKBONE, NOTHING
from neocog.fit.engine import resolve_device
from neocog.fit.rules import rules_for
from neocog.networks import NETWORKS
from neocog.runs.experiment import Experiment
from neocog.runs.weights import resolved
from neocog.tasks import TASKS, task_of
from neocog.tasks.task import AbstractTask

Task = AbstractTask[Any, Any]
IN_MEMORY = "in memory"
LARGEST_ON_CPU, LARGEST_ELSEWHERE = 64, 224


def new_folder(kind: str, data: Any) -> Path:
    """A folder in ``./runs`` that does not exist yet, named for what is done, the data and the time."""
    name = Path(data).stem if isinstance(data, str | Path) else "data"
    stem = f"{kind}-{name}-{datetime.now():%Y%m%d-%H%M%S}"
    number = 1
    while (path := Path("runs") / (stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    return path


def named_task(task: str | Spec | None) -> list[Spec]:
    """The task that the caller named, if any."""
    return [] if task is None else [Spec.parse(task) if isinstance(task, str) else task]


def task_for(data: Any, task: str | Spec | None, allow_modules: Collection[str] = ()) -> tuple[Spec, type[Task]]:
    """What is asked, with its options: as named, or as the name of the data tells.

    Raises:
        UsageProblem: there is no such task, or it has no such option.
    """
    (spec,) = named_task(task) or [Spec(task_of(data) if isinstance(data, str) else next(iter(TASKS)))]
    kind = find(spec.name, TASKS, "task", allow_modules)
    return Spec(spec.name, {**defaults_of(kind), **parse(kind, spec.options, name=spec.name)}), kind


def choose_data(kind: type[Task], data: Any, data_options: Mapping[str, Any]) -> Any:
    """What to open: a name or path with options, or a choice made before."""
    choice = kind.family.choice
    if isinstance(choice, type) and isinstance(data, choice):
        return data
    return choice(**parse(choice, {"name": str(data), **data_options}, name="data"))


def open_data(
    kind: type[Task],
    data: Any,
    data_options: Mapping[str, Any],
    *,
    device: str,
    download: bool,
    keep: bool,
    progress: AbstractProgress,
) -> tuple[Any, AbstractData]:
    """Open whatever a front door was given: a name or a path, a choice, opened data, or arrays in memory."""
    if not isinstance(data, str | Path) and not is_choice(kind, data):
        _refuse_options(data_options)
        return kind.family.choice(name=IN_MEMORY), kind.family.given(data)
    choice = choose_data(kind, data, data_options)
    largest = LARGEST_ON_CPU if resolve_device(device) == "cpu" else LARGEST_ELSEWHERE
    return choice, kind.family.open(choice, download=download, keep=keep, largest=largest, progress=progress)


def is_choice(kind: type[Task], data: Any) -> bool:
    """Whether these are options of the task's data, rather than the data."""
    return isinstance(kind.family.choice, type) and isinstance(data, kind.family.choice)


def _refuse_options(data_options: Mapping[str, Any]) -> None:
    if data_options:
        raise UsageProblem(
            "option-unknown",
            "data in memory take no options of reading",
            where=[f"{name}={value}" for name, value in data_options.items()],
            help="give them to what makes the data, such as neocog.from_arrays(..., choice=...), instead",
        )


def reopen_data(
    experiment: Experiment,
    fingerprint: str,
    *,
    keep: bool,
    progress: AbstractProgress,
    allow_modules: Collection[str] = (),
) -> AbstractData:
    """The data of a run that was begun before, checked to be the same.

    Raises:
        DataProblem: ``data-changed``, or the data were only in memory.
    """
    if experiment.data.name == IN_MEMORY:
        raise memory_only()
    family = find(experiment.task.name, TASKS, "task", allow_modules).family
    largest = LARGEST_ON_CPU if experiment.engine.device == "cpu" else LARGEST_ELSEWHERE
    data = family.open(experiment.data, download=False, keep=keep, largest=largest, progress=progress)
    if data.fingerprint != fingerprint:
        raise DataProblem(
            "data-changed",
            f"{experiment.data.name} is not what it was when this run began",
            where=f"fingerprint now {data.fingerprint[:12]}, then {fingerprint[:12]}",
            note="nothing was changed",
            help="put the data back as they were, or begin a new run",
        )
    return data


def memory_only() -> DataProblem:
    """Arrays that a process was given are gone with it."""
    return DataProblem(
        "data-in-memory",
        "this was trained on arrays that were only in memory",
        help="go on from Python with the same arrays, or save them as .npz and begin anew on that file",
    )


class Question(NamedTuple):
    """What is asked of which data: the task with its options, the choice of data, and the data."""

    task: Spec
    choice: Any
    data: AbstractData


def resolve(
    question: Question,
    network: Spec,
    *,
    device: str,
    augment: str,
    settings: Mapping[str, Any],
    allow_modules: Collection[str] = (),
) -> Experiment:
    """The experiment with everything decided but the number of steps.

    Options of the spec with a dot, as in ``resnet[descent.optimizer=sgd]``, are settings of that network's run; what
    stands after its ``@`` are the weights that it starts from.
    """
    task, choice, data = question
    asked = find(task.name, TASKS, "task", allow_modules)
    kind = find(network.name, NETWORKS, "network", allow_modules)
    own = {name: value for name, value in network.options.items() if "." not in name}
    dotted = {name: value for name, value in network.options.items() if "." in name}
    started = {"start.weights": network.start} if network.start else {}
    experiment = Experiment(
        data=choice,
        task=task,
        network=Spec(network.name, {**defaults_of(kind), **parse(kind, own, name=network.name)}),
        descent=asked.usual_descent,
        augment=resolve_augment(augment, asked, data),
    ).with_settings({"engine.device": device, **settings, **dotted, **started}, allow_modules=allow_modules)
    if experiment.start.rank and experiment.descent.freeze == NOTHING:
        experiment = replace(experiment, descent=replace(experiment.descent, freeze=BACKBONE))
    if experiment.plan.batch_size is None:
        usual = asked.usual_batch or usual_batch(items_of(data, "train"))
        experiment = replace(experiment, plan=replace(experiment.plan, batch_size=usual))
    device = resolve_device(experiment.engine.device)
    engine = experiment.engine.resolve(rules_for(network.name, data.takes, device))
    return replace(experiment, engine=engine, start=resolved(experiment.start, network.name, data.takes))


def resolve_augment(text: str, task: type[Task], data: AbstractData) -> Augmentation:
    """``default`` (by the kind of images), ``none``, or options such as ``rotation=15,shift=0.1``.

    Raises:
        UsageProblem: ``augment-without-effect`` where the task augments nothing.
    """
    if text == "none":
        return Augmentation()
    if not (task.augments and isinstance(data.takes, Image)):
        if text == "default":
            return Augmentation()
        raise UsageProblem(
            "augment-without-effect",
            "this task does not augment its data",
            where=f"--augment {text}",
            help="leave --augment out",
        )
    if text == "default":
        return default_for(data.takes)
    options = Spec.parse(f"augment[{text}]").options
    return Augmentation(**parse(Augmentation, options, name="augment"))


def usual_batch(items: int) -> int:
    """The power of two at or below a fifteenth of the training items, from 16 to 128."""
    return int(2 ** np.clip(np.floor(np.log2(max(items, 1) / 15)), 4, 7))


def applicable(settings: Mapping[str, Any], network: str, allow_modules: Collection[str]) -> dict[str, Any]:
    """Settings without those ``network.*`` that this network does not have."""
    known = set(options_of_network(network, allow_modules))
    return {key: v for key, v in settings.items() if not key.startswith("network.") or key[8:] in known}


def options_of_network(network: str, allow_modules: Collection[str]) -> Mapping[str, Any]:
    """The options that a network declares."""
    return options_of(find(network, NETWORKS, "network", allow_modules))
