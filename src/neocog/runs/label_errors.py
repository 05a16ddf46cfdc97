"""find_label_errors: train on some of the labels, ask about the others, and list the labels that look wrong."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from neocog.core.catalogue import Spec, modules_of
from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, TrainingProblem, UsageProblem, plain
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.family import PARTS
from neocog.data.images import ImageData
from neocog.measures.label_errors import LabelErrors, label_errors
from neocog.runs.allot import counted, timed
from neocog.runs.arms import make_arm, specs_of
from neocog.runs.budget import Budget
from neocog.runs.experiment import Experiment
from neocog.runs.folder import RunFolder
from neocog.runs.label_pool import LabelPool
from neocog.runs.lock import locked
from neocog.runs.run import run
from neocog.runs.setup import Question, Task, named_task, new_folder, open_data, task_for

DEFAULT_BUDGET, DEFAULT_FOLDS = "90s", 5
FILE, LIST = "labels.json", "suspects.csv"
FORMAT = 1
MOST_PICTURES, MOST_BYTES = 120, 2_000_000
TRUSTED = 0.8
"""Agreement with the labels below which a network is no judge of them."""


@dataclass(frozen=True)
class Suspect:
    """A label that looks wrong.

    Args:
        row: of the item among all, train first, then val and test.
        name: where it comes from.
        part: train, val or test.
        given: its label.
        says: the class that the network, which never saw this item, finds likeliest besides.
        given_probability: of the label.
        says_probability: of that class.
    """

    row: int
    name: str
    part: str
    given: str
    says: str
    given_probability: float
    says_probability: float


@dataclass(frozen=True)
class FoundLabels:
    """What was found: suspects, the likeliest first, and what they rest on.

    ``agreement`` is the share of items whose label the network gave too, without having seen it. ``pictures`` are PNG
    images by row, for the first suspects.
    """

    folder: Path
    data: str
    classes: tuple[str, ...]
    network: str
    folds: int
    items: int
    agreement: float
    errors: LabelErrors
    suspects: tuple[Suspect, ...]
    pictures: Mapping[int, bytes]
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The answer in words."""
        number, share = len(self.suspects), 100 * len(self.suspects) / self.items
        if not number:
            return f"No label of {self.items:,} looks wrong to {self.network}. Nothing was changed."
        some = "1 label looks" if number == 1 else f"{number:,} labels look"
        return (
            f"{some} wrong to {self.network}, {share:.1f} % of {self.items:,}, the most suspicious first; confident "
            f"learning estimates that about {self.errors.estimated:,.0f} are wrong. Look at them: hard images are "
            "among them too. Nothing was changed."
        )

    @property
    def pairs(self) -> tuple[tuple[str, str, int], ...]:
        """Given label, suspected class and how many, the most frequent first."""
        joint = self.errors.joint.copy()
        np.fill_diagonal(joint, 0)
        places = np.argsort(-joint, axis=None, kind="stable")
        cells = [divmod(int(place), len(self.classes)) for place in places]
        return tuple((self.classes[i], self.classes[j], int(joint[i, j])) for i, j in cells if joint[i, j])


@dataclass(frozen=True)
class _Options:
    """How it is trained; the names are those of `neocog.train`."""

    task: str | Spec | None = None
    device: str = "auto"
    augment: str = "default"
    settings: Mapping[str, Any] = field(default_factory=dict)
    download: bool = False
    keep: bool = True
    allow_modules: Sequence[str] = ()


