"""compare_sizes: the same networks on more and more training images of each class, under one budget."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.runs.budget import Budget
from neocog.runs.compare import compare
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.decide import DEFAULT_BUDGET
from neocog.runs.results import load_comparison
from neocog.runs.setup import choose_data, new_folder, task_for

ALL = "all"
FILE = "sizes.json"
FORMAT = 1


@dataclass(frozen=True)
class SizePoint:
    """A comparison with so many training images of each class; ``size`` is as asked for: ``"30"`` or ``"all"``."""

    size: str
    comparison: Comparison

    @property
    def items(self) -> int:
        """Training images in all."""
        return sum(self.comparison.data.counts["train"].values())

    @property
    def per_class(self) -> float:
        """Training images of a class, on average."""
        return self.items / max(1, len(self.comparison.data.classes))


@dataclass(frozen=True)
class SizeCurve:
    """What networks reach with few training images and with more: one comparison per size, smallest first."""

    folder: Path
    points: tuple[SizePoint, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The networks, in the order of the last comparison that each is in."""
        ordered = [arm.label for point in reversed(self.points) for arm in point.comparison.arms]
        return tuple(dict.fromkeys(ordered))

    def arm(self, label: str, point: SizePoint) -> ArmResult | None:
        """A network's result at a size; None where it has none."""
        return next((arm for arm in point.comparison.ranked if arm.label == label), None)


def compare_sizes(
    data: Any,
    networks: Any = None,
    *,
    sizes: str | Sequence[str | int] = "10,30,100,all",
    budget: str | None = None,
    into: str | Path | None = None,
    progress: AbstractProgress | None = None,
    started: float | None = None,
    **options: Any,
) -> SizeCurve:
    """Compare networks on several amounts of training data: who needs how many images?

    Each amount is a comparison of its own, with the same validation and test parts; a larger amount includes the
    smaller ones. A budget in time is for all of them and is divided equally. Calling again with the same folder goes
    on, with the same data, networks and settings where none are named.

    Args:
        data: a built-in name or a path.
        networks: as in `compare`.
        sizes: training images of each class, such as ``"10,30,100,all"``; a class that has fewer gives all it has.
        budget: as in `compare`; a time is for the whole call.
        into: folder to write into, with a comparison per size; by default a new one in ``./runs``.
        progress: told what happens.
        started: when the budget began, by ``time.perf_counter``; by default now.
        options: further arguments of `compare`.

    Raises:
        UsageProblem: ``sizes-malformed``; ``sizes-data``; ``comparison-differs``; whatever `compare` refuses.
    """
    started = perf_counter() if started is None else started
    chosen = parse_sizes(sizes)
    _refuse_besides(options)
    folder = Path(into) if into is not None else new_folder("sizes", data)
    asked = {"networks": networks, "budget": budget, **options}
    choice, asked = _as_there(folder, *_chosen(data, asked))
    whole = Budget.parse(asked["budget"] or DEFAULT_BUDGET)
    divided = whole.timed and (budget is not None or not _begun(folder))  # else it is a share already
    progress = progress or Silent()
    _remember(folder, chosen)
    points = []
    for number, size in enumerate(chosen):
        place, begun, share = folder / f"size-{size}", perf_counter(), str(whole)
        if divided:
            share = f"{max(1.0, whole.amount - (begun - started)) / (len(chosen) - number):.1f}s"
        progress.say(f"Training images of each class: {size}.")
        own = {**asked, "budget": None if ComparisonFolder(place).exists else share}
        few = replace(choice, per_class=None if size == ALL else int(size))
        with _told_of_all(whole, share, len(chosen)):
            found = compare(few, into=place, progress=progress, started=begun, **own)
        points.append(SizePoint(size, found))
    return SizeCurve(folder, tuple(points))


def _refuse_besides(options: Mapping[str, Any]) -> None:
    given = [name for name in ("score", "match", "controls", "sensitivity") if options.get(name)]
    if given:
        raise UsageProblem(
            "sizes-besides",
            f"{' and '.join(given)} cannot go together with sizes",
            where=[f"--{name}" for name in given],
            help="compare by sizes first, then once with the size that matters (--set data.per_class=30)",
        )


