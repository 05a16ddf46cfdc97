"""compare_sizes: the same networks on more and more training images of each class, under one budget."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.runs.budget import Budget
from neocog.runs.compare import DEFAULT_BUDGET, compare
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.results import load_comparison
from neocog.runs.setup import new_folder

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
    on.

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
        UsageProblem: ``sizes-malformed``; ``sizes-data``; whatever `compare` refuses.
    """
    started = perf_counter() if started is None else started
    chosen = parse_sizes(sizes)
    if not isinstance(data, str | Path) and data is not None:
        raise UsageProblem(
            "sizes-data",
            "sizes need data that can be opened again with fewer images",
            where=f"data of type {type(data).__name__}",
            help="give a built-in name or a path, or save the arrays as .npz",
        )
    whole = Budget.parse(budget or DEFAULT_BUDGET)
    folder = Path(into) if into is not None else new_folder("sizes", data)
    progress = progress or Silent()
    _remember(folder, chosen)
    points = []
    for number, size in enumerate(chosen):
        place, begun, share = folder / f"size-{size}", perf_counter(), str(whole)
        if whole.timed:
            share = f"{max(1.0, whole.amount - (begun - started)) / (len(chosen) - number):.1f}s"
        progress.say(f"Training images of each class: {size}.")
        goes_on = ComparisonFolder(place).exists
        few: dict[str, Any] = {} if size == ALL or (goes_on and data is None) else {"per_class": int(size)}
        with _told_of_all(whole, share, len(chosen)):
            found = compare(
                data,
                networks,
                budget=None if goes_on else share,
                into=place,
                progress=progress,
                started=begun,
                **few,
                **options,
            )
        points.append(SizePoint(size, found))
    return SizeCurve(folder, tuple(points))


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
    given = [str(each).strip() for each in (sizes.split(",") if isinstance(sizes, str) else sizes)]
    numbers = [each for each in given if each != ALL]
    if not given or not all(each.isdecimal() and int(each) > 0 for each in numbers) or len(set(given)) < len(given):
        raise UsageProblem(
            "sizes-malformed",
            f"`{','.join(given)}` are no sizes",
            where="--sizes",
            help="name whole numbers above 0, each once, and all: --sizes 10,30,100,all",
        )
    return (*sorted(numbers, key=int), *([ALL] if ALL in given else []))


def has_sizes(path: str | Path) -> bool:
    """Whether a folder holds comparisons of several sizes."""
    return (Path(path) / FILE).is_file()


def load_sizes(path: str | Path, **options: Any) -> SizeCurve:
    """Read what `compare_sizes` wrote; sizes that have no comparison yet are left out.

    Raises:
        DataProblem: the folder is damaged, or holds no comparison.
    """
    folder = Path(path)
    there = [size for size in _known(folder) if ComparisonFolder(folder / f"size-{size}").exists]
    if not there:
        raise _damaged(folder)
    return SizeCurve(folder, tuple(SizePoint(s, load_comparison(folder / f"size-{s}", **options)) for s in there))


def _remember(folder: Path, sizes: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(folder) if has_sizes(folder) else ()
    write_durably(folder / FILE, json.dumps({"format": FORMAT, "sizes": parse_sizes([*{*known, *sizes}])}).encode())


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
