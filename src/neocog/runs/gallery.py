"""Gallery: the test images that a report may show, chosen by how many runs got them wrong."""

import numpy as np

from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import fit_to
from neocog.figures.png import to_png
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder

MOST_BYTES = 2_000_000
MOST_PICTURES = 400
LARGEST = 96  # pixels of a side; larger images are averaged down for the report
_RIGHT = 60
_SEEN_PER_CLASS, _SEEN = 2, 24


def keep_gallery(folder: ComparisonFolder, comparison: Comparison, data: ImageData) -> None:
    """Write names, pictures of the worst test items (the chosen network's errors first), and what networks saw."""
    rows = worst_first(comparison)[: MOST_PICTURES - _RIGHT]
    others = [row for row in _spread(data.test, _RIGHT) if row not in set(rows)]
    top = data.preparation.top
    pictures = _pictures(data.test, rows, top, MOST_BYTES) | _pictures(data.test, others, top, MOST_BYTES // 8)
    folder.write_pictures(data.test.names, pictures, _seen(data))


def worst_first(comparison: Comparison) -> list[int]:
    """Test rows that some run did worse than its best on: the chosen network's first, then the others'."""
    better = 1 if comparison.headline.higher_is_better else -1
    rows: dict[int, None] = {}
    arms = sorted(comparison.ranked, key=lambda arm: arm is not comparison.chosen)
    for arm in arms:
        scores = better * np.mean([comparison.task.item_scores(seed.record) for seed in arm.finished], axis=0)
        order = np.argsort(scores, kind="stable")
        rows |= dict.fromkeys(int(row) for row in order if scores[row] < scores.max())
    return list(rows)


def _spread(part: ImagePart, number: int) -> list[int]:
    """Test rows of all classes in turn, first ones first."""
    labels = np.asarray(part.labels)
    place = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        place[of_class] = np.arange(len(of_class))
    return [int(row) for row in np.lexsort((labels, place))[:number]]


def _png(image: np.ndarray, top: int) -> bytes:
    longer = max(image.shape[:2])
    step = -(-longer // LARGEST)
    return to_png(fit_to(image, -(-longer // step)) if step > 1 else image, top)


def _pictures(part: ImagePart, rows: list[int], top: int, room: int) -> dict[int, bytes]:
    pictures: dict[int, bytes] = {}
    for row in rows:
        png = _png(np.asarray(part.images[row]), top)
        room -= len(png)
        if room < 0:
            break
        pictures[row] = png
    return pictures


def _seen(data: ImageData) -> dict[str, bytes]:
    """A few training images of each class, as they are after preparation."""
    seen: dict[str, bytes] = {}
    for label, name in enumerate(data.classes):
        for row in np.flatnonzero(data.train.labels == label)[:_SEEN_PER_CLASS]:
            seen[f"{name}: {data.train.names[row]}"] = _png(np.asarray(data.train.images[row]), data.preparation.top)
    return dict(list(seen.items())[:_SEEN])
