"""The report of several amounts of training data: who needs how many images?"""

from pathlib import Path

from markupsafe import Markup

from neocog.core.durable import write_durably
from neocog.figures.axes import Axis
from neocog.figures.curves import Curve, Line, curves
from neocog.figures.figure import Figure
from neocog.figures.numbers import count, interval
from neocog.measures.ranks import standing
from neocog.measures.sentences import advice
from neocog.report.measure import measure
from neocog.report.page import document
from neocog.report.rendering import rendered
from neocog.report.section import Section
from neocog.report.words import plural
from neocog.runs.comparison import ArmResult
from neocog.runs.growth import HOLDS_FOR, Growth, growths
from neocog.runs.size_curve import SizeCurve, SizePoint
from neocog.tasks.task import Headline


def write_sizes(curve: SizeCurve, path: str | Path) -> Path:
    """Write the report as one HTML file that opens offline; gives its path.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    last = curve.points[-1].comparison
    figure = size_figure(curve)
    first = Section("sizes", "Who needs how many images?", _body(curve, figure), [figure])
    networks = plural(len(curve.labels), "network")
    about = f"{networks} on {last.data.name}, with {_listed(curve)} training images of each class"
    parts = [first, *(_section(point) for point in curve.points)]
    write_durably(path, document(parts, f"Sizes – {last.data.name}", about).encode("utf-8"))
    return path


def conclusions(curve: SizeCurve) -> list[str]:
    """A sentence per size: the network to use there, and how sure that is."""
    return [f"With {words(point)}: {_conclusion(point)}" for point in curve.points]


def words(point: SizePoint) -> str:
    """The size in words."""
    if point.size == "all":
        return f"all {count(point.items)} training images ({count(round(point.per_class))} of a class on average)"
    return f"{point.size} training images of each class ({count(point.items)} in all)"


def size_figure(curve: SizeCurve) -> Figure:
    """The headline over training images of a class, with 95 % intervals as bands, and where its law expects it."""
    shown = measure(curve.points[-1].comparison.headline.name)
    lines = []
    for place, (label, grown) in enumerate(zip(curve.labels, growths(curve), strict=True)):
        found = [(point.per_class, arm.interval) for point in curve.points if (arm := curve.arm(label, point))]
        xs = [x for x, _ in found]
        mean, low, high = ([getattr(each, end) for _, each in found] for end in ("mean", "low", "high"))
        lines.append(Curve(label, [(xs, mean)], place, band=((xs, low), (xs, high)), beyond=_beyond(grown, curve)))
    return curves(
        "sizes",
        f"{shown.title.capitalize()} by the number of training images",
        [line for line in lines if line.runs[0][0]],
        Axis("training images of a class", count, log=True),
        Axis(shown.title, shown.show),
    )


def _beyond(grown: Growth, curve: SizeCurve) -> Line | None:
    """The law as scores over images of a class; None where there is none."""
    if grown.law is None:
        return None
    last = curve.points[-1]
    places, errors = zip(*grown.beyond, strict=True)
    return [n * last.per_class / last.items for n in places], [1 - error for error in errors]


def _conclusion(point: SizePoint) -> str:
    found = point.comparison
    if found.chosen is None or found.chosen.interval is None:
        return "no network has a result."
    closing = f" {advice(found.chosen.label, found.verdicts)}" if found.verdicts else ""
    title = measure(found.headline.name).title
    return f"{found.chosen.label}, {title} {_score(found.chosen, found.headline)}.{closing}"


def _score(arm: ArmResult, headline: Headline) -> str:
    assert arm.interval is not None
    show = measure(headline.name).show
    return f"{show(arm.interval.mean)} ({interval(arm.interval.low, arm.interval.high, show)})"


def _body(curve: SizeCurve, figure: Figure) -> Markup:
    lead = (
        "Lines are means over seeds, bands are 95 % intervals for new seeds and new test items. All sizes share the "
        "validation part and the test part; a larger training part includes the smaller ones. Each size had the same "
        "budget."
    )
    found = growths(curve)
    followed = f"Dotted: what the law of each network expects of more images. {HOLDS_FOR}"
    words = [lead, followed] if any(each.law is not None for each in found) else [lead]
    lines = [*conclusions(curve), *(each.sentence for each in found)]
    return rendered("drawn.html", words=words, drawn=[figure], lines=lines)


def _section(point: SizePoint) -> Section:
    found = point.comparison
    headline = found.headline
    lines = [f"{arm.label}: {_score(arm, headline)}" for arm in found.ranked]
    lines += [f"{arm.label} has no result: {arm.failure}" for arm in found.failed]
    if found.chosen is not None and found.verdicts:
        place = standing(found.chosen.label, found.verdicts)
        lines += [f"{found.chosen.label} beats {', '.join(place.beats)}."] if place.beats else []
    closing = f"Everything on this size is in {found.folder.name}/report.html."
    body = rendered(
        "drawn.html",
        words=[f"{measure(headline.name).title.capitalize()}, best first.", closing],
        drawn=[],
        lines=lines,
    )
    return Section(f"size-{point.size}", f"With {words(point)}", body)


def _listed(curve: SizeCurve) -> str:
    *some, last = [point.size for point in curve.points]
    return f"{', '.join(some)} and {last}" if some else last
