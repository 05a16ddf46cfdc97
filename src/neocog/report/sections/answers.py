"""Where it fails: the figures that the task draws of right and wrong answers."""

from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section


def section(evidence: Evidence) -> Section | None:
    """The task's own figures, as it gives them."""
    if not evidence.figures:
        return None
    html = rendered("drawn.html", words=[], drawn=evidence.figures, lines=[])
    return Section("answers", "Where it is right and where it fails", html, evidence.figures)
