"""Setup: from what a person asks for to opened data and a resolved experiment."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.catalogue import Spec, find
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import check, defaults_of, options_of, parse
from neocog.core.progress import AbstractProgress
from neocog.data.augment import Augmentation, default_for
from neocog.data.images import ImageData
from neocog.data.open import DataChoice, from_arrays, open_images
from neocog.fit.engine import resolve_device
from neocog.fit.rules import rules_for
from neocog.networks import NETWORKS
from neocog.runs.experiment import Experiment

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


def choose_data(data: Any, data_options: Mapping[str, Any]) -> DataChoice:
    """What to open: a name or path with options, or a choice made before."""
    if isinstance(data, DataChoice):
        return data
    return DataChoice(**check(DataChoice, {"name": str(data), **data_options}, name="data"))


def open_data(
    data: Any,
    data_options: Mapping[str, Any],
    *,
    device: str,
    download: bool,
    keep: bool,
    progress: AbstractProgress,
) -> tuple[DataChoice, ImageData]:
    """Open whatever a front door was given.

    ``data`` is a name or a path, a ``DataChoice``, an ``ImageData``, or a pair of arrays (images, labels).
    """
    if isinstance(data, ImageData | tuple):
        _refuse_options(data_options)
    if isinstance(data, ImageData):
        return DataChoice(name=IN_MEMORY), data
    if isinstance(data, tuple):
        images, labels = (np.asarray(part) for part in data)
        return DataChoice(name=IN_MEMORY), from_arrays(images, labels)
    choice = choose_data(data, data_options)
    largest = LARGEST_ON_CPU if resolve_device(device) == "cpu" else LARGEST_ELSEWHERE
    return choice, open_images(choice, download=download, keep=keep, largest=largest, progress=progress)


def _refuse_options(data_options: Mapping[str, Any]) -> None:
    if data_options:
        raise UsageProblem(
            "option-unknown",
            "arrays in memory take no options of reading",
            where=[f"{name}={value}" for name, value in data_options.items()],
            help="give them to neocog.from_arrays(..., choice=neocog.data.open.DataChoice(...)) instead",
        )


def reopen_data(experiment: Experiment, fingerprint: str, *, keep: bool, progress: AbstractProgress) -> ImageData:
    """The data of a run that was begun before, checked to be the same.

    Raises:
        DataProblem: ``data-changed``, or the data were only in memory.
    """
    if experiment.data.name == IN_MEMORY:
        raise memory_only()
    largest = LARGEST_ON_CPU if experiment.engine.device == "cpu" else LARGEST_ELSEWHERE
    data = open_images(experiment.data, keep=keep, largest=largest, progress=progress)
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


def resolve(
    choice: DataChoice,
    data: ImageData,
    network: Spec,
    *,
    device: str,
    augment: str,
    settings: Mapping[str, Any],
    allow_modules: Collection[str] = (),
) -> Experiment:
    """The experiment with everything decided but the number of steps.

    Options of the spec with a dot, as in ``resnet[descent.optimizer=sgd]``, are settings of that network's run.
    """
    kind = find(network.name, NETWORKS, "network", allow_modules)
    own = {name: value for name, value in network.options.items() if "." not in name}
    dotted = {name: value for name, value in network.options.items() if "." in name}
    experiment = Experiment(
        data=choice,
        network=Spec(network.name, {**defaults_of(kind), **parse(kind, own, name=network.name)}),
        augment=resolve_augment(augment, data),
    ).with_settings({"engine.device": device, **settings, **dotted}, allow_modules=allow_modules)
    if experiment.plan.batch_size is None:
        experiment = replace(experiment, plan=replace(experiment.plan, batch_size=usual_batch(len(data.train))))
    device = resolve_device(experiment.engine.device)
    engine = experiment.engine.resolve(rules_for(network.name, data.takes, device))
    return replace(experiment, engine=engine)


def resolve_augment(text: str, data: ImageData) -> Augmentation:
    """``default`` (by the kind of images), ``none``, or options such as ``rotation=15,shift=0.1``."""
    if text in ("default", "none"):
        return default_for(data.takes) if text == "default" else Augmentation()
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
