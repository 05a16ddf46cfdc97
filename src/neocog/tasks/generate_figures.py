"""What a generator draws, in pictures: draws, the training images nearest to them, classes, distances."""

from collections.abc import Callable, Sequence

import numpy as np

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import decimal, percent
from neocog.figures.png import to_png
from neocog.measures.intervals import wilson
from neocog.tasks.task import Record, Samples

_DRAWS, _PAIRS = 36, 12
_NORMAL_95 = 1.96


def generate_figures(
    samples: Samples, classes: Sequence[str], asks: bool, item_scores: Callable[[Record], np.ndarray]
) -> list[Figure]:
    """Figures of the first run of the first network of the samples."""
    label, runs = next(iter(samples.records.items()))
    run = runs[0]
    drawn = [_draws(label, run, classes, asks), _distances(label, run, item_scores(run))]
    if "beside" in run:
        drawn.insert(1, _nearest(label, run))
    if len(classes) > 1:
        drawn.append(_classes(label, run, classes))
    return drawn


def _draws(label: str, run: Record, classes: Sequence[str], asks: bool) -> Figure:
    pictures = []
    for place, image in enumerate(run["shown"][:_DRAWS]):
        asked, said = int(run["asked"][place]), int(run["said"][place])
        words = [f"asked for {classes[asked]}"] if asks else []
        words += [f"taken for {classes[said]}"] if len(classes) > 1 else []
        pictures.append(Picture(_png(image), ", ".join(words) or f"draw {place + 1}"))
    return gallery("draws", f"What {label} draws; not chosen", pictures, columns=6, lines=2)


def _nearest(label: str, run: Record) -> Figure:
    """Draws, each followed by the training image nearest to it."""
    pictures = []
    for place in range(min(_PAIRS, len(run["beside"]))):
        away = decimal(float(run["nearest"][place]))
        pictures.append(Picture(_png(run["shown"][place]), f"draw {place + 1}"))
        pictures.append(Picture(_png(run["beside"][place]), f"nearest training image, {away} away"))
    own, test = (float(np.percentile(run[name], 1)) for name in ("nearest", "nearest_of_test"))
    verdict = "no nearer than test images are" if own >= test else "nearer than test images are"
    finding = (
        f"The nearest hundredth of the draws is within {decimal(own)} of a training image (root mean square over "
        f"pixels of 0 to 1), that of test images within {decimal(test)}: draws are {verdict}."
    )
    title = f"Does {label} copy? Draws, each beside the training image nearest to it"
    return gallery("nearest", title, pictures, columns=6, lines=2, finding=finding)


def _distances(label: str, run: Record, items: np.ndarray) -> Figure:
    real, gaussian = (float(value) for value in run["baselines"])
    own, error = float(items.mean()), float(items.std() / np.sqrt(len(items)))
    rows = [
        IntervalRow("other real images", real, np.nan, np.nan),
        IntervalRow(label, own, max(own - _NORMAL_95 * error, real * 0.01), own + _NORMAL_95 * error),
        IntervalRow("a Gaussian per class", gaussian, np.nan, np.nan),
    ]
    judge = "a classifier of other real images" if bool(run["judge_trained"]) else "a network with random weights"
    finding = (
        f"In the features of {judge}, {label} is {decimal(own)} away from real images; other real images are "
        f"{decimal(real)} away, and images drawn from one Gaussian per class {decimal(gaussian)}."
    )
    axis = Axis("Frechet distance, in per cent of the spread of real images", decimal, log=True)
    return interval_plot("distances", "How far from real images?", rows, axis, finding=finding)


def _classes(label: str, run: Record, classes: Sequence[str]) -> Figure:
    counts = np.bincount(run["said"], minlength=len(classes))
    rows = []
    for name, count in zip(classes, counts.tolist(), strict=True):
        low, high = wilson(count, len(run["said"]))
        rows.append(IntervalRow(name, count / len(run["said"]), low, high, series=0))
    rarest = int(counts.argmin())
    finding = f"The rarest class among the draws is {classes[rarest]}, with {percent(counts[rarest] / counts.sum())}."
    title = f"Which classes does {label} draw, by the judge's eye?"
    axis = Axis("share of the draws", percent, within=(0.0, 1.0))
    return interval_plot("classes", title, rows, axis, finding=finding)


def _png(unit_image: np.ndarray) -> bytes:
    return to_png(np.rint(unit_image * 255).astype(np.uint8))
