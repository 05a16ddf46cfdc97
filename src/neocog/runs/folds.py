"""FoldComparison: what several networks showed by repeated k-fold cross-validation; read from its folder."""

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neocog.core.catalogue import Spec, find
from neocog.core.durable import write_durably
from neocog.core.errors import DataProblem, TrainingProblem, UsageProblem
from neocog.fit.history import Outcome
from neocog.measures.folds import fold_interval, fold_verdicts
from neocog.measures.intervals import Interval
from neocog.measures.quantities import POINTS
from neocog.measures.sentences import sentence
from neocog.measures.verdict import Verdict
from neocog.runs.comparison import DataSummary
from neocog.runs.comparison_folder import ArmFacts, ComparisonFolder
from neocog.tasks import TASKS
from neocog.tasks.task import Headline

FILE, FORMAT = "folds.json", 1
MOST_FOLDS, MOST_REPEATS = 100, 100
Grid = tuple[tuple[float, ...], ...]

_GOES_ON = (Outcome.RUNNING, Outcome.INTERRUPTED, Outcome.OUT_OF_TIME)


class Place(NamedTuple):
    """One fold of one repeat, both from 0; ``seed`` is that of its runs."""

    repeat: int
    fold: int
    seed: int
    folder: ComparisonFolder


@dataclass(frozen=True)
class FoldPlan:
    """How often the items are divided, and into how many folds; ``seconds`` is what it took so far."""

    folds: int
    repeats: int
    seconds: float = 0.0

    @property
    def runs(self) -> int:
        """Runs of each network."""
        return self.folds * self.repeats

    def places(self, folder: Path) -> list[Place]:
        """Where each fold's runs are, repeat by repeat; the seed is repeat x folds + fold."""
        pairs = [(repeat, fold) for repeat in range(self.repeats) for fold in range(self.folds)]
        names = [f"repeat-{repeat + 1}-fold-{fold + 1}" for repeat, fold in pairs]
        return [
            Place(*pair, seed, ComparisonFolder(folder / name))
            for seed, (pair, name) in enumerate(zip(pairs, names, strict=True))
        ]

    def write(self, folder: Path) -> None:
        """Keep it in the folder."""
        values = {"format": FORMAT, "folds": self.folds, "repeats": self.repeats, "seconds": self.seconds}
        write_durably(folder / FILE, json.dumps(values).encode())


@dataclass(frozen=True)
class FoldArm:
    """One network. ``scores`` are those of every fold by repeat, of the test items that the fold held back.

    ``failure`` is empty, or why there is no score. ``interval`` is for the mean over all folds; ``val_score`` is the
    mean on the folds' validation parts, by which a network is chosen.
    """

    label: str
    network: str
    failure: str
    parameters: int
    macs: int
    latency_ms: float
    train_seconds: float
    scores: Grid
    val_score: float
    interval: Interval | None

    @property
    def per_fold(self) -> list[float]:
        """The scores of all folds in order."""
        return [score for repeat in self.scores for score in repeat]


@dataclass(frozen=True)
class FoldComparison:
    """The result of `compare_folds`: arms (best first over all folds), an answer for each pair, how it was made.

    ``plan`` is what was asked for, ``repeats`` how many of them are whole and count. ``data`` are those of the first
    fold, opened as ``source``; ``items`` is the number of all items, each of which was tested once in each repeat.
    """

    folder: Path
    headline: Headline
    data: DataSummary
    source: str
    items: int
    plan: FoldPlan
    repeats: int
    budget: str
    margin: float
    arms: tuple[FoldArm, ...]
    verdicts: tuple[Verdict, ...]
    sentence: str
    notes: tuple[str, ...]
    made: dict[str, str]

    @property
    def ranked(self) -> tuple[FoldArm, ...]:
        """The networks that have a score, best first."""
        return tuple(arm for arm in self.arms if arm.interval is not None)

    @property
    def failed(self) -> tuple[FoldArm, ...]:
        """Those that have none, each with its reason."""
        return tuple(arm for arm in self.arms if arm.interval is None)

    @property
    def chosen(self) -> FoldArm | None:
        """The network to use: the best on *validation* over all folds; None if every network failed."""
        sign = 1 if self.headline.higher_is_better else -1
        return max(self.ranked, key=lambda arm: sign * arm.val_score, default=None)

    def leaderboard(self) -> list[dict[str, Any]]:
        """One dict per network that has a score, best first; accuracies are fractions."""
        return [
            {
                "network": arm.network,
                "label": arm.label,
                "metric": self.headline.name,
                self.headline.name: arm.interval.mean,
                "low": arm.interval.low,
                "high": arm.interval.high,
                "per_fold": [list(repeat) for repeat in arm.scores],
                "parameters": arm.parameters,
                "macs": arm.macs,
                "train_seconds": arm.train_seconds,
                "latency_ms": arm.latency_ms,
            }
            for arm in self.ranked
            if arm.interval is not None
        ]


def has_folds(path: str | Path) -> bool:
    """Whether a folder holds a comparison by folds."""
    return (Path(path) / FILE).is_file()


