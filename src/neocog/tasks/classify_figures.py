"""What a classifier got right and wrong, in pictures: confusion, worst errors, calibration."""

from collections.abc import Mapping, Sequence

import numpy as np

from neocog.figures.confusion import confusion_matrix as confusion_figure
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.numbers import percent
from neocog.figures.reliability import ConfidenceBin
from neocog.figures.reliability import reliability as reliability_figure
from neocog.measures.classification import confusion_matrix, reliability
from neocog.measures.intervals import wilson
from neocog.tasks.task import Record, Samples

WORST = 12
_PER_CELL = 12


def classify_figures(samples: Samples, classes: Sequence[str]) -> list[Figure]:
    """Figures of the first network of the samples, over all its runs."""
    label, runs = next(iter(samples.records.items()))
    return [
        _confusion(label, runs, samples, classes),
        _worst(label, runs, samples, classes),
        _calibration(label, runs),
    ]


def _confusion(label: str, runs: Sequence[Record], samples: Samples, classes: Sequence[str]) -> Figure:
    counts = sum(confusion_matrix(_said(run), run["labels"], len(classes)) for run in runs)
    cells: dict[tuple[int, int], list[Picture]] = {}
    for row, png in samples.pictures.items():
        true = int(runs[0]["labels"][row])
        for said in sorted({int(_said(run)[row]) for run in runs}):
            times = sum(int(_said(run)[row]) == said for run in runs)
            caption = f"{samples.names[row]}: is {classes[true]}, taken for {classes[said]}{_in_runs(times, len(runs))}"
            cell = cells.setdefault((true, said), [])
            if len(cell) < _PER_CELL:
                cell.append(Picture(png, caption))
    title = f"What {label} took for what{_over(len(runs))}"
    return confusion_figure("confusion", title, np.asarray(counts), classes, pictures=cells)


def _worst(label: str, runs: Sequence[Record], samples: Samples, classes: Sequence[str]) -> Figure:
    """Errors that the network was most sure of, on average over its runs."""
    mean = np.mean([run["probabilities"] for run in runs], axis=0)
    labels, said = runs[0]["labels"], mean.argmax(1)
    shown = [row for row in samples.pictures if said[row] != labels[row]]
    shown.sort(key=lambda row: -mean[row].max())
    pictures = [
        Picture(
            samples.pictures[row],
            f"is {classes[labels[row]]}, taken for {classes[said[row]]} ({percent(float(mean[row].max()), 0)} sure): "
            f"{samples.names[row]}",
        )
        for row in shown[:WORST]
    ]
    wrong = int((said != labels).sum())
    finding = (
        f"{wrong:,} of {len(labels):,} test images are wrong on average over the runs; the surest errors come first."
    )
    return gallery("worst-errors", f"Where {label} is most sure, and wrong", pictures, finding=finding)


def _calibration(label: str, runs: Sequence[Record]) -> Figure:
    """All runs together; the intervals count each test image once."""
    found = reliability(
        np.concatenate([run["probabilities"] for run in runs]), np.concatenate([run["labels"] for run in runs])
    )
    ends = [wilson(each.accuracy * each.count / len(runs), each.count / len(runs)) for each in found.bins]
    bins = [
        ConfidenceBin(each.confidence, each.accuracy, low, high, each.count)
        for each, (low, high) in zip(found.bins, ends, strict=True)
    ]
    return reliability_figure("calibration", f"When {label} says it is sure, is it right?", bins)


def _said(run: Mapping[str, np.ndarray]) -> np.ndarray:
    return run["probabilities"].argmax(1)


def _in_runs(times: int, runs: int) -> str:
    return f" in {times} of {runs} runs" if runs > 1 else ""


def _over(runs: int) -> str:
    return f", over its {runs} runs" if runs > 1 else ""
