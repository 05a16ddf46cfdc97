"""Where in a text the next character was hard to foresee."""

from collections.abc import Sequence

import numpy as np

from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.figures.numbers import decimal, percent
from neocog.tasks.task import Record, Samples

MOST_PLACES = 40


def language_figures(samples: Samples) -> list[Figure]:
    """Nats per character along the test part, one line per network."""
    lines = [Curve(label, [_along(run) for run in runs]) for label, runs in samples.records.items() if runs]
    title = "How hard the text is to foresee, from its beginning to its end"
    return [curves("along-the-text", title, lines, Axis("of the test part", percent), Axis("nats", decimal))]


def _along(run: Record) -> tuple[Sequence[float], Sequence[float]]:
    stretches = np.array_split(run["nats"], min(MOST_PLACES, len(run["nats"])))
    middles = (np.arange(len(stretches)) + 0.5) / len(stretches)
    return middles.tolist(), [float(each.mean()) for each in stretches]
