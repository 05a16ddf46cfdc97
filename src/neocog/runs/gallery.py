"""Gallery: the test images that a report may show, chosen by how many runs got them wrong."""

import numpy as np

from neocog.data.images import ImageData, ImagePart
from neocog.figures.png import to_png
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder

MOST_BYTES = 2_000_000
MOST_PICTURES = 400
_SEEN_PER_CLASS, _SEEN = 2, 24


def keep_gallery(folder: ComparisonFolder, comparison: Comparison, data: ImageData) -> None:
    """Write names, pictures of the worst test items (the chosen network's errors first), and what networks saw."""
    folder.write_pictures(data.test.names, _pictures(data.test, worst_first(comparison)), _seen(data))


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


def _pictures(part: ImagePart, rows: list[int]) -> dict[int, bytes]:
    pictures: dict[int, bytes] = {}
    room = MOST_BYTES
    for row in rows[:MOST_PICTURES]:
        png = to_png(np.asarray(part.images[row]))
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
            seen[f"{name}: {data.train.names[row]}"] = to_png(np.asarray(data.train.images[row]))
    return dict(list(seen.items())[:_SEEN])
