"""The page of labels that look wrong: images to look at, the most suspicious first."""

from pathlib import Path

from neocog.core.durable import write_durably
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.numbers import percent
from neocog.report.page import document
from neocog.report.rendering import rendered
from neocog.report.section import Section
from neocog.runs.label_errors import LIST, FoundLabels, Suspect

SHOWN = 60
_PAIRS = 12
_COLUMNS, _LINES = 4, 4


def write_labels(found: FoundLabels, path: str | Path) -> Path:
    """Write the page as one HTML file that opens offline; gives its path.

    Raises:
        StorageProblem: the file cannot be written.
    """
    path = Path(path)
    about = f"Labels of {found.data}, looked at by {found.network} in {found.folds} folds"
    write_durably(path, document(label_sections(found), f"Labels – {found.data}", about).encode("utf-8"))
    return path


def label_sections(found: FoundLabels) -> list[Section]:
    """The images, then the pairs of classes, then how it was done."""
    figure = suspects_figure(found)
    lines = [f"{given}, but looks like {says}: {number:,}" for given, says, number in found.pairs[:_PAIRS]]
    first = rendered("drawn.html", words=[found.sentence], drawn=[figure] if found.suspects else [], lines=found.notes)
    pairs = rendered(
        "drawn.html", words=["Labels as given, and what the images look like instead."], drawn=[], lines=lines
    )
    method = rendered("drawn.html", words=_method(found), drawn=[], lines=[])
    return [
        Section("labels", "Which labels look wrong?", first, [figure] if found.suspects else []),
        *([Section("label-pairs", "Which classes are mixed up?", pairs)] if lines else []),
        Section("label-method", "How these labels were found", method),
    ]


def suspects_figure(found: FoundLabels) -> Figure:
    """The first suspects, each with its label, what the network says, and its file."""
    pictures = [
        Picture(found.pictures[each.row], _caption(each)) for each in found.suspects if each.row in found.pictures
    ]
    shown = pictures[:SHOWN]
    title = "The most suspicious first" if len(shown) > 1 else "The one suspect"
    finding = f"{len(shown):,} of {len(found.suspects):,} suspects; all of them are in {LIST}."
    return gallery("suspects", title, shown, columns=min(_COLUMNS, max(1, len(shown))), lines=_LINES, finding=finding)


def _caption(each: Suspect) -> str:
    return f"{each.given}? looks like {each.says} ({percent(each.says_probability, 0)}): {each.name}"


def _method(found: FoundLabels) -> list[str]:
    return [
        f"All {found.items:,} labelled images, those of the test part too, were divided into {found.folds} folds. For "
        f"each fold {found.network} was trained on the others, so that it never saw the label it is asked about. It "
        f"gave the same label in {percent(found.agreement)} of all cases.",
        "A label is suspected if the network is surer of another class than it usually is of that class's own images "
        "(confident learning, Northcutt, Jiang and Chuang 2021). Suspects are not errors: hard, odd or double images "
        "are among them. Errors that follow a rule, and copies of an image with the same wrong label, are not found.",
        f"Nothing of the data was changed. The whole list is in {LIST}. If you mend labels, mend them in the test part "
        "too, and compare again.",
    ]
