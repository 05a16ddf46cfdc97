"""The report of a comparison by folds: which network, from data too few to keep a test part?"""

import math
import shlex
from pathlib import Path

from neocog.core.durable import write_durably
from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.figures.numbers import count, decimal, points, seconds
from neocog.measures.folds import WHAT_IT_HOLDS_FOR
from neocog.measures.quantities import POINTS, size
from neocog.measures.ranks import standing
from neocog.measures.sentences import advice, ranks_sentence, verdict_sentence
from neocog.measures.verdict import Verdict
from neocog.report.measure import measure
from neocog.report.page import document
from neocog.report.rendering import rendered
from neocog.report.section import Section
from neocog.report.words import plural
from neocog.runs.folds import FoldArm, FoldComparison


def write_folds(found: FoldComparison, path: str | Path) -> Path:
    """Write the report as one HTML file that opens offline; gives its path.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    made = (_answer(found), _scores(found), _pairs(found), _method(found))
    parts = [section for section in made if section is not None]
    about = f"{plural(len(found.arms), 'network')} on {found.data.name}, by cross-validation; budget {found.budget}"
    write_durably(path, document(parts, f"{parts[0].title} – {found.data.name}", about).encode("utf-8"))
    return path


def divided(found: FoldComparison) -> str:
    """How the items were divided, in a sentence."""
    runs = found.repeats * found.plan.folds
    return (
        f"{count(found.items)} items in {found.plan.folds} folds, {plural(found.repeats, 'repeat')}: each network was "
        f"trained {count(runs)} times, and tested once on every item in each repeat."
    )


def answer_lines(found: FoldComparison) -> list[str]:
    """One pair per line, with what limits its answer; what they all hold for is said once, elsewhere."""
    return [
        " ".join([verdict_sentence(verdict), *(note for note in verdict.notes if note != WHAT_IT_HOLDS_FOR)])
        for verdict in found.verdicts
    ]


def to_use(found: FoldComparison) -> str:
    """That no model here has seen all items, and how to train one that sees more; empty where none was chosen."""
    if found.chosen is None:
        return ""
    words = ["neocog", "train", found.source, "--network", found.chosen.label, "--set", "data.test=0.05"]
    return (
        f"No model here has seen more than {found.plan.folds - 1} of the {found.plan.folds} folds; for one to use, "
        f"train {found.chosen.label} once more, on nearly all items: `{shlex.join(words)}`."
    )


def score_figure(found: FoldComparison) -> Figure:
    """Each network's mean over all folds with its interval; dots are single folds."""
    shown = measure(found.headline.name)
    rows = [
        IntervalRow(
            arm.label,
            arm.interval.mean,
            arm.interval.low,
            arm.interval.high,
            tuple(arm.per_fold),
            place,
            "" if math.isfinite(arm.interval.low) else "its error is not known",
        )
        for place, arm in enumerate(found.ranked)
        if arm.interval is not None
    ]
    return interval_plot(
        "fold-scores",
        "Mean over all folds with its 95 % interval; small dots are single folds",
        rows,
        Axis(f"{shown.title} on the folds held back", shown.show, within=(0.0, 1.0) if shown.is_share else None),
    )


def fold_figure(found: FoldComparison) -> Figure:
    """The score of each network on each fold: where lines run together, the fold is hard or easy for all."""
    shown = measure(found.headline.name)
    numbers = list(range(1, found.repeats * found.plan.folds + 1))
    lines = [Curve(arm.label, [(numbers, arm.per_fold)], place) for place, arm in enumerate(found.ranked)]
    return curves(
        "folds",
        f"{shown.title.capitalize()} on each fold",
        lines,
        Axis("fold, repeat after repeat", count),
        Axis(shown.title, shown.show),
    )


def _answer(found: FoldComparison) -> Section:
    chosen = found.chosen
    if chosen is None:
        lines = [f"{arm.label}: {arm.failure}" for arm in found.failed]
        return Section("verdict", "No network has a result", rendered("drawn.html", words=[], drawn=[], lines=lines))
    beaten_by = standing(chosen.label, found.verdicts).beaten_by
    title = f"No clear choice: {chosen.label} or {beaten_by[0]}" if beaten_by else f"Use {chosen.label}"
    words = [advice(chosen.label, found.verdicts), found.sentence] if found.verdicts else [divided(found)]
    lines = [to_use(found), *found.notes, *(f"{arm.label} has no result: {arm.failure}" for arm in found.failed)]
    return Section("verdict", title, rendered("drawn.html", words=words, drawn=[], lines=lines))


