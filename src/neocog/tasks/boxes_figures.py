"""What a detector found, missed and made up, in pictures; precision against recall."""

from collections.abc import Sequence

import numpy as np

from neocog.figures.axes import Axis
from neocog.figures.boxes import MISSED, RIGHT, WRONG, Drawn, png_with_boxes
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.numbers import percent
from neocog.figures.png import size_of
from neocog.measures.average_precision import RECALLS, Matched, average_precision, matched, precisions
from neocog.measures.boxes import Boxes, iou
from neocog.tasks.boxes_record import found_in, truth_in
from neocog.tasks.task import Record, Samples

SHOWN, MOST_CURVES = 12, 6
_HALF = 0.5


def box_figures(samples: Samples, classes: Sequence[str], canvas: tuple[int, int], sure: float) -> list[Figure]:
    """Figures of the first network of the samples: its first run in pictures, all of its runs in curves."""
    label, runs = next(iter(samples.records.items()))
    return [_pictures(label, runs[0], samples, classes, canvas, sure), _curves(label, runs, classes)]


def judged(found: Boxes, truth: Boxes, sure: float) -> tuple[list[int], list[int], list[int]]:
    """Rows of the found boxes that are right and wrong, and of the true ones that are missed, of one image.

    Surest first, each box takes the true one of its class that overlaps it most, if by half or more.
    """
    assert found.scores is not None
    right, wrong = [], []
    left = set(range(len(truth)))
    overlaps = iou(found.edges, truth.edges)
    for row in np.argsort(-found.scores, kind="stable").tolist():
        if found.scores[row] < sure:
            continue
        own = [each for each in left if truth.labels[each] == found.labels[row]]
        best = max(own, key=lambda each: overlaps[row, each], default=None)
        if best is not None and overlaps[row, best] >= _HALF:
            left.remove(best)
            right.append(row)
        else:
            wrong.append(row)
    return right, wrong, sorted(left)


def _pictures(
    label: str, run: Record, samples: Samples, classes: Sequence[str], canvas: tuple[int, int], sure: float
) -> Figure:
    found, truth = found_in(run), truth_in(run)
    pictures: list[Picture] = []
    for row in list(samples.pictures)[:SHOWN]:
        said, there = _of_image(found, row), _of_image(truth, row)
        right, wrong, missed = judged(said, there, sure)
        scale = size_of(samples.pictures[row])[0] / canvas[1]
        drawn = [Drawn(_at(there, each, scale), classes[there.labels[each]], MISSED) for each in missed]
        drawn += [Drawn(_at(said, each, scale), _words(said, each, classes), WRONG) for each in wrong]
        drawn += [Drawn(_at(said, each, scale), classes[said.labels[each]], RIGHT) for each in right]
        counts = f"{len(right)} right, {len(missed)} missed, {len(wrong)} wrong"
        png = png_with_boxes(samples.pictures[row], drawn)
        pictures.append(Picture(png, f"{counts}: {samples.names[row]}"))
    finding = (
        f"Test images, those that {label} did worst on first. Whole lines are right, dashed lines are missed objects, "
        "dotted lines with a score are boxes where there is no such object."
    )
    title = f"What {label} found (whole lines), missed (dashes) and made up (dots)"
    return gallery("boxes", title, pictures, columns=3, finding=finding)


def _curves(label: str, runs: Sequence[Record], classes: Sequence[str]) -> Figure:
    """One line per class with the most true boxes; beyond six, one line for all."""
    every = [
        matched(found_in(run), truth_in(run), classes=len(classes), images=len(run["rows"]), thresholds=(_HALF,))
        for run in runs
    ]
    there = [number for number in range(len(classes)) if every[0][number].truths.any()]
    if len(there) <= MOST_CURVES:
        lines = [
            Curve(
                f"{classes[number]} (AP {_mean([run[number] for run in every])})",
                [_line([run[number]]) for run in every],
            )
            for number in there
        ]
    else:
        lines = [Curve("mean over classes", [_line([run[number] for number in there]) for run in every])]
    values = [float(average_precision(run)[0]) for run in every]
    finding = f"Average precision at an overlap of .5: {percent(float(np.mean(values)))}, the mean height of the lines."
    return curves(
        "precision-recall",
        f"How many of {label}'s boxes are right, the more it is to find",
        lines,
        Axis("share of the objects that are found (recall)", percent, within=(0.0, 1.0)),
        Axis("share of its boxes that are right (precision)", percent, within=(0.0, 1.0)),
        finding=finding,
    )


def _line(of: Sequence[Matched]) -> tuple[list[float], list[float]]:
    return RECALLS.tolist(), np.mean([precisions(each)[0] for each in of], axis=0).tolist()


def _mean(of: Sequence[Matched]) -> str:
    return percent(float(np.mean([average_precision([each])[0] for each in of])))


def _of_image(boxes: Boxes, image: int) -> Boxes:
    rows = boxes.images == image
    scores = None if boxes.scores is None else boxes.scores[rows]
    return Boxes(boxes.edges[rows], boxes.labels[rows], boxes.images[rows], scores)


def _at(boxes: Boxes, row: int, scale: float) -> tuple[float, ...]:
    return tuple((boxes.edges[row] * scale).tolist())


def _words(boxes: Boxes, row: int, classes: Sequence[str]) -> str:
    assert boxes.scores is not None
    return f"{classes[boxes.labels[row]]} {boxes.scores[row]:.2f}"
