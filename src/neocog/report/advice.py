"""The page of advice: what to do about the data, in a few sentences, with what it rests on."""

from pathlib import Path

from neocog.core.durable import write_durably
from neocog.report.labels import label_sections
from neocog.report.page import document
from neocog.report.rendering import rendered
from neocog.report.section import Section
from neocog.report.sizes import conclusions, size_figure
from neocog.runs.advise import Advice
from neocog.runs.growth import HOLDS_FOR


def write_advice(advice: Advice, path: str | Path) -> Path:
    """Write the page as one HTML file that opens offline; gives its path.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    name = advice.labels.data
    about = f"Advice on {name}, from {advice.growth.label}"
    write_durably(path, document(_sections(advice), f"Advice – {name}", about).encode("utf-8"))
    return path


def _sections(advice: Advice) -> list[Section]:
    figure = size_figure(advice.curve)
    first = rendered("drawn.html", words=[advice.what_to_do], drawn=[], lines=advice.sentences[1:])
    more = rendered(
        "drawn.html", words=[advice.growth.sentence, HOLDS_FOR], drawn=[figure], lines=conclusions(advice.curve)
    )
    return [
        Section("advice", "What would help most?", first),
        Section("growth", "What would more images bring?", more, [figure]),
        *label_sections(advice.labels),
    ]