def _scores(found: FoldComparison) -> Section | None:
    if not found.ranked:
        return None
    drawn = [score_figure(found), fold_figure(found)]
    words = (
        f"{divided(found)} Intervals allow for new training data of this kind and size, new seeds and new test items. "
        "Those of two networks may overlap although one beats the other: pairs are judged fold by fold, below."
    )
    lines = [_cost(arm) for arm in found.ranked]
    title = f"{measure(found.headline.name).title.capitalize()}, with intervals"
    return Section("scores", title, rendered("drawn.html", words=[words], drawn=drawn, lines=lines), drawn)


def _cost(arm: FoldArm) -> str:
    note = f" {arm.interval.note}" if arm.interval is not None and arm.interval.note else ""
    return (
        f"{arm.label}: {count(arm.parameters)} parameters, {seconds(arm.train_seconds)} of training per run, "
        f"{seconds(arm.latency_ms / 1000)} per answer.{note}"
    )


def _pairs(found: FoldComparison) -> Section | None:
    if not found.verdicts:
        return None
    unit = found.headline.unit
    ordered = sorted(found.verdicts, key=lambda verdict: -abs(verdict.difference))
    words = "in percentage points" if unit == POINTS else "in the score's own unit"
    figure = interval_plot(
        "differences",
        f"The differences that decide, with 95 % intervals; grey: the margin of {size(found.margin, unit)}",
        [_row(verdict, found) for verdict in ordered],
        Axis(f"how much better the first one is, {words}", points if unit == POINTS else decimal),
        finding=" ".join(verdict_sentence(verdict) for verdict in ordered),
        zero=0.0,
        margin=found.margin,
    )
    lines = [*answer_lines(found), *filter(None, [ranks_sentence(found.verdicts)])]
    lead = (
        "All networks had the same folds, so each pair is compared fold by fold. “Beats” and “tie” are said only when "
        "they hold after correction for the number of pairs; “cannot be told apart” means that these data leave it "
        "open, not that the two are equal."
    )
    body = rendered("drawn.html", words=[lead, WHAT_IT_HOLDS_FOR], drawn=[figure], lines=lines)
    return Section("pairs", "Every pair", body, [figure])


def _row(verdict: Verdict, found: FoldComparison) -> IntervalRow:
    """The better one first, so that differences point to the right."""
    ahead = verdict.difference >= 0
    first, second, sign = (verdict.a, verdict.b, 1) if ahead else (verdict.b, verdict.a, -1)
    low, high = sorted((sign * verdict.low, sign * verdict.high))
    words = {"tie": f"{first} and {second}: tie", "unknown": f"{first} or {second}: cannot tell"}
    place = [arm.label for arm in found.ranked].index(first)
    said = words.get(verdict.answer, f"{first} beats {second}")
    return IntervalRow(said, sign * verdict.difference, low, high, series=place)


def _method(found: FoldComparison) -> Section:
    k, runs = found.plan.folds, found.repeats * found.plan.folds
    anew = " Then all items were dealt out anew." if found.repeats > 1 else ""
    words = [
        f"All items were dealt out at random into {k} folds, each class in even shares. Each fold in turn was the test "
        "part; from the others a validation part was kept, by which each run chose its best moment and this page its "
        f"network.{anew}",
        f"Two training parts of a repeat share {k - 2} of their {k - 1} folds, so that {runs} scores tell less than "
        f"{runs} independent ones: the variance of their mean is taken as (1/{runs} + 1/{k - 1}) times that of single "
        "scores, where "
        f"1/{runs} alone would promise too much (Nadeau and Bengio 2003, Machine Learning 52:239).",
        "It does not say how good one trained model is, nor anything of data from another place, time or device. Other "
        "settings were not tried.",
    ]
    lines = [f"{name}: {value}" for name, value in found.made.items()]
    lines += [
        *(f"First fold: {note}" for note in found.data.notes),
        f"Every fold is a comparison of its own in {found.folder.name}.",
    ]
    return Section("method", "How it was made", rendered("drawn.html", words=words, drawn=[], lines=lines))
