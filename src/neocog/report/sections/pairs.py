"""Every pair: who beats whom, by how much."""

from collections.abc import Sequence

from neocog.figures.axes import Axis
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import decimal, points
from neocog.figures.verdicts import PairVerdict, Show, verdict_matrix
from neocog.measures.need_sentence import need_sentence
from neocog.measures.quantities import POINTS, size
from neocog.measures.sentences import errors_sentence, ranks_sentence, verdict_sentence
from neocog.measures.verdict import Verdict
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places, plural

FINE = 0.0025  # an interval narrower than this, in shares, is written with two decimals of a point


def section(evidence: Evidence) -> Section | None:
    """The answers, the intervals that decided them, and what limits them."""
    comparison = evidence.comparison
    found = comparison.verdicts
    if not found:
        return None
    unit, show = found[0].unit, _show(found)
    place = places(comparison)
    ends = "is" if unit == POINTS else "is, in the score's own unit"
    drawn = [
        verdict_matrix(
            "who-beats-whom",
            "Who beats whom",
            [arm.label for arm in comparison.ranked],
            [PairVerdict(v.a, v.b, v.difference, v.low, v.high, v.answer) for v in found],
            finding=comparison.sentence,
            show=show,
            unit=unit,
        ),
        interval_plot(
            "differences",
            f"The differences that decide, with 95 % intervals; grey: the margin of {size(comparison.margin, unit)}",
            [_row(v, place) for v in sorted(found, key=lambda v: -abs(v.difference))],
            Axis(f"how much better the first one {ends}" + (" in percentage points" if unit == POINTS else ""), show),
            finding=_finding(found),
            zero=0.0,
            margin=comparison.margin,
        ),
    ]
    words = (
        "All networks answered the same test items, so each pair is compared item by item, over all seeds. “Beats” and "
        "“tie” are said only when they hold after correction for the number of pairs; “cannot be told apart” means "
        "that these data leave it open, not that the two are equal."
    )
    lines = [f"{_pair(v)}: {note}" for v in found for note in (errors_sentence(v), *v.notes, need_sentence(v)) if note]
    lines += list(filter(None, [ranks_sentence(found)]))
    return Section(
        "pairs",
        "Every pair",
        rendered("drawn.html", words=[words], drawn=drawn, lines=lines),
        drawn,
    )


def _row(found: Verdict, place: dict[str, int]) -> IntervalRow:
    """The better one first, so that differences point to the right."""
    first, second, sign = (found.a, found.b, 1) if found.difference >= 0 else (found.b, found.a, -1)
    low, high = sorted((sign * found.low, sign * found.high))
    words = {"tie": f"{first} and {second}: tie", "unknown": f"{first} or {second}: cannot tell"}
    said = words.get(found.answer, f"{first} beats {second}")
    return IntervalRow(said, sign * found.difference, low, high, series=place[first])


def _finding(found: Sequence[Verdict]) -> str:
    decided = sum(v.answer in ("a", "b") for v in found)
    ties = sum(v.answer == "tie" for v in found)
    widest = max(found, key=lambda v: abs(v.difference))
    counted = f"{decided} decided, {plural(ties, 'tie')}, {len(found) - decided - ties} open"
    said = f"Of {plural(len(found), 'pair')}: {counted}."
    return f"{said} Widest: {verdict_sentence(widest)}"


def _pair(found: Verdict) -> str:
    return f"{found.a} and {found.b}"


def _show(found: tuple[Verdict, ...]) -> Show:
    if found[0].unit != POINTS:
        return lambda value: decimal(value, 4)
    fine = min(v.high - v.low for v in found) < FINE
    return _fine_points if fine else points


def _fine_points(value: float) -> str:
    return points(value, 2)
