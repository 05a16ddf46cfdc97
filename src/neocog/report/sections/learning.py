"""Learning curves, with the spread over seeds."""

import math

from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.figures.numbers import compact, seconds
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places
from neocog.runs.comparison import ArmResult, Comparison, SeedResult
from neocog.runs.learned import SPENT, Spent, leads_in_words, score_lines, still_improving

_SPENT: dict[Spent, str] = {"FLOPs": "training FLOPs of a run", "seconds": "training time of a run"}

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
            *(_against_budget(comparison, spent) for spent in SPENT),
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
    crossings = [leads_in_words(comparison, spent) for spent in SPENT]
    lines = list(filter(None, [*crossings, *still_improving(comparison).values()]))
    if any(crossings):
        lines.append(
            "A curve shows one long run on its way. A run that was planned to end there, with its schedule of learning "
            "rates, may have done better."
        )
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


def _against_budget(comparison: Comparison, spent: Spent) -> Figure | None:
    """The score over what a run had cost by then, so that crossings show; None where there is nothing to compare."""
    found = score_lines(comparison, spent)
    if len(found) < 2:
        return None
    place, shown = places(comparison), measure(comparison.headline.name)
    return curves(
        f"score-by-{spent.lower()}",
        f"{shown.title.capitalize()} on the validation part against {_SPENT[spent]}",
        [Curve(label, [line], place[label]) for label, line in found.items()],
        Axis(_SPENT[spent], seconds if spent == "seconds" else compact, log=True),
        Axis(shown.title, shown.show),
        finding=leads_in_words(comparison, spent),
    )


def _runs(arm: ArmResult, name: str) -> list[Line]:
    return [_line(seed, name) for seed in arm.finished]


def _line(seed: SeedResult, name: str) -> Line:
    found = [(row.epoch, {**row.numbers, **row.scores}.get(name, math.nan)) for row in seed.history]
    kept = [(x, y) for x, y in found if math.isfinite(y)]
    return [x for x, _ in kept], [y for _, y in kept]
