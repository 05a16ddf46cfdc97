"""What ``neocog compare --sizes`` says in the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neocog.cli.going_on import compare_into, says_how_to_go_on
from neocog.cli.output import Output

if TYPE_CHECKING:
    from neocog.runs.size_curve import SizeCurve


def run_sizes(out: Output, data: str | None, networks: str | None, sizes: str, asked_for: dict[str, Any]) -> None:
    """Compare at each size, and show what came out."""
    from neocog.runs.size_curve import compare_sizes

    with says_how_to_go_on(lambda folder: f"{compare_into(folder.parent)} --sizes {sizes}"):
        show_sizes(out, compare_sizes(data, networks, sizes=sizes, **asked_for))


def show_sizes(out: Output, curve: "SizeCurve", into: Path | None = None) -> None:
    """Write the report of all sizes and of each, and show who leads where."""
    from neocog.cli.compare import as_json
    from neocog.report.page import write
    from neocog.report.sizes import conclusions, write_sizes
    from neocog.runs.growth import as_json as as_growth
    from neocog.runs.growth import growths

    reports = [write(point.comparison, point.comparison.folder / "report.html") for point in curve.points]
    report = write_sizes(curve, into or curve.folder / "report.html")
    out.document(
        {
            "sizes": [
                {"size": point.size, "images": point.items, **as_json(point.comparison, page)}
                for point, page in zip(curve.points, reports, strict=True)
            ],
            "conclusions": conclusions(curve),
            "growth": as_growth(growths(curve)),
            "report": report,
        }
    )
    headline = curve.points[-1].comparison.headline
    rows = []
    for label in curve.labels:
        arms = [curve.arm(label, point) for point in curve.points]
        rows.append((label, *(headline.show(arm.interval.mean) if arm and arm.interval else "-" for arm in arms)))
    out.table(
        f"{headline.title} by training images of each class", ("network", *(f"{p.size}>" for p in curve.points)), rows
    )
    for point, page in zip(curve.points, reports, strict=True):
        out.say(f"Report of {point.size}: {page}")
    out.say(f"Report: {report}")
    for line in (*conclusions(curve), *(each.sentence for each in growths(curve))):
        out.say(line)
