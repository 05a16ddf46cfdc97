"""What the networks saw: items after preparation."""

from neocog.figures.figure import Picture
from neocog.figures.gallery import gallery
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section

MOST = 16


def section(evidence: Evidence) -> Section | None:
    """Some items as the networks get them."""
    comparison = evidence.comparison
    if not comparison.saw:
        return None
    pictures = [Picture(png, caption) for caption, png in comparison.saw[:MOST]]
    drawn = [gallery("saw", "Some of the items, as every network gets them", pictures)]
    words = (
        f"Each item reaches the networks as {comparison.data.takes} numbers (channels x height x width). What cannot "
        "be seen here, no network can use."
    )
    return Section("saw", "What the networks saw", rendered("drawn.html", words=[words], drawn=drawn, lines=[]), drawn)
