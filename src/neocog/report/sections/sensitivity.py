"""What breaks the networks: scores on perturbed test items, and whether maps move along with their image."""

from collections.abc import Sequence
from dataclasses import dataclass

from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, curves
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.numbers import compact, count, decimal, percent
from neocog.figures.numbers import interval as between
from neocog.measures.intervals import Interval
from neocog.report.measure import Measure, measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import places, plural
from neocog.runs.comparison import Comparison
from neocog.runs.sensitivity import Sensitivity, load_sensitivity, out_of_date
from neocog.runs.sensitivity_kept import NetworkSensitivity, Tried

ROUNDING = 1e-5
IN_A_ROW = 6


@dataclass(frozen=True)
class Listing:
    """A table with its words; ``cards`` where it has many columns of short values."""

    title: str
    words: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[str] = ()
    cards: bool = True


def section(evidence: Evidence) -> Section | None:
    """Sentences first; then a panel for each kind of change, areas, and what was measured of maps and answers."""
    comparison = evidence.comparison
    found = load_sensitivity(comparison.folder)
    if found is None:
        return None
    shown = measure(comparison.headline.name)
    panels = [(_curves(found, tried, comparison, shown), _strip(tried)) for tried in found.tried]
    html = rendered(
        "sensitivity.html",
        sentences=[network.sentence for network in found.networks],
        notes=[*filter(None, [out_of_date(found, comparison)]), *found.notes],
        words=[_words(found, shown)],
        panels=panels,
        tables=[table for table in (_areas(found, shown), _answers(found), _maps(found)) if table.rows],
    )
    return Section("sensitivity", "What breaks it", html, [figure for panel in panels for figure in panel])


def _words(found: Sensitivity, shown: Measure) -> str:
    return (
        f"Each panel shows the {shown.title} on {plural(found.items, 'test item')}, changed as its title says; 0 is "
        "the item as it is. Lines are means over runs and directions, bands are 95 % intervals for new seeds and items "
        "like these. All networks see the very same changed items. Naming the commonest class each time is right for "
        f"{percent(found.chance)}: what is above that is what a network knows. The strengths that were tried are a "
        "choice: a change that looks harmless here may break a network further on."
    )


def _curves(found: Sensitivity, tried: Tried, comparison: Comparison, shown: Measure) -> Figure:
    place = places(comparison)
    lines = []
    for order, network in enumerate(found.networks):
        scores = network.changes[tried.name].scores
        ends = ((tried.strengths, [s.low for s in scores]), (tried.strengths, [s.high for s in scores]))
        mean = (tried.strengths, [s.mean for s in scores])
        lines.append(Curve(network.label, [mean], place.get(network.label, order), band=ends))
    return curves(
        f"sensitivity-{tried.name}",
        tried.title[0].upper() + tried.title[1:],
        lines,
        Axis(tried.axis),
        Axis(shown.title, shown.show, within=(0.0, 1.0), holds=_whole_range(found)),
        finding=_finding(found, tried, shown),
    )


def _whole_range(found: Sensitivity) -> tuple[float, ...]:
    """The ends of all panels, so that they can be compared."""
    scores = [s for network in found.networks for change in network.changes.values() for s in change.scores]
    return min(max(0.0, s.low) for s in scores), max(min(1.0, s.high) for s in scores)


def _finding(found: Sensitivity, tried: Tried, shown: Measure) -> str:
    said = []
    for network in found.networks:
        change = network.changes[tried.name]
        from_to = f"{network.label} {shown.show(change.scores[0].mean)} to {shown.show(change.scores[-1].mean)}"
        said.append(f"{from_to}, half lost at {change.half}" if change.half else from_to)
    return f"{tried.does} From intact to {tried.shown[-1]}: {'; '.join(said)}."


def _strip(tried: Tried) -> Figure:
    pictures = [Picture(png, words) for png, words in zip(tried.pngs, tried.shown, strict=True)]
    ways = f", in one of its {tried.ways} directions" if tried.ways > 1 else ""
    return gallery(
        f"strip-{tried.name}",
        f"A test item under {tried.title}{ways}",
        pictures,
        columns=IN_A_ROW,
        lines=1,
        finding=f"One of the test items: {', '.join(tried.shown)}.",
    )