def find_label_errors(
    data: Any = None,
    network: str | Spec | None = None,
    *,
    folds: int = DEFAULT_FOLDS,
    budget: str | None = None,
    into: str | Path | None = None,
    progress: AbstractProgress | None = None,
    started: float | None = None,
    **options: Any,
) -> FoundLabels:
    """Suspect labels that a network, which never saw them, finds wrong (out-of-fold confident learning).

    All labelled items are divided into folds, those of the test part too; a network is trained on all but one fold and
    says what it thinks of that one. Nothing of the data is changed, and nothing is trained for use: scores of these
    runs are no test scores. Calling again with the same folder goes on.

    Args:
        data: a built-in name, a path, opened data or a pair (images, labels); by default digits.
        network: by default the task's usual one; a better one suspects better.
        folds: 2 to 20; more train on more.
        budget: ``"90s"`` for the whole call, or ``"epochs=5"``, ``"steps=2000"`` for each fold.
        into: folder to write into: labels.json, suspects.csv and a run per fold; by default a new one in ``./runs``.
        progress: told what happens.
        started: when the budget began, by ``time.perf_counter``; by default now.
        options: ``task``, ``device``, ``augment``, ``settings``, ``download``, ``keep``, ``allow_modules`` as in
            `neocog.train`; further fields of ``DataChoice``.

    Raises:
        UsageProblem: ``folds-range``; ``labels-data``; ``labels-differ``; whatever training refuses.
        TrainingProblem: ``labels-fold-failed``.
        Interrupted: a signal came; everything is saved, and calling again with the same folder goes on.

    Source: Northcutt, Jiang and Chuang 2021, doi 10.1613/jair.1.12125; see `neocog.measures.label_errors`.
    """
    started = perf_counter() if started is None else started
    progress = progress or Silent()
    own = {each.name for each in fields(_Options)}
    asked = _Options(**{name: value for name, value in options.items() if name in own})
    if not 2 <= folds <= 20:
        raise UsageProblem("folds-range", f"{folds} folds", where=f"--folds {folds}", help="give 2 to 20; 5 is usual")
    allowed = (*asked.allow_modules, *modules_of(named_task(asked.task)))
    spec, kind = task_for(data, asked.task, allowed)
    data = kind.usual_data if data is None else data
    (named,) = specs_of([kind.network if network is None else network])
    asked = replace(asked, allow_modules=(*allowed, *modules_of([named])))
    reading = {name: value for name, value in options.items() if name not in own}
    choice, opened = open_data(
        kind, data, reading, device=asked.device, download=asked.download, keep=asked.keep, progress=progress
    )
    pool = LabelPool.of(_checked(kind, opened), getattr(choice, "group_column", None))
    folder = Path(into) if into is not None else new_folder("labels", data)
    divided = pool.folds(folds, 0)
    allowance = Budget.parse(budget or DEFAULT_BUDGET)
    with locked(folder):
        facts = {"data": pool.data.fingerprint, "network": str(named), "folds": folds}
        experiment = _known(folder, facts, asked)
        if experiment is None:
            question = Question(spec, choice, pool.without(0, divided))
            experiment = _resolved(question, named, allowance, folds, started, asked, progress)
            _begin(folder, facts, experiment)
        _train(folder, experiment, pool, divided, asked, progress)
        found = _found(folder, pool, divided, named, facts)
        _keep(folder, facts, found)
    return found


def _checked(kind: type[Task], data: Any) -> ImageData:
    if not isinstance(data, ImageData) or not kind.headline.counts:
        raise UsageProblem(
            "labels-data",
            "label errors are looked for in images with one class each",
            where=type(data).__name__,
            help="give a folder of class folders, a table of images and labels, or a built-in set",
        )
    return data


def _resolved(
    question: Question,
    network: Spec,
    budget: Budget,
    folds: int,
    started: float,
    asked: _Options,
    progress: AbstractProgress,
) -> Experiment:
    """The experiment that all folds share, with its steps."""
    arm = make_arm(
        question,
        network,
        device=asked.device,
        augment=asked.augment,
        settings=asked.settings,
        allow_modules=asked.allow_modules,
    )
    if arm.experiment is None:
        raise UsageProblem("network-cannot-take", arm.facts.failure, where=arm.facts.label, help="see `neocog check`")
    data, allowed = question.data, asked.allow_modules
    if budget.timed:
        (arm,), _ = timed([arm], budget, folds, data, started=started, progress=progress, allow_modules=allowed)
    else:
        (arm,) = counted([arm], budget, data, allow_modules=allowed)
    assert arm.experiment is not None
    return arm.experiment


def _begin(folder: Path, facts: Mapping[str, Any], experiment: Experiment) -> None:
    write_durably(folder / "experiment.toml", experiment.to_toml().encode())
    write_durably(folder / FILE, json.dumps({"format": FORMAT, "asked": facts}).encode())


def _known(folder: Path, facts: Mapping[str, Any], asked: _Options) -> Experiment | None:
    """The experiment that the folder was begun with; None where nothing was begun."""
    if not (folder / FILE).exists():
        return None
    try:
        before = json.loads((folder / FILE).read_bytes())["asked"]
        text = (folder / "experiment.toml").read_text("utf-8")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DataProblem(
            "labels-unreadable",
            "what was begun in this folder cannot be read",
            where=str(folder / FILE),
            note="nothing was changed",
            help="restore the file, or choose another folder with --into",
        ) from problem
    other = [f"{name}: there {before.get(name)}, here {value}" for name, value in facts.items()]
    other = [line for line, (name, value) in zip(other, facts.items(), strict=True) if before.get(name) != value]
    if other:
        raise UsageProblem(
            "labels-differ",
            "the folder was begun with other data, another network or other folds",
            where=[str(folder), *other],
            note="nothing was changed",
            help="choose another folder with --into",
        )
    return Experiment.from_toml(text, allow_modules=asked.allow_modules)


