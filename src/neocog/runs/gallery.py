"""Gallery: the test items that a report may show, chosen by how many runs got them wrong."""

import numpy as np

from neocog.data.family import AbstractData, items_of
from neocog.runs.comparison import Comparison
from neocog.runs.comparison_folder import ComparisonFolder

MOST_BYTES = 2_000_000
MOST_PICTURES = 400
_RIGHT = 60


def keep_gallery(folder: ComparisonFolder, comparison: Comparison, data: AbstractData) -> None:
    """Write names, pictures of the worst test items (the chosen network's errors first), and what networks saw."""
    rows = worst_first(comparison)[: MOST_PICTURES - _RIGHT]
    others = [row for row in _spread(data) if row not in set(rows)]
    pictures = {**data.pictures("test", rows, MOST_BYTES), **data.pictures("test", others, MOST_BYTES // 8)}
    folder.write_pictures(data.names("test"), pictures, data.seen())


def worst_first(comparison: Comparison) -> list[int]:
    """Test rows that some run did worse than its best on: the chosen network's first, then the others'."""
    better = 1 if comparison.task.headline.higher_is_better else -1
    rows: dict[int, None] = {}
    arms = sorted(comparison.ranked, key=lambda arm: arm is not comparison.chosen)
    for arm in arms:
        scores = better * np.mean([comparison.task.item_scores(seed.record) for seed in arm.finished], axis=0)
        order = np.argsort(scores, kind="stable")
        rows |= dict.fromkeys(int(row) for row in order if scores[row] < scores.max())
    return list(rows)


def _spread(data: AbstractData) -> list[int]:
    """Test rows at even distances."""
    items = items_of(data, "test")
    return [int(row) for row in np.unique(np.linspace(0, items - 1, min(_RIGHT, items)).round())]
