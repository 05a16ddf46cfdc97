"""The report of the textbook's claims: which hold here, by how much, and what the control showed."""

import math
from collections.abc import Sequence
from pathlib import Path

from neocog.claims.effect import Effect
from neocog.claims.finding import Finding
from neocog.claims.judge import MEANING, Answer, alone
from neocog.claims.words import amount, conclusion, least, meaning, shown
from neocog.core.durable import write_durably
from neocog.figures.axes import Axis, Show
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import NOTHING, compact, decimal, points, seconds
from neocog.measures.quantities import POINTS
from neocog.report.page import document
from neocog.report.rendering import rendered
from neocog.report.section import Section

COLUMNS = ("claim", "verdict", "effect, with its 95 % interval", "smallest of interest", "what the control showed")
CONDITIONS = ("the claim", "its control")
IN_A_CONTROL: dict[Answer, str] = {
    "holds": "shown",
    "does not hold (here)": "not shown",
    "reversed": "reversed",
    "cannot tell": "not excluded",
}


def write_claims(findings: Sequence[Finding], path: str | Path) -> Path:
    """Write the report as one HTML file that opens offline; gives its path.

    Args:
        findings: what is known, in the order of the report; one at least.
        path: the file; it is replaced at once, or stays what it was.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    first = Section("claims", "The textbook, measured", rendered("claims.html", **_overview(findings)))
    parts = [first, *(_section(finding) for finding in findings)]
    on = findings[0].data
    about = f"{len(findings)} claims on {on}, each with a control"
    write_durably(path, document(parts, f"The textbook, measured – {on}", about).encode("utf-8"))
    return path


def _overview(findings: Sequence[Finding]) -> dict[str, object]:
    rows = [
        (
            finding.title,
            finding.answer,
            amount(finding.effect, finding.unit),
            least(finding),
            shown(finding),
        )
        for finding in findings
    ]
    answers = {finding.answer for finding in findings}
    return {
        "sentence": conclusion(findings),
        "columns": COLUMNS,
        "rows": rows,
        "legend": [f"{answer}: {words}" for answer, words in MEANING.items() if answer in answers],
    }


def _section(finding: Finding) -> Section:
    facts = [
        ("Hypothesis, written before the run", finding.hypothesis),
        ("Effect", f"{amount(finding.effect, finding.unit)}; {_from(finding.effect)}"),
        ("Smallest effect of interest", least(finding)),
        ("Where it must not show", finding.condition),
        ("The control", f"It {shown(finding)}."),
        ("Who says so", finding.source),
        ("Tested at", finding.scale if finding.data.endswith("digits") else f"{finding.scale}; on {finding.data}"),
        ("It took", seconds(finding.seconds)),
    ]
    drawn = _figures(finding)
    html = rendered(
        "claim.html",
        lead=f"{finding.answer.capitalize()}. {meaning(finding)}",
        facts=facts,
        drawn=drawn,
        lines=[*finding.effect.notes, *finding.control.notes],
    )
    return Section(finding.name, finding.title, html, drawn)


def _from(effect: Effect) -> str:
    return f"95 % interval over {effect.over}" if effect.over else "counted, not sampled"


def _figures(finding: Finding) -> list[Figure]:
    effects = dict(zip(CONDITIONS, (finding.effect, finding.control), strict=True))
    counted = all(effect.low == effect.high for effect in effects.values())
    drawn = [] if counted else [_effects(finding, effects)]
    return drawn + [_sides(finding, effects)] + [made for made in [_lines(finding, effects)] if made is not None]


def _effects(finding: Finding, effects: dict[str, Effect]) -> Figure:
    rows = [
        IntervalRow(name, effect.value, effect.low, effect.high, note=_note(name, effect, finding.smallest))
        for name, effect in effects.items()
    ]
    axis = Axis(f"effect in {finding.unit}, to the right as predicted", _show(finding, signed=True))
    return interval_plot(
        f"effect-{finding.name}",
        "The effect, and the same where it must not show",
        rows,
        axis,
        zero=0.0,
        margin=finding.smallest,
    )


def _note(condition: str, effect: Effect, smallest: float) -> str:
    answer = alone(effect, smallest)
    return answer if condition == CONDITIONS[0] else IN_A_CONTROL[answer]


def _sides(finding: Finding, effects: dict[str, Effect]) -> Figure:
    """The means of what was set against each other, with every run as a dot."""
    rows = [
        IntervalRow(f"{name}, {condition}", sum(runs) / len(runs), float("nan"), float("nan"), runs, place)
        for condition, effect in effects.items()
        for place, (name, runs) in enumerate(effect.sides.items())
    ]
    axis = Axis("each dot is one run" if finding.effect.over else "as counted", _show(finding, signed=False))
    return interval_plot(f"sides-{finding.name}", "What was set against each other", rows, axis)


def _lines(finding: Finding, effects: dict[str, Effect]) -> Figure | None:
    """The curves that the experiment kept, if any."""
    lines = [
        Curve(f"{name}, {condition}", [([x for x, _ in line], [y for _, y in line])])
        for condition, effect in effects.items()
        for name, line in effect.lines.items()
    ]
    if not lines:
        return None
    x, y = finding.effect.x, finding.effect.y
    return curves(f"lines-{finding.name}", f"{y.capitalize()} by {x}", lines, Axis(x, compact), Axis(y, compact))


def _show(finding: Finding, *, signed: bool) -> Show:
    """How values are written: shares in points or percentages, large counts in short, others as decimals."""
    if finding.unit == POINTS:
        return points if signed else _share
    return compact if finding.smallest >= 100 else decimal


def _share(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f}".replace("-", "−") if math.isfinite(value) else NOTHING