def _train(
    folder: Path,
    experiment: Experiment,
    pool: LabelPool,
    divided: np.ndarray,
    asked: _Options,
    progress: AbstractProgress,
) -> None:
    """The folds that have no result yet, one after another."""
    folds = int(divided.max()) + 1
    for fold in range(folds):
        place = RunFolder(folder / f"fold-{fold}")
        if place.exists and place.outcome.finished:
            continue
        seeded = replace(experiment, plan=replace(experiment.plan, seed=fold))
        label = f"[{fold + 1}/{folds}] without fold {fold + 1}"
        data = pool.without(fold, divided)
        outcome = run(seeded, data, place, label=label, progress=progress, allow_modules=asked.allow_modules)
        if not outcome.finished:
            raise TrainingProblem(
                "labels-fold-failed",
                outcome.value,
                where=str(place.path),
                note="the folds before it are kept",
                help="try a smaller learning rate (--set descent.rate=...) in another folder",
            )


def _found(folder: Path, pool: LabelPool, divided: np.ndarray, network: Spec, facts: Mapping[str, Any]) -> FoundLabels:
    classes = pool.data.classes
    said = np.zeros((len(pool.labels), len(classes)))
    for fold in range(facts["folds"]):
        said[divided == fold] = RunFolder(folder / f"fold-{fold}").record("test")["probabilities"]
    errors = label_errors(said, pool.labels)
    suspects = tuple(
        Suspect(
            row=row,
            name=pool.names[row],
            part=pool.parts[row],
            given=classes[pool.labels[row]],
            says=classes[errors.likeliest[row]],
            given_probability=float(said[row, pool.labels[row]]),
            says_probability=float(said[row, errors.likeliest[row]]),
        )
        for row in errors.suspects.tolist()
    )
    return FoundLabels(
        folder=folder,
        data=pool.data.name,
        classes=classes,
        network=str(network),
        folds=facts["folds"],
        items=len(pool.labels),
        agreement=float((said.argmax(1) == pool.labels).mean()),
        errors=errors,
        suspects=suspects,
        pictures=_pictures(pool, errors.suspects[:MOST_PICTURES]),
        notes=_notes(pool, said, facts),
    )


def _pictures(pool: LabelPool, rows: np.ndarray) -> dict[int, bytes]:
    found, start = dict[int, bytes](), 0
    for name in PARTS:
        count = len(pool.data.part(name))
        own = [int(row) - start for row in rows if start <= row < start + count]
        found |= {start + row: png for row, png in pool.data.pictures(name, own, MOST_BYTES).items()}
        start += count
    return found


def _notes(pool: LabelPool, said: np.ndarray, facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    agreement = float((said.argmax(1) == pool.labels).mean())
    if agreement < TRUSTED:
        found.append(
            f"{facts['network']} gave only {100 * agreement:.0f} % of the items their label, so that its suspicions "
            "mean little: give it more time with --budget, or name a better one with --network."
        )
    sizes = np.bincount(pool.labels, minlength=len(pool.data.classes))
    rare = [name for name, size in zip(pool.data.classes, sizes, strict=True) if size < 2 * facts["folds"]]
    if rare:
        found.append(f"Of {', '.join(rare)} there are so few items that little can be said of their labels.")
    return tuple(found)


def _keep(folder: Path, facts: Mapping[str, Any], found: FoundLabels) -> None:
    write_durably(folder / FILE, json.dumps({"format": FORMAT, "asked": facts, **as_json(found)}, indent=1).encode())
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["rank", "file", "part", "given", "says", "probability_of_given", "probability_of_says"])
    for rank, each in enumerate(found.suspects, start=1):
        shares = (f"{each.given_probability:.4f}", f"{each.says_probability:.4f}")
        rows.writerow([rank, *(plain(text) for text in (each.name, each.part, each.given, each.says)), *shares])
    write_durably(folder / LIST, text.getvalue().encode())


def as_json(found: FoundLabels) -> dict[str, Any]:
    """The one document; probabilities are fractions."""
    return {
        "data": found.data,
        "network": found.network,
        "folds": found.folds,
        "items": found.items,
        "agreement": found.agreement,
        "estimated": found.errors.estimated,
        "suspects": [
            {
                "file": each.name,
                "part": each.part,
                "given": each.given,
                "says": each.says,
                "probability_of_given": each.given_probability,
                "probability_of_says": each.says_probability,
            }
            for each in found.suspects
        ],
        "sentence": found.sentence,
        "notes": found.notes,
    }
