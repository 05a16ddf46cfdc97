"""Findings: everything that is wrong with the data, gathered by kind and told at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from neocog.core.errors import DataProblem, Problem, StorageProblem, raise_all

UNCHANGED = "no file was changed; training has not started"
_REPLACE = "replace them, or run again with --skip-bad (skips are counted in the report)"
_RELABEL = "mend the labels, or run again with --skip-bad to leave these images out"
_REMARK = "mend the annotations, or run again with --skip-bad (what is left out is counted)"
_RENAME = "rename them, or leave a class out with --ignore-class NAME"


class BadImage(Exception):
    """One image cannot be used: the code of the problem, and what is wrong with this file."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Kind:
    """A kind of finding: its sentence (with ``{bad}`` and ``{total}``), its remedy, and whether one may skip it."""

    what: str
    help: str = _REPLACE
    skippable: bool = True
    problem: type[Problem] = DataProblem


KINDS: Mapping[str, Kind] = {
    "data-file-unreadable": Kind("{bad} of {total} files cannot be read", problem=StorageProblem),
    "data-file-missing": Kind("{bad} of {total} files named in the table do not exist"),
    "data-path-outside": Kind(
        "{bad} of {total} paths in the table lead outside its folder",
        "pass the folder that holds all images with --root FOLDER, or leave these out with --skip-bad",
    ),
    "data-link-outside": Kind(
        "{bad} links lead outside the data folder, or to folders, and are not followed",
        "copy the files instead of linking them, or leave them out with --skip-bad",
    ),
    "data-image-empty": Kind("{bad} of {total} images are files of 0 bytes"),
    "data-image-unknown": Kind("{bad} of {total} files are not images in a format that is known here"),
    "data-image-truncated": Kind("{bad} of {total} images cannot be decoded: they end too early"),
    "data-image-damaged": Kind("{bad} of {total} images cannot be decoded"),
    "data-image-bomb": Kind("{bad} of {total} images are larger than is safe to decode (100 megapixels, 512 MiB)"),
    "data-image-animated": Kind(
        "{bad} of {total} images hold several frames",
        "save one frame of each, take the first frame with the option first_frame=true, or run with --skip-bad",
    ),
    "data-image-kind": Kind(
        "{bad} of {total} images have values without a known range",
        "save them with 8 or 16 bits per channel, or run again with --skip-bad",
    ),
    "data-array-not-finite": Kind("{bad} of {total} images hold values that are NaN or infinite"),
    "data-part-unknown": Kind(
        "{bad} of {total} rows name a part that is neither train, val nor test",
        "write train, val or test, or run again with --skip-bad",
    ),
    "data-class-empty": Kind(
        "{bad} class folders hold no image", "put images there, remove the folder, or run again with --skip-bad"
    ),
    "annotation-unreadable": Kind("{bad} annotation files cannot be read", _REMARK),
    "annotation-unsafe": Kind("{bad} annotation files declare entities or a document type, or are huge", _REMARK),
    "annotation-image-missing": Kind("{bad} annotated images do not exist", _REMARK),
    "annotation-missing": Kind("{bad} listed images have no annotation", _REMARK),
    "annotation-class-unknown": Kind("{bad} boxes are of a class that is not declared", _REMARK),
    "annotation-box-malformed": Kind("{bad} boxes are not four finite numbers", _REMARK),
    "annotation-twice": Kind("{bad} images are annotated twice, or are in two parts", _REMARK),
    "labels-missing": Kind("{bad} of {total} images have no label (empty or NaN)", _RELABEL),
    "labels-out-of-range": Kind("{bad} of {total} labels are no class", _RELABEL),
    "labels-conflict": Kind("{bad} images are named several times with different labels", _RELABEL),
    "labels-case-twins": Kind("{bad} class names differ only in case or spaces", _RENAME, skippable=False),
    "labels-unknown-class": Kind("", skippable=False),
    "labels-single-class": Kind(
        "there is only one class, so there is nothing to tell apart",
        "give at least two class folders (or two different labels)",
        skippable=False,
    ),
    "labels-class-too-small": Kind(
        "{bad} classes have fewer than 3 images", "add images, or leave the class out with --ignore-class NAME", False
    ),
    "data-too-few": Kind("there are too few images to train and test on", "give at least 6 images", skippable=False),
}


class Findings:
    """Gathers what is wrong; ``settle`` raises all of it at once, or skips what may be skipped."""

    def __init__(self) -> None:
        self.total = 0  # images looked at; readers that drop some of them set it
        self._places: dict[str, list[tuple[str, str]]] = {}
        self._problems: list[Problem] = []

    def add(self, code: str, place: str, detail: str = "") -> None:
        """One place that has this kind of problem."""
        self._places.setdefault(code, []).append((place, detail))

    def add_problem(self, problem: Problem) -> None:
        """A problem with words of its own."""
        self._problems.append(problem)

    def settle(self, *, skip_bad: bool) -> dict[str, str]:
        """Raise everything found; with ``skip_bad`` what may be skipped is returned instead, as place to reason."""
        skipped: dict[str, str] = {}
        problems: list[Problem] = []
        for code in (code for code in KINDS if code in self._places):
            if skip_bad and KINDS[code].skippable:
                skipped |= {place: f"{code}: {detail}" if detail else code for place, detail in self._places[code]}
            else:
                problems.append(self._problem(code))
        raise_all(problems + self._problems)
        return skipped

    def _problem(self, code: str) -> Problem:
        kind, places = KINDS[code], self._places[code]
        where = [f"{place}: {detail}" if detail else place for place, detail in places]
        what = kind.what.format(bad=f"{len(places):,}", total=f"{self.total:,}")
        return kind.problem(code, what, where=where, note=UNCHANGED, help=kind.help)
