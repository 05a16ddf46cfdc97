"""Learning curves, with the spread over seeds."""

import math

from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.measures.quantities import several
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places, still_improving
from neocog.runs.comparison import ArmResult, Comparison, SeedResult

Line = tuple[list[float], list[float]]


def section(evidence: Evidence) -> Section | None:
    """The headline on the validation part, and the loss in training."""
    comparison = evidence.comparison
    name = comparison.headline.name
    shown = measure(name)
    drawn = [
        figure
        for figure in (
            _figure(comparison, "learning", f"{shown.title.capitalize()} on the validation part", name, shown.title),
            _figure(comparison, "loss", "Loss on the training part", "loss", "loss"),
        )
        if figure is not None
    ]
    if not drawn:
        return None
    words = (
        "Lines are means over seeds, bands run from the lowest to the highest seed. Passes over the data are not time: "
        "networks that cost less make more passes in the same time."
    )
    late = [arm.label for arm in comparison.ranked if still_improving(arm, comparison)]
    lines = [f"Still improving when the budget ended, so that more time may help: {several(late)}."] if late else []
    return Section(
        "learning", "How they learned", rendered("drawn.html", words=[words], drawn=drawn, lines=lines), drawn
    )


def _figure(comparison: Comparison, key: str, title: str, name: str, y_label: str) -> Figure | None:
    place = places(comparison)
    lines = [Curve(arm.label, _runs(arm, name), place[arm.label]) for arm in comparison.ranked]
    lines = [line for line in lines if any(xs for xs, _ in line.runs)]
    if not lines:
        return None
    return curves(
        key,
        title,
        lines,
        Axis("passes over the training part"),
        Axis(y_label, measure(name).show),
    )


def _runs(arm: ArmResult, name: str) -> list[Line]:
    return [_line(seed, name) for seed in arm.finished]


def _line(seed: SeedResult, name: str) -> Line:
    found = [(row.epoch, {**row.numbers, **row.scores}.get(name, math.nan)) for row in seed.history]
    kept = [(x, y) for x, y in found if math.isfinite(y)]
    return [x for x, _ in kept], [y for _, y in kept]
