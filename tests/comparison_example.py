"""A made-up comparison with everything a report can hold, and knobs for the names in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.datasets import load_digits

from neocog.figures.confusion import confusion_matrix
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.png import to_png
from neocog.figures.reliability import ConfidenceBin, reliability
from neocog.fit.history import Outcome, Row
from neocog.measures.intervals import arm_interval
from neocog.measures.sentences import sentence
from neocog.measures.verdict import verdicts
from neocog.runs.comparison import ArmResult, Comparison, DataSummary, SeedResult
from neocog.tasks.task import AbstractTask, Headline, Record, Samples

ITEMS = 360
NETWORKS = {  # share right, parameters, multiply-adds, ms per answer, items per second, seconds of training
    "resnet": (0.985, 272_474, 2_560_000, 2.31, 9_100.0, 5.4),
    "simple-cnn": (0.983, 46_954, 171_000, 0.31, 61_000.0, 5.2),
    "lenet5": (0.978, 61_706, 416_520, 0.35, 88_000.0, 5.1),
    "mlp": (0.955, 50_890, 50_600, 0.12, 410_000.0, 4.8),
    "linear": (0.915, 650, 640, 0.05, 900_000.0, 4.6),
}


@dataclass(frozen=True)
class ExampleTask(AbstractTask[Any, Any]):
    """Stands in for any task: the report must not care which."""

    headline: ClassVar[Headline] = Headline("accuracy")
    classes: tuple[str, ...]

    def item_scores(self, record: Record) -> np.ndarray:
        return (record["said"] == record["labels"]).astype(float)

    def figures(self, samples: Samples) -> list[Figure]:
        """The best network's first run: confusion with images, mistakes, calibration."""
        label = next(iter(samples.records))
        record = samples.records[label][0]
        said, true = record["said"], record["labels"]
        counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        np.add.at(counts, (true, said), 1)
        pictures: dict[tuple[int, int], list[Picture]] = {}
        for row, png in samples.pictures.items():
            cell = (int(true[row]), int(said[row]))
            pictures.setdefault(cell, []).append(Picture(png, f"{samples.names[row]}: is {self.classes[cell[0]]}"))
        wrong = [Picture(png, samples.names[row]) for row, png in samples.pictures.items() if said[row] != true[row]]
        bins = [ConfidenceBin(0.55, 0.5, 0.2, 0.8, 9), ConfidenceBin(0.95, 0.91, 0.87, 0.94, 351)]
        return [
            confusion_matrix("confusion", f"What {label} took for what", counts, self.classes, pictures=pictures),
            gallery("worst", f"The worst errors of {label}", wrong[:8]),
            reliability("calibration", f"How sure {label} is", bins),
        ]


ExampleTask.__abstractmethods__ = frozenset()  # a report asks for nothing but the two methods above


@cache
def _pictures() -> tuple[np.ndarray, np.ndarray]:
    digits = load_digits()
    return (digits.images[:ITEMS] * 15.9375).astype(np.uint8)[..., None], digits.target[:ITEMS]


@cache
def _pngs() -> dict[int, bytes]:
    images, _ = _pictures()
    return {i: to_png(images[i]) for i in range(ITEMS)}


def pictures(number: int) -> dict[int, bytes]:
    """The first so many test items as PNG bytes."""
    return {i: _pngs()[i] for i in range(number)}


