"""Score against cost, with those that nothing beats on both."""

from collections.abc import Callable, Iterator

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure
from neocog.figures.numbers import compact, seconds
from neocog.figures.scatter import ScatterPoint, scatter
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places, training_seconds
from neocog.runs.comparison import ArmResult, Comparison

Cost = tuple[str, str, str, Callable[[ArmResult], float], Callable[[float], str]]

COSTS: tuple[Cost, ...] = (
    ("parameters", "Size", "parameters", lambda arm: float(arm.parameters), compact),
    ("macs", "Work per answer", "multiply-adds per item", lambda arm: float(arm.macs), compact),
    ("latency", "Time per answer", "time for one item", lambda arm: arm.latency_ms / 1000, seconds),
    ("training", "Time to train", "training time per run", training_seconds, seconds),
)


def section(evidence: Evidence) -> Section | None:
    """One scatter per kind of cost."""
    comparison = evidence.comparison
    if len(comparison.ranked) < 2:
        return None
    drawn = list(_figures(comparison))
    words = (
        "Up is better, left is cheaper. Filled signs, joined by the dashed line, are worth considering: no other "
        "network is at least as good for less (the Pareto front, by mean scores). Hollow ones are beaten on both "
        "counts. Vertical lines are 95 % intervals."
    )
    title = f"{measure(comparison.headline.name).title.capitalize()} against cost"
    return Section("cost", title, rendered("drawn.html", words=[words], drawn=drawn, lines=[]), drawn)


def _figures(comparison: Comparison) -> Iterator[Figure]:
    shown = measure(comparison.headline.name)
    place = places(comparison)
    for key, title, axis, cost, show in COSTS:
        spots = [
            ScatterPoint(arm.label, cost(arm), arm.interval.mean, arm.interval.low, arm.interval.high, place[arm.label])
            for arm in comparison.ranked
            if arm.interval is not None
        ]
        yield scatter(
            f"cost-{key}",
            title,
            spots,
            Axis(axis, show, log=True),
            Axis(shown.title, shown.show),
            higher_is_better=comparison.headline.higher_is_better,
        )