def plan_there(folder: Path) -> FoldPlan:
    """The plan that a folder was begun with.

    Raises:
        DataProblem: ``folds-unreadable``.
    """
    try:
        values = json.loads((folder / FILE).read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        return FoldPlan(int(values["folds"]), int(values["repeats"]), float(values["seconds"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise DataProblem(
            "folds-unreadable",
            "the comparison by folds cannot be read",
            where=f"{folder / FILE}: {problem}",
            note="nothing was changed",
            help="restore the file, or compare again into another folder",
        ) from problem


def check_plan(plan: FoldPlan) -> FoldPlan:
    """Refuse numbers that no cross-validation can have.

    Raises:
        UsageProblem: ``folds-range``.
    """
    if not (2 <= plan.folds <= MOST_FOLDS and 1 <= plan.repeats <= MOST_REPEATS):
        raise UsageProblem(
            "folds-range",
            f"{plan.folds} folds in {plan.repeats} repeats",
            where=f"--folds {plan.folds} --repeats {plan.repeats}",
            help="give 2 to 100 folds and 1 to 100 repeats; --folds 5 --repeats 2 is usual",
        )
    return plan


def load_folds(path: str | Path, *, allow_modules: Collection[str] = ()) -> FoldComparison:
    """Read what `compare_folds` wrote. Of one that is not finished, whole repeats count.

    Raises:
        DataProblem: it is damaged.
        TrainingProblem: ``folds-unfinished``: the first repeat is not whole yet.
    """
    folder = Path(path)
    plan = plan_there(folder)
    places = plan.places(folder)
    facts = places[0].folder.facts()
    headline = find(Spec.parse(facts.task).name, TASKS, "task", allow_modules).headline
    read = {arm.label: [_read(place.folder, arm, headline.name) for place in places] for arm in facts.arms}
    repeats = _whole_repeats(plan, [runs for arm in facts.arms if not arm.failure for runs in [read[arm.label]]])
    if repeats == 0:
        raise TrainingProblem(
            "folds-unfinished",
            "the first repeat is not finished, so nothing can be said yet",
            where=str(folder),
            help=f"go on with `neocog compare --into {folder}`",
        )
    sign = 1 if headline.higher_is_better else -1
    arms = [_arm(arm, read[arm.label][: repeats * plan.folds], plan.folds, headline) for arm in facts.arms]
    ranked = sorted((arm for arm in arms if arm.interval), key=lambda arm: -sign * arm.interval.mean)  # type: ignore[union-attr]
    scores = {arm.label: sign * np.array(arm.scores) for arm in ranked}
    found = tuple(fold_verdicts(scores, margin=facts.margin, unit=headline.unit)) if len(ranked) > 1 else ()
    counts = [place.folder.facts().data.counts["test"] for place in places[: plan.folds]]
    return FoldComparison(
        folder=folder,
        headline=headline,
        data=facts.data,
        source=str(facts.choice["name"]),
        items=sum(sum(each.values()) for each in counts),
        plan=plan,
        repeats=repeats,
        budget=facts.budget,
        margin=facts.margin,
        arms=(*ranked, *(arm for arm in arms if not arm.interval)),
        verdicts=found,
        sentence=sentence(found),
        notes=(*_unfinished(plan, repeats, folder), *(f"{a.label}: {note}" for a in facts.arms for note in a.notes)),
        made=dict(facts.made),
    )


class _Run(NamedTuple):
    """What one run came to; ``reason`` says why it has no score, and ``goes_on`` whether it still may."""

    score: float
    val_score: float
    seconds: float
    reason: str = ""
    goes_on: bool = False


def _read(place: ComparisonFolder, arm: ArmFacts, name: str) -> _Run:
    runs = place.runs(arm)
    if not runs:
        return _Run(math.nan, math.nan, math.nan, "It has not been run.", True)
    facts = runs[0][1].facts()
    outcome = Outcome[facts["outcome"]]
    scored = outcome.finished and name in facts.get("test_scores", {})
    reason = "" if scored else str(facts.get("reason") or outcome.value)
    return _Run(
        float(facts["test_scores"][name]) if scored else math.nan,
        float(facts["val_scores"][name]) if scored else math.nan,
        float(facts.get("train_seconds", math.nan)),
        reason,
        outcome in _GOES_ON,
    )


def _whole_repeats(plan: FoldPlan, arms: Sequence[Sequence[_Run]]) -> int:
    """How many repeats, from the first on, have no run that may still go on."""
    for repeat in range(plan.repeats):
        part = slice(repeat * plan.folds, (repeat + 1) * plan.folds)
        if any(run.goes_on for runs in arms for run in runs[part]):
            return repeat
    return plan.repeats


def _arm(facts: ArmFacts, runs: Sequence[_Run], folds: int, headline: Headline) -> FoldArm:
    arm = FoldArm(
        label=facts.label,
        network=facts.network,
        failure=facts.failure,
        parameters=facts.parameters,
        macs=facts.macs,
        latency_ms=facts.latency_ms,
        train_seconds=math.nan,
        scores=(),
        val_score=math.nan,
        interval=None,
    )
    missing = [run.reason for run in runs if run.reason]
    if facts.failure or missing:
        said = f"{len(missing)} of its {len(runs)} runs have no result: {' '.join(dict.fromkeys(missing))}"
        return replace(arm, failure=facts.failure or said)
    grid = np.array([run.score for run in runs]).reshape(-1, folds)
    ends = (0.0, 1.0) if headline.unit == POINTS else (-math.inf, math.inf)
    return replace(
        arm,
        scores=tuple(tuple(row) for row in grid.tolist()),
        val_score=float(np.mean([run.val_score for run in runs])),
        train_seconds=float(np.mean([run.seconds for run in runs])),
        interval=fold_interval(grid, within=ends),
    )


def _unfinished(plan: FoldPlan, repeats: int, folder: Path) -> tuple[str, ...]:
    if repeats == plan.repeats:
        return ()
    done = f"{repeats} of {plan.repeats} repeats {'is' if repeats == 1 else 'are'} whole and count"
    return (f"Not finished: {done}; `neocog compare --into {folder}` goes on.",)