def example(
    *,
    networks: Sequence[str] = tuple(NETWORKS),
    classes: Sequence[str] = tuple(f"digit {i}" for i in range(10)),
    names: Sequence[str] | None = None,
    data_name: str = "digits",
    notes: Sequence[str] = ("The size is 8x8, the median of the longer sides.",),
    skipped: Mapping[str, str] | None = None,
    failure: str = "The loss stopped being a number. Try a smaller learning rate.",
    failed: str = "my.module:Wide",
    reason: str = "The memory did not suffice. Try a smaller batch.",
    seeds: int = 3,
    settings: Mapping[str, str] | None = None,
    made: Mapping[str, str] | None = None,
    pictures: Mapping[int, bytes] | None = None,
) -> Comparison:
    """A comparison of five networks of which one more failed; every text in it can be replaced."""
    _, labels = _pictures()
    names = names or [f"digits/test/{i:04d}.png" for i in range(ITEMS)]
    kept = _pngs() if pictures is None else pictures
    task = ExampleTask(tuple(classes))
    arms, records = [], {}
    for place, (label, shape) in enumerate(zip(networks, NETWORKS.values())):
        runs = [_seed(labels, shape, place, seed) for seed in range(seeds)]
        records[label] = [run.record for run in runs]
        if place == 3:
            runs.append(_failed_seed(seeds, reason))
        arms.append(_arm(label, shape, tuple(runs), settings or {}, task))
    lost = ArmResult(
        failed, failed, settings or {}, failure, 0, 9_000_000, 10**9, 0.0, 0.0, (_failed_seed(0, failure),), None, {}
    )
    scores = {label: np.stack([task.item_scores(record) for record in found]) for label, found in records.items()}
    found = tuple(verdicts(scores)) if len(scores) > 1 else ()
    counts = {part: dict.fromkeys(classes, size) for part, size in (("train", 130), ("val", 14), ("test", 36))}
    return Comparison(
        folder=Path("runs/digits-1"),
        task=task,
        headline=task.headline,
        data=DataSummary(data_name, "1x8x8", tuple(classes), counts, tuple(notes), skipped or {}, "9f" * 32),
        budget="90s",
        seconds=88.2,
        seeds=seeds,
        margin=0.005,
        arms=(*sorted(arms, key=lambda arm: -arm.interval.mean), lost),
        verdicts=found,
        sentence=sentence(found),
        samples=Samples(names, records, kept),
        saw=[(f"{names[i]}, {classes[labels[i]]}", _pngs()[i]) for i in range(8)],
        made=made or {"Threads": "2", "torch": "2.15.0", "Learning rate": "0.01, one-cycle"},
        notes=("Second looks at this test part count as tests.",),
    )


def _seed(labels: np.ndarray, shape: tuple[float, ...], place: int, seed: int) -> SeedResult:
    right, seconds = shape[0], shape[-1]
    hard = np.random.default_rng(0).random(ITEMS)  # the same items are hard for every network
    draw = np.random.default_rng([place, seed]).normal(0, 0.01, ITEMS)
    said = np.where(hard + draw < right, labels, (labels + 1 + labels % 3) % 10)
    score = float((said == labels).mean())
    steps = 400 + 300 * place
    history = tuple(
        Row(
            step,
            step / 20,
            seconds * step / steps,
            {"loss": 2.3 * float(np.exp(-4 * step / steps)) + 0.02 * seed},
            {"accuracy": score - (score - 0.1) * float(np.exp(-(5 - place) * step / steps)) + 0.003 * seed},
        )
        for step in range(0, steps + 1, steps // 20)
    )
    scores = {
        "accuracy": score,
        "balanced_accuracy": score - 0.001,
        "macro_f1": score - 0.002,
        "log_loss": 0.4 * (1 - score) * 8,
        "calibration_error": 0.011,
    }
    record = {"said": said, "labels": labels}
    val = {"accuracy": score + 0.004}
    return SeedResult(seed, Path("runs"), Outcome.DONE, "", steps, steps, seconds, history, scores, val, record)


def _failed_seed(seed: int, reason: str) -> SeedResult:
    return SeedResult(seed, Path("runs"), Outcome.DIVERGED, reason, 12, 0, 0.2, (), {}, {}, {})


def _arm(
    label: str, shape: tuple[float, ...], runs: tuple[SeedResult, ...], settings: Mapping[str, str], task: ExampleTask
) -> ArmResult:
    finished = [run for run in runs if run.outcome.finished]
    interval = arm_interval(np.stack([task.item_scores(run.record) for run in finished]))
    means = {name: float(np.mean([run.scores[name] for run in finished])) for name in finished[0].scores}
    return ArmResult(
        label,
        label,
        settings,
        "",
        runs[0].steps,
        int(shape[1]),
        int(shape[2]),
        shape[3],
        shape[4],
        runs,
        interval,
        means,
    )