def _areas(found: Sensitivity, shown: Measure) -> Listing:
    rows = []
    for network in found.networks:
        cells = [_area(network, tried, shown) for tried in found.tried]
        rows.append((network.label, shown.show(_intact(network).mean), *cells))
    told = [v for v in found.verdicts if v.answer in ("a", "b")]
    titles = {tried.name: tried.title for tried in found.tried}
    lines = [f"Under {titles[v.change]}: {v.sentence}" for v in told]
    open_pairs = len(found.verdicts) - len(told)
    if open_pairs:
        ties = sum(v.answer == "tie" for v in found.verdicts)
        lines.append(
            f"Of all {plural(len(found.verdicts), 'pair')} of networks under a change {ties:,} tie, and "
            f"{open_pairs - ties:,} cannot be told apart."
        )
    words = (
        f"The {shown.title} averaged over all strengths from 0 to the largest (the area under the curve by the "
        "trapezoid rule, divided by the range), and behind it what share of the intact score that is, with its 95 % "
        "interval: 1 where nothing is lost. Pairs are judged by that area, item by item, as in the comparison, and "
        "corrected for the number of pairs under each change; a network that is better intact has a head start there."
    )
    return Listing("Areas under the curves", words, ("network", "intact", *(t.title for t in found.tried)), rows, lines)


def _intact(network: NetworkSensitivity) -> Interval:
    return next(iter(network.changes.values())).scores[0]


def _area(network: NetworkSensitivity, tried: Tried, shown: Measure) -> str:
    change = network.changes[tried.name]
    share = "" if change.kept is None else f"; keeps {_share(change.kept)}"
    return f"{shown.show(change.area.mean)}{share}"


def _share(kept: Interval) -> str:
    return f"{decimal(kept.mean, 2)} ({between(kept.low, kept.high, lambda end: decimal(end, 2))})"


def _answers(found: Sensitivity) -> Listing:
    """How often the answer stays under the weakest and the strongest shift, or whatever was tried first."""
    tried = next((each for each in found.tried if each.name == "shift"), found.tried[0])
    rows = []
    for network in found.networks:
        change = network.changes[tried.name]
        for level in sorted({1, len(tried.strengths) - 1}):
            same = change.same[level]
            stays = f"{percent(same.mean)} ({between(same.low, same.high, percent)})"
            rows.append((network.label, tried.shown[level], stays, decimal(change.distance[level], 3)))
    words = (
        f"Whether the output stays when the item is changed ({tried.title}): the share of items that keep their class, "
        "right or wrong, and how far the probabilities move (total variation: 0 not at all, 1 altogether)."
    )
    columns = ("network", tried.title, "same class (95 % interval)", "probabilities move by")
    return Listing("Invariance of the output, measured", words, columns, rows, cards=False)


def _maps(found: Sensitivity) -> Listing:
    rows = []
    for network in found.networks:
        for each in network.maps:
            moved = f"{each.pixels} px = {plural(each.cells, 'cell')}"
            if each.error is None or each.largest is None:
                rows.append((network.label, each.name, moved, "every place sees an edge", "", ""))
                continue
            verdict = "moves along" if each.largest <= ROUNDING else "does not"
            numbers = f"{compact(each.error)} (largest {compact(each.largest)})"
            rows.append((network.label, each.name, moved, numbers, percent(each.compared, 0), verdict))
    without = [network.label for network in found.networks if not network.maps]
    lines = [f"{label} has no maps." for label in without]
    words = (
        "Convolution is equivariant: shift the image and the maps shift. Measured as ||f(Tx) - T f(x)|| / ||f(x)||, "
        "with shifts that the stride of the map divides, so that nothing is interpolated, and only at places that see "
        f"neither an edge nor padding; up to {count(ROUNDING * 1e6)} millionths are rounding."
    )
    columns = ("network", "map", "shift", "relative error", "places compared", "")
    return Listing("Equivariance of the maps, measured", words, columns, rows, lines, cards=False)
