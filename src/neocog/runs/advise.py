"""advise: what should be done about these data? More of them, better labels, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.data.images import ImageData
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.growth import Growth, growths
from neocog.runs.label_errors import TRUSTED, FoundLabels, find_label_errors
from neocog.runs.setup import choose_data, new_folder, open_data, task_for
from neocog.runs.size_curve import ALL, SizeCurve, compare_sizes, has_sizes, sizes_of

DEFAULT_BUDGET, DEFAULT_SEEDS = "90s", 3
SIZES, LABELS = "sizes", "labels"
_FOR_SIZES = 0.6  # of a budget in time
_FOR_COMPARE = ("margin", "looks", "processes")
_MOST_SIZES, _FEWEST_OF_CLASS = 4, 4
_WORTH = 0.005  # of the labels, or of the score


@dataclass(frozen=True)
class Advice:
    """What was found, and what to do."""

    folder: Path
    curve: SizeCurve
    growth: Growth
    labels: FoundLabels

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to do, then what more data would bring, then what the labels are like."""
        return self.what_to_do, self.growth.sentence, self.labels.sentence

    @property
    def what_to_do(self) -> str:
        """The advice in one sentence or two."""
        wrong = len(self.labels.suspects) / self.labels.items
        law = self.growth.law
        if self.labels.agreement < TRUSTED:
            first = f"{self.labels.network} is too weak to judge these labels."
        elif wrong >= _WORTH:
            first = "Look at the suspected labels first: that costs less than new images."
        else:
            first = "The labels look right."
        if law is None:
            return f"{first} What more images would bring cannot be told."
        if law.doubling.low >= _WORTH:
            return f"{first} More images like these are worth collecting."
        if law.doubling.high < _WORTH:
            return f"{first} More images like these would bring little; look for a better network instead."
        return f"{first} Whether more images would help cannot be told yet; more seeds or test images would tell."


def advise(
    data: Any = None,
    network: str | None = None,
    *,
    budget: str | None = None,
    into: str | Path | None = None,
    progress: AbstractProgress | None = None,
    started: float | None = None,
    **options: Any,
) -> Advice:
    """Find out what would help most: more images, or better labels.

    One good, cheap network is trained on growing parts of the data (each about three times the one before) and then,
    out of fold, asked about every label. Nothing of the data is changed. Calling again with the same folder goes on.

    Args:
        data: a built-in name or a path to labelled images.
        network: by default the task's usual one.
        budget: ``"90s"`` for the whole call, of which three fifths are for the sizes, or ``"epochs=5"`` for each run.
        into: folder to write into; by default a new one in ``./runs``.
        progress: told what happens.
        started: when the budget began, by ``time.perf_counter``; by default now.
        options: further arguments of `neocog.compare` that `neocog.train` has too, and ``seeds``.

    Raises:
        UsageProblem: ``sizes-data``, ``labels-data``; whatever `compare` refuses.
    """
    started = perf_counter() if started is None else started
    progress = progress or Silent()
    seeds = options.pop("seeds", None)
    folder = Path(into) if into is not None else new_folder("advice", data)
    kind = task_for(data, options.get("task"), options.get("allow_modules", ()))[1]
    network = network or kind.network
    whole = Budget.parse(budget or DEFAULT_BUDGET)
    share = f"{_FOR_SIZES * whole.amount:.1f}s" if whole.timed else str(whole)
    begun = has_sizes(folder / SIZES)
    curve = compare_sizes(
        data,
        network,
        sizes=sizes_of(folder / SIZES) if begun else _sizes(kind, data, options, progress),
        budget=None if begun else share,
        seeds=seeds or DEFAULT_SEEDS,
        into=folder / SIZES,
        progress=progress,
        started=started,
        **options,
    )
    left = f"{max(1.0, whole.amount - (perf_counter() - started)):.1f}s" if whole.timed else str(whole)
    choice = replace(ComparisonFolder(curve.points[-1].comparison.folder).choice(kind.family.choice), per_class=None)
    known = {name: value for name, value in options.items() if name not in (*_reading(kind), *_FOR_COMPARE)}
    progress.say("Looking at the labels.")
    found = find_label_errors(choice, network, budget=left, into=folder / LABELS, progress=progress, **known)
    return Advice(folder, curve, growths(curve)[0], found)


def geometric_sizes(per_class: float) -> str:
    """Sizes for `compare_sizes`, each a third of the next, as many as leave a few images: ``"12,37,111,all"``.

    Args:
        per_class: training images of a class in the middle.

    Raises:
        UsageProblem: ``advice-few-images``: fewer than three sizes are possible.
    """
    found, size = list[int](), per_class
    factor = 3.0 if per_class >= 9 * _FEWEST_OF_CLASS else 2.0
    while len(found) < _MOST_SIZES - 1 and (size := size / factor) >= _FEWEST_OF_CLASS:
        found.append(round(size))
    if len(found) < 2:
        raise UsageProblem(
            "advice-few-images",
            f"{per_class:g} training images of a class are too few to tell what more would bring",
            help="give at least 16 training images of each class",
        )
    return ",".join([*(str(each) for each in reversed(found)), ALL])


def _sizes(kind: Any, data: Any, options: Mapping[str, Any], progress: AbstractProgress) -> str:
    reading = {name: value for name, value in options.items() if name in _reading(kind)}
    how: dict[str, Any] = {"device": "auto", "download": False, "keep": True}
    how |= {name: options[name] for name in how if name in options}
    data = kind.usual_data if data is None else data
    choice = choose_data(kind, data, reading) if isinstance(data, str | Path) else data
    opened = open_data(kind, choice, {}, **how, progress=progress)[1]
    if not isinstance(opened, ImageData):
        raise UsageProblem(
            "labels-data",
            "advice is given on images with one class each",
            where=str(data),
            help="give a folder of class folders, a table of images and labels, or a built-in set",
        )
    return geometric_sizes(median(opened.counts()["train"].values()))


def _reading(kind: Any) -> set[str]:
    return set(getattr(kind.family.choice, "__dataclass_fields__", {}))
