"""How forecasts compare with simple methods, and what they look like."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure
from neocog.figures.forecast_plot import Ahead, forecast_plot
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import compact, count, decimal, percent
from neocog.figures.standalone import standalone
from neocog.tasks.task import Record

MOST_FORECASTS = 5
_NONE = float("nan")


class Asked(NamedTuple):
    """One answered series: its name, its past, the forecast with its interval, and its last moment."""

    name: str
    history: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray
    until: str


def forecast_figures(
    runs: Mapping[str, Sequence[Record]],
    errors: Mapping[str, Sequence[float]],
    references: Mapping[str, float],
    target: str,
    horizon: int,
) -> list[Figure]:
    """Two figures: every network's error beside those of simple methods, and forecasts of the first network.

    Args:
        runs: of each network and run ``low``, ``middle``, ``high`` and ``truth``, forecast by forecast.
        errors: MASE of each network and run.
        references: MASE of simple methods.
        target: what is drawn.
        horizon: steps of a forecast.
    """
    rows = [
        IntervalRow(label, float(np.mean(found)), _NONE, _NONE, dots=list(found) if len(found) > 1 else ())
        for label, found in errors.items()
    ]
    rows += [
        IntervalRow(name.replace("_", " "), error, _NONE, _NONE, note="for comparison")
        for name, error in references.items()
    ]
    rows.sort(key=lambda row: row.middle)
    title = "Errors beside those of simple methods: further left is better"
    beside = interval_plot("beside-simple-methods", title, rows, Axis("MASE", decimal))
    label, first = next(iter(runs.items()))
    return [beside, _over_truth(label, first[0], target, horizon)]


def answer_figure(asked: Asked) -> bytes:
    """The forecast of one series as an SVG file."""
    known = [(float(place), float(value)) for place, value in enumerate(asked.history, 1 - len(asked.history))]
    ahead = Ahead(1, asked.middle.tolist(), asked.low.tolist(), asked.high.tolist())
    title = f"{asked.name} until {asked.until}"
    figure = forecast_plot(
        "forecast", title, [ahead], known, Axis("moments from now", count), Axis(asked.name, compact)
    )
    return standalone(figure).encode()


def _over_truth(label: str, run: Record, target: str, horizon: int) -> Figure:
    """The last forecasts that do not overlap."""
    last = len(run["truth"]) - 1
    rows = sorted(row for row in range(last, -1, -horizon))[-MOST_FORECASTS:]
    forecasts, known = [], []
    for place, row in enumerate(rows):
        start = place * horizon
        forecasts.append(Ahead(start, *(run[name][row, :, 0].tolist() for name in ("middle", "low", "high"))))
        known += [(float(start + step), float(value)) for step, value in enumerate(run["truth"][row, :, 0])]
    inside = float(((run["low"] <= run["truth"]) & (run["truth"] <= run["high"])).mean())
    finding = f"Of all values of the test part {percent(inside)} lie in their intervals; the last ones are drawn."
    title = f"{target} as {label} forecast it, {horizon} moments at a time"
    return forecast_plot(
        "forecasts", title, forecasts, known, Axis("moment", count), Axis(target, compact), finding=finding
    )
