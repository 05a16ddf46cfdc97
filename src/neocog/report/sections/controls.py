"""Does this data need a CNN? What the controls showed."""

from neocog.figures.axes import Axis
from neocog.figures.figure import Figure
from neocog.figures.intervals import IntervalRow, interval_plot
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places
from neocog.runs.comparison import Comparison
from neocog.runs.controls import Controls, load_controls


def section(evidence: Evidence) -> Section | None:
    """The sentence, the scores with pixels in place and permuted, and each control in a line."""
    found = load_controls(evidence.comparison.folder)
    if found is None:
        return None
    comparison = evidence.comparison
    drawn = [_figure(comparison, found)] if found.scores else []
    words = [
        found.sentence,
        "An MLP takes each pixel for itself, so it does as well when the pixels of all images stand in another order, "
        "the same for all; what a convolutional network loses then is what it owes to where the pixels stand. With "
        "shuffled labels nothing can be learned that holds for the test part: a score above chance there would show "
        "that the true answers leak into training.",
    ]
    html = rendered("drawn.html", words=words, drawn=drawn, lines=[*found.lines, *_notes(comparison, found)])
    return Section("controls", "Does this data need a CNN?", html, drawn)


def _figure(comparison: Comparison, found: Controls) -> Figure:
    shown = measure(comparison.headline.name)
    place = places(comparison)
    labels = list(dict.fromkeys(each.label for each in found.scores))
    series = {label: place.get(label, len(place) + number) for number, label in enumerate(labels)}
    rows = [
        IntervalRow(
            each.label + ("" if each.pixels == "in place" else ", pixels in another order"),
            each.mean,
            each.low,
            each.high,
            each.per_seed,
            series[each.label],
        )
        for each in found.scores
    ]
    return interval_plot(
        "controls",
        "The same networks with the pixels in place and in another order; 95 % intervals, small dots are single runs",
        rows,
        Axis(f"{shown.title} on the test part", shown.show, within=(0.0, 1.0) if shown.is_share else None),
    )


def _notes(comparison: Comparison, found: Controls) -> list[str]:
    if comparison.seeds == found.seeds:
        return list(found.notes)
    seeds = f"{found.seeds} seeds, the comparison has {comparison.seeds}"
    return [f"The controls rest on {seeds} by now: go on with --controls.", *found.notes]