def _chosen(data: Any, asked: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The data with what is asked of their reading (none where nothing is named), and everything else."""
    kind = task_for(data, asked.get("task"), asked.get("allow_modules", ()))[1]
    known = {field.name for field in fields(kind.family.choice)} if is_dataclass(kind.family.choice) else set()
    reading = {name: value for name, value in asked.items() if name in known}
    if "per_class" not in known or not (data is None or isinstance(data, str | Path)):
        raise UsageProblem(
            "sizes-data",
            "sizes need labelled images that can be opened again with fewer of them",
            where=f"data: {data if isinstance(data, str | Path) else type(data).__name__}",
            help="give a built-in name or a path, or save the arrays as .npz",
        )
    others = {name: value for name, value in asked.items() if name not in known}
    return (choose_data(kind, data, reading) if data is not None else None), others


def _as_there(folder: Path, choice: Any, asked: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Data and settings, those of the sizes that are there where nothing else is asked for.

    Raises:
        UsageProblem: ``comparison-differs``, where other data are named.
    """
    before = next((each for each in _begun(folder)), None)
    kind = task_for(None, asked.get("task") if before is None else before.facts().task)[1]
    if before is None:
        return choice or choose_data(kind, kind.usual_data, {}), asked
    facts, there = before.facts(), replace(before.choice(kind.family.choice), per_class=None)
    if choice is not None and choice != there:
        raise UsageProblem(
            "comparison-differs",
            "the folder holds comparisons on other data, or on the same read otherwise",
            where=[str(folder), f"there {there.name}, here {choice.name}"],
            note="nothing was changed",
            help="leave DATA out to continue them, or choose another folder with --into",
        )
    usual = {"device": "auto", "augment": "default", "settings": {}}
    known = {name: getattr(facts, name) for name in ("budget", "seeds", "margin", "looks", "tune", "task", *usual)}
    known["networks"] = [arm.label for arm in facts.arms]
    return there, asked | {name: v for name, v in known.items() if asked.get(name) in (None, usual.get(name))}


@contextmanager
def _told_of_all(whole: Budget, share: str, sizes: int) -> Iterator[None]:
    """A share that is too small is told as what it is."""
    try:
        yield
    except UsageProblem as problem:
        if problem.code != "budget-too-small":
            raise
        where = f"--budget {whole}, divided among {sizes} sizes: {share} for this one"
        help = f"{problem.help}; each size needs as much"
        raise UsageProblem("budget-too-small", problem.what, where=where, note=problem.note, help=help) from problem


def parse_sizes(sizes: str | Sequence[str | int]) -> tuple[str, ...]:
    """Whole numbers from small to large, then ``all``.

    Raises:
        UsageProblem: ``sizes-malformed``.
    """
    given = [_plain(str(each)) for each in (sizes.split(",") if isinstance(sizes, str) else sizes)]
    numbers = [each for each in given if each != ALL]
    if not given or not all(each.isdecimal() and int(each) > 0 for each in numbers) or len(set(given)) < len(given):
        raise UsageProblem(
            "sizes-malformed",
            f"`{','.join(given)}` are no sizes",
            where="--sizes",
            help="name whole numbers above 0, each once, and all: --sizes 10,30,100,all",
        )
    return (*sorted(numbers, key=int), *([ALL] if ALL in given else []))


def _plain(size: str) -> str:
    """Without spaces and leading zeros."""
    size = size.strip()
    return str(int(size)) if size.isdecimal() else size


def sizes_of(path: str | Path) -> tuple[str, ...]:
    """The sizes that a folder was begun with, smallest first.

    Raises:
        DataProblem: ``sizes-unreadable``.
    """
    return _known(Path(path))


def has_sizes(path: str | Path) -> bool:
    """Whether a folder holds comparisons of several sizes."""
    return (Path(path) / FILE).is_file()


def load_sizes(path: str | Path, **options: Any) -> SizeCurve:
    """Read what `compare_sizes` wrote; sizes that have no comparison yet are left out.

    Raises:
        DataProblem: the folder is damaged, or holds no comparison.
    """
    folder = Path(path)
    _known(folder)
    there = [each.path for each in _begun(folder)]
    if not there:
        raise _damaged(folder)
    points = (SizePoint(path.name.removeprefix("size-"), load_comparison(path, **options)) for path in there)
    return SizeCurve(folder, tuple(points))


def _remember(folder: Path, sizes: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(folder) if has_sizes(folder) else ()
    write_durably(folder / FILE, json.dumps({"format": FORMAT, "sizes": parse_sizes([*{*known, *sizes}])}).encode())


def _begun(folder: Path) -> list[ComparisonFolder]:
    """The comparisons that are there, smallest size first."""
    sizes = _known(folder) if has_sizes(folder) else ()
    return [each for size in sizes if (each := ComparisonFolder(folder / f"size-{size}")).exists]


def _known(folder: Path) -> tuple[str, ...]:
    """The sizes that a folder was begun with."""
    try:
        return parse_sizes(json.loads((folder / FILE).read_bytes())["sizes"])
    except (OSError, ValueError, KeyError, TypeError, UsageProblem) as problem:
        raise _damaged(folder) from problem


def _damaged(folder: Path) -> DataProblem:
    return DataProblem(
        "sizes-unreadable",
        "the comparisons of several sizes cannot be read",
        where=str(folder / FILE),
        note="nothing was changed",
        help="restore the file, or compare again into another folder",
    )
