"""What clusters hold, in pictures: typical and doubtful members, or a plane and profiles for tables."""

from collections.abc import Sequence

import numpy as np

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.numbers import decimal
from neocog.figures.plane import plane
from neocog.figures.profiles import profiles
from neocog.measures.clustering import contingency
from neocog.tasks.task import Record, Samples

CLUSTERS = 12
TYPICAL, DOUBTFUL = 3, 1


def cluster_figures(samples: Samples, columns: Sequence[str], classes: Sequence[str]) -> list[Figure]:
    """Figures of the first run of the first network of the samples."""
    label, runs = next(iter(samples.records.items()))
    run = runs[0]
    if columns:
        finding = f"{len(run['clusters']):,} rows on the two axes along which they vary most, by their cluster."
        where = Axis("first axis", decimal), Axis("second axis", decimal)
        return [
            plane("plane", f"Where {label} divides the rows", run["plane"], run["clusters"], *where, finding=finding),
            profiles("profiles", f"What is in each cluster of {label}", run["rows"], run["clusters"], columns),
        ]
    return [_members(label, run, samples, classes)] if samples.pictures else []


def _members(label: str, run: Record, samples: Samples, classes: Sequence[str]) -> Figure:
    """Of every cluster the members that are surest and least sure of it, among those with a picture."""
    sure, clusters = run["silhouettes"], run["clusters"]
    names, sizes = np.unique(clusters, return_counts=True)
    pictures: list[Picture] = []
    for name in names[np.argsort(-sizes, kind="stable")][:CLUSTERS]:
        rows = sorted((row for row in samples.pictures if clusters[row] == name), key=lambda row: -sure[row])
        for row in rows[:TYPICAL]:
            pictures.append(_picture("typical", int(name), row, run, samples, classes))
        for row in rows[max(TYPICAL, len(rows) - DOUBTFUL) :]:
            pictures.append(_picture("doubtful", int(name), row, run, samples, classes))
    finding = f"{len(names)} clusters, the largest first: the members surest of theirs, then the most doubtful."
    return gallery("clusters", f"What is in each cluster of {label}", pictures, finding=finding + _purity(run))


def _picture(kind: str, name: int, row: int, run: Record, samples: Samples, classes: Sequence[str]) -> Picture:
    said = f" is {classes[int(run['labels'][row])]}," if classes else ""
    sure = decimal(float(run["silhouettes"][row]), 2)
    return Picture(samples.pictures[row], f"cluster {name}, {kind} ({sure}):{said} {samples.names[row]}")


def _purity(run: Record) -> str:
    if "labels" not in run:
        return ""
    counts = contingency(run["clusters"], run["labels"])
    return f" {100 * counts.max(1).sum() / counts.sum():.1f} % of the items have the commonest label of their cluster."
