"""Going on with a comparison: what was asked for, against what its folder holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from neocog.core.catalogue import Spec
from neocog.core.errors import UsageProblem
from neocog.data.family import AbstractData
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ComparisonFacts, ComparisonFolder
from neocog.runs.match import Match, match_of
from neocog.runs.setup import IN_MEMORY, Task, memory_only, named_task


@dataclass(frozen=True)
class Asked:
    """What the caller asked for, apart from the data."""

    specs: list[Spec] | None
    budget: Budget | None
    seeds: int | None
    margin: float | None
    device: str
    augment: str
    settings: Mapping[str, Any]
    processes: int | None
    allow_modules: Collection[str]
    started: float
    looks: int | None = None
    sensitivity: bool = False
    tune: int | None = None
    task: Spec = field(default_factory=lambda: Spec(""))
    match: Match | None = None
    controls: bool = False
    folds: int = 0
    score: str | None = None


def task_of_folder(folder: ComparisonFolder, before: ComparisonFacts, task: str | Spec | None) -> Spec:
    """The task of a comparison, which is chosen once.

    Raises:
        UsageProblem: ``comparison-differs``.
    """
    there = Spec.parse(before.task)
    if any(spec.name != there.name for spec in named_task(task)):
        raise UsageProblem(
            "comparison-differs",
            "the folder holds a comparison of another kind",
            where=[str(folder.path), f"task: there {there}, here {task}"],
            note="nothing was changed",
            help="leave --task out to continue it, or choose another folder with --into",
        )
    return there


def data_of(
    folder: ComparisonFolder | None, data: Any, data_options: dict[str, Any], kind: type[Task]
) -> tuple[Any, dict[str, Any]]:
    """Without DATA a comparison goes on with the data that it was begun with; a new one takes those of its task."""
    if folder is None:
        return kind.usual_data if data is None else data, data_options
    if data is not None:
        return data, data_options
    if data_options:
        raise UsageProblem(
            "comparison-differs",
            "the data of a comparison are chosen once",
            where=[str(folder.path), *(f"data.{name}" for name in data_options)],
            note="nothing was changed",
            help="leave these options out to continue it, or choose another folder with --into",
        )
    choice = folder.choice(kind.family.choice)
    if choice.name == IN_MEMORY:
        raise memory_only()
    return choice, {}


def without_effect(before: ComparisonFacts, asked: Asked) -> list[str]:
    """Sentences on what was asked for and changes nothing, because a comparison only ever grows."""
    said = []
    if asked.seeds is not None and asked.seeds < before.seeds:
        said.append(f"This comparison has {before.seeds} seeds already and keeps them; {asked.seeds} would be fewer.")
    there = [arm.label for arm in before.arms]
    named = [str(spec) for spec in asked.specs or ()]
    others = [label for label in there if label not in named]
    if named and others and set(named) <= set(there):
        said.append(f"All networks of this comparison stay in it, also {', '.join(others)}.")
    return said


def refuse_other(folder: ComparisonFolder, before: ComparisonFacts, data: AbstractData, asked: Asked) -> None:
    """A comparison is continued on the same data under the same budget."""
    differs = []
    if data.fingerprint != before.data.fingerprint:
        differs.append(f"data: there {before.data.name}, here {data.name}, or its files have changed")
    if asked.budget is not None and str(asked.budget) != before.budget:
        differs.append(f"budget: there {before.budget}, here {asked.budget}")
    if asked.looks is not None and asked.looks != before.looks:
        differs.append(f"looks: there {before.looks}, here {asked.looks}; they are planned before the first answer")
    size = match_of(before.match)
    if asked.match is not None and (size is None or asked.match not in (size, Match(size.quantity))):
        differs.append(f"match: there {size or 'none'}, here {asked.match}")
    if asked.tune is not None and asked.tune != before.tune:
        differs.append(f"tune: there {before.tune}, here {asked.tune}; every network has as many trials")
    if asked.score is not None and asked.score != before.score:
        there, here = (score or "the usual score" for score in (before.score, asked.score))
        differs.append(f"score: there {there}, here {here}; it is chosen before the first answer")
    for name, usual in (("device", "auto"), ("augment", "default"), ("settings", {})):
        there, here = getattr(before, name), getattr(asked, name)
        if here not in (usual, there):
            differs.append(f"{name}: there {there or 'none'}, here {here}")
    if differs:
        raise UsageProblem(
            "comparison-differs",
            "the folder holds a comparison of another kind",
            where=[str(folder.path), *differs],
            note="nothing was changed",
            help="leave these out to continue it, or choose another folder with --into",
        )
