"""Scores with intervals: the figure and the leaderboard."""

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import NOTHING, compact, count, seconds
from neocog.figures.numbers import interval as between
from neocog.report.measure import Measure, measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import item_count, places, plural, training_seconds
from neocog.runs.comparison import ArmResult, Comparison


def section(evidence: Evidence) -> Section | None:
    """The networks that have a score, best first."""
    comparison = evidence.comparison
    if not comparison.ranked:
        return None
    name = comparison.headline.name
    shown = measure(name)
    drawn = [_figure(comparison, shown)]
    others = [key for key in comparison.ranked[0].scores if key != name]
    words = (
        f"Means over seeds on {plural(item_count(comparison), 'test item')}, with 95 % intervals that allow for new "
        "seeds and for new test items like these. The intervals of two networks may overlap although one beats the "
        "other: pairs are judged item by item, below."
    )
    html = rendered(
        "scores.html",
        words=words,
        drawn=drawn,
        columns=_columns(shown, others),
        rows=[*(_row(arm, shown, others) for arm in comparison.ranked), *_baseline(comparison, shown, others)],
        legend=_legend([name, *others]),
        notes=[f"{arm.label}: {arm.interval.note}" for arm in comparison.ranked if arm.interval and arm.interval.note],
    )
    return Section("scores", f"{shown.title.capitalize()}, with intervals", html, drawn)


def _figure(comparison: Comparison, shown: Measure) -> Figure:
    place = places(comparison)
    rows = [
        IntervalRow(
            arm.label,
            arm.interval.mean,
            arm.interval.low,
            arm.interval.high,
            tuple(seed.scores[comparison.headline.name] for seed in arm.finished),
            place[arm.label],
        )
        for arm in comparison.ranked
        if arm.interval is not None
    ]
    return interval_plot(
        "scores",
        "Mean over runs with its 95 % interval; small dots are single runs",
        rows,
        Axis(f"{shown.title} on the test part", shown.show, within=(0.0, 1.0) if shown.is_share else None),
        finding=_finding(rows, shown),
    )


def _finding(rows: list[IntervalRow], shown: Measure) -> str:
    ends = [rows[0], rows[-1]] if len(rows) > 1 else rows
    said = [f"{row.label} with {shown.show(row.middle)} ({between(row.low, row.high, shown.show)})" for row in ends]
    return f"Best: {said[0]}." + (f" Last: {said[1]}." if len(said) > 1 else "")


def _columns(shown: Measure, others: list[str]) -> list[str]:
    return [
        "network",
        f"{shown.title} (95 % interval)",
        *(measure(name).title for name in others),
        "parameters",
        "multiply-adds per item",
        "training time per run",
        "time per answer",
        "answers per second, batches of 64",
        "runs",
    ]


def _row(arm: ArmResult, shown: Measure, others: list[str]) -> list[str]:
    assert arm.interval is not None
    interval = f"{shown.show(arm.interval.mean)} ({between(arm.interval.low, arm.interval.high, shown.show)})"
    return [
        arm.label,
        interval,
        *(measure(name).show(arm.scores.get(name, float("nan"))) for name in others),
        count(arm.parameters),
        compact(arm.macs),
        seconds(training_seconds(arm)),
        seconds(arm.latency_ms / 1000),
        count(arm.throughput),
        str(len(arm.finished)),
    ]


def _baseline(comparison: Comparison, shown: Measure, others: list[str]) -> list[list[str]]:
    """What is reached without looking at an item; it is no network, and in no pair."""
    if comparison.baseline is None:
        return []
    each = comparison.baseline.interval
    interval = f"{shown.show(each.mean)} ({between(each.low, each.high, shown.show)})"
    return [[comparison.baseline.label, interval, *([NOTHING] * len(others)), "0", *([NOTHING] * 5)]]


def _legend(names: list[str]) -> str:
    explained = [f"{measure(name).title}: {measure(name).meaning}" for name in names if measure(name).meaning]
    return ". ".join(line[0].upper() + line[1:] for line in explained) + "." if explained else ""
