"""Comparison: what several networks, each with several seeds, showed on the same data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neocog.core.errors import TrainingProblem
from neocog.fit.history import Outcome, Row
from neocog.measures.looks import ONE_LOOK, Looks
from neocog.measures.outlook import Outlook
from neocog.measures.verdict import Interval, Verdict
from neocog.runs.folder import RunFolder
from neocog.runs.predictor import Predictor
from neocog.tasks.task import AbstractTask, Headline, Record, Samples


@dataclass(frozen=True)
class SeedResult:
    """One run: one network, one seed.

    ``scores`` are taken on the test part, once, by the checkpoint that was best on validation; ``record`` holds the
    predictions behind them. Both are empty if the run has no result.
    """

    seed: int
    folder: Path
    outcome: Outcome
    reason: str
    steps: int
    best_step: int
    train_seconds: float
    history: tuple[Row, ...]
    scores: Mapping[str, float]
    val_scores: Mapping[str, float]
    record: Record


@dataclass(frozen=True)
class ArmResult:
    """One network of the comparison: its cost, its runs, and its score with an interval.

    ``failure`` is empty, or why there is no score at all. ``settings`` are the options that were set. ``scores`` are
    means over seeds. ``latency_ms`` is for one item, ``throughput`` in items per second at batch 64. ``training_flops``
    are counted, of the ``planned_steps`` of one run; 0 where they are not known.
    """

    label: str
    network: str
    settings: Mapping[str, str]
    failure: str
    steps: int
    parameters: int
    macs: int
    latency_ms: float
    throughput: float
    seeds: tuple[SeedResult, ...]
    interval: Interval | None
    scores: Mapping[str, float]
    training_flops: int = 0
    planned_steps: int = 0

    @property
    def finished(self) -> tuple[SeedResult, ...]:
        """The runs whose results count."""
        return tuple(seed for seed in self.seeds if seed.outcome.finished)


@dataclass(frozen=True)
class DataSummary:
    """What was compared on. ``counts[part][class]`` are numbers of items."""

    name: str
    takes: str
    classes: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...]
    skipped: Mapping[str, str]
    fingerprint: str


@dataclass(frozen=True)
class Comparison:
    """The result of `compare`: arms (best first on the test part), an answer for each pair, and how it was made.

    ``made`` holds facts for "how this comparison was made" as label -> text. ``samples`` hold the test items' names,
    every finished run's record and pictures of some of the items; ``saw`` are (caption, PNG) of what networks saw.
    ``notes`` name the runs that do not count, each with its reason, and what else limits the answers. ``looks`` tells
    how often it has been looked at, ``outlook`` what was to be expected of it before it began.
    """

    folder: Path
    task: AbstractTask[Any, Any]
    headline: Headline
    data: DataSummary
    budget: str
    seconds: float
    seeds: int
    margin: float
    arms: tuple[ArmResult, ...]
    verdicts: tuple[Verdict, ...]
    sentence: str
    samples: Samples
    saw: Sequence[tuple[str, bytes]] = ()
    made: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    allow_modules: tuple[str, ...] = ()
    looks: Looks = ONE_LOOK
    outlook: Outlook | None = None

    @property
    def ranked(self) -> tuple[ArmResult, ...]:
        """The arms that have a score, best first."""
        return tuple(arm for arm in self.arms if arm.interval is not None)

    @property
    def failed(self) -> tuple[ArmResult, ...]:
        """The arms that have none, each with its reason."""
        return tuple(arm for arm in self.arms if arm.interval is None)

    @property
    def chosen(self) -> ArmResult | None:
        """The network to use: the best mean score on *validation*; None if every arm failed."""
        sign = 1 if self.headline.higher_is_better else -1
        return max(self.ranked, key=lambda arm: sign * _validation_mean(arm, self.headline.name), default=None)

    @property
    def best(self) -> Predictor:
        """The trained network to use: of the chosen network, the run that was best on *validation*.

        Raises:
            TrainingProblem: ``comparison-no-result``.
        """
        arm = self.chosen
        if arm is None:
            raise TrainingProblem("comparison-no-result", "no network could be trained", where=str(self.folder))
        sign = 1 if self.headline.higher_is_better else -1
        best = max(arm.finished, key=lambda seed: sign * seed.val_scores[self.headline.name])
        return Predictor(RunFolder(best.folder), allow_modules=self.allow_modules)

    def report(self, path: str | Path) -> Path:
        """Write the report as one HTML file that opens offline; gives its path.

        Raises:
            StorageProblem: the file cannot be written.
        """
        # The one arrow that points up: a result that is asked for its report knows who writes reports.
        from neocog.report.page import write  # noqa: PLC0415

        return write(self, path)

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
                "per_seed": [seed.scores[self.headline.name] for seed in arm.finished],
                "parameters": arm.parameters,
                "macs": arm.macs,
                "train_seconds": sum(seed.train_seconds for seed in arm.finished) / len(arm.finished),
                "latency_ms": arm.latency_ms,
            }
            for arm in self.ranked
            if arm.interval is not None
        ]


def _validation_mean(arm: ArmResult, name: str) -> float:
    values = [seed.val_scores[name] for seed in arm.finished]
    return sum(values) / len(values)
