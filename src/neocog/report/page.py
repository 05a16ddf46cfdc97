"""The whole page."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from markupsafe import Markup

from neocog.core.durable import write_durably
from neocog.figures.style import css
from neocog.report.embedding import galleries, policy
from neocog.report.rendering import rendered, source
from neocog.report.section import Evidence, Section
from neocog.report.sections import (
    answers,
    cost,
    failures,
    learning,
    limits,
    method,
    pairs,
    saw,
    scores,
    tuning,
    verdict,
)
from neocog.runs.comparison import Comparison

MOST_BYTES: Final = 5_000_000
MOST_IN_GALLERIES: Final = 3_000_000

SECTIONS = (verdict, scores, pairs, cost, learning, answers, saw, tuning, method, limits, failures)


def write(comparison: Comparison, path: str | Path) -> Path:
    """Write the report of a comparison as one HTML file that opens offline; gives its path.

    Args:
        comparison: what `neocog.compare` gave.
        path: the file; it is replaced at once, or stays what it was.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    write_durably(path, page(comparison).encode("utf-8"))
    return path


def page(comparison: Comparison) -> str:
    """The report as text: at most 5 MB, for which galleries lose pictures if they must."""
    figures = comparison.task.figures(comparison.samples) if comparison.ranked else []
    evidence = Evidence(comparison, figures)
    sections = [made for made in (part.section(evidence) for part in SECTIONS) if made is not None]
    bare = len(_page(comparison, sections, 0).encode("utf-8"))
    return _page(comparison, sections, max(0, min(MOST_IN_GALLERIES, MOST_BYTES - bare - 50_000)))


def _page(comparison: Comparison, sections: list[Section], most_in_galleries: int) -> str:
    title = f"{sections[0].title} – {comparison.data.name}"
    return document(sections, title, _about(comparison), most_in_galleries)


def document(sections: Sequence[Section], title: str, about: str, most_in_galleries: int = MOST_IN_GALLERIES) -> str:
    """Sections as one HTML page that holds everything it shows."""
    style, script = css() + source("style.css"), source("script.js")
    held = galleries([figure for section in sections for figure in section.figures], most_in_galleries)
    images = f"{held.left_out:,} of {held.shown + held.left_out:,} images"
    return str(
        rendered(
            "page.html",
            policy=policy(style, script),
            title=title,
            about=about,
            style=Markup(style),
            script=Markup(script),
            sections=sections,
            galleries=held.json,
            left_out=f"To keep this file small, {images} were left out of its galleries." if held.left_out else "",
            version=_version(),
        )
    )


def _about(comparison: Comparison) -> str:
    tried = len(comparison.arms)
    networks = f"{tried} network{'s' * (tried != 1)}"
    seeds = f"{comparison.seeds} seed{'s' * (comparison.seeds != 1)} each"
    return f"Comparison of {networks}, {seeds}, on {comparison.data.name}; budget {comparison.budget}"


def _version() -> str:
    try:
        return version("neocog")
    except PackageNotFoundError:
        return "(not installed)"
