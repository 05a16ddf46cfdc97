"""The problems that neocog can tell its user about.

Problem
├── UsageProblem      exit 2    a misspelt name, a bad option, a missing argument
│   └── MissingExtra  exit 2    an optional dependency is not installed
├── DataProblem       exit 65   what was read is not what was expected
├── TrainingProblem   exit 69   training cannot go on: diverged, out of memory
├── FolderInUse       exit 73   another process writes to this run folder
├── StorageProblem    exit 74   a disk is full, a file cannot be read or written
└── SeveralProblems   the first one's exit code: all causes at once

Anything else that reaches the command line is our own fault (exit 70).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import ClassVar

SHOWN_PLACES = 10


class Problem(Exception):
    """Something a person can mend: what happened, where, what was expected, what to do.

    Args:
        code: a stable kebab-case name, such as ``data-image-truncated``; the docs have a page for each.
        what: one sentence on what happened, with the offending value.
        where: places, most telling first (a path, a row, an option); the first ten are shown.
        note: what was *not* changed, or what is known besides.
        help: what to do; commands in backquotes are tested to work.
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self, code: str, what: str, *, where: str | Sequence[str] = (), note: str = "", help: str = ""
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = (where,) if isinstance(where, str) else tuple(where)
        self.note = note
        self.help = help

    def __str__(self) -> str:
        lines = [f"error[{self.code}]: {plain(self.what)}"]
        shown = [plain(place) for place in self.where[:SHOWN_PLACES]]
        if len(self.where) > SHOWN_PLACES:
            shown.append(f"... and {len(self.where) - SHOWN_PLACES:,} more")
        lines += [f"  {'-->' if i == 0 else '   '} {place}" for i, place in enumerate(shown)]
        lines += [f"  note: {plain(self.note)}"] if self.note else []
        lines += [f"  help: {plain(self.help)}"] if self.help else []
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.what, self.where, self.note, self.help)

    def as_json(self) -> dict[str, object]:
        """The same fields for machines (``--json``)."""
        return {
            "code": self.code,
            "what": self.what,
            "where": list(self.where),
            "note": self.note,
            "help": self.help,
            "exit_code": self.exit_code,
        }


def _rebuild(kind: type[Problem], code: str, what: str, where: tuple[str, ...], note: str, help: str) -> Problem:
    return kind(code, what, where=where, note=note, help=help)


class UsageProblem(Problem, ValueError):
    """What was asked for cannot be done as it was asked."""

    exit_code = 2


class MissingExtra(UsageProblem, ImportError):
    """An optional dependency is missing; ``help`` holds the command that installs it."""


class DataProblem(Problem, ValueError):
    """What was read is not what was expected."""

    exit_code = 65


class TrainingProblem(Problem, RuntimeError):
    """Training cannot go on, and nothing usable is left."""

    exit_code = 69


class FolderInUse(Problem, RuntimeError):
    """Another process holds the run folder."""

    exit_code = 73


class StorageProblem(Problem, OSError):
    """A file cannot be read or written."""

    exit_code = 74


class SeveralProblems(Problem):
    """All problems found at once; the exit code is the first one's."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.code, first.what, where=first.where, note=first.note, help=first.help)

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The first problem's."""
        return self.problems[0].exit_code

    def __str__(self) -> str:
        return "\n\n".join(str(problem) for problem in self.problems)

    def __reduce__(self) -> tuple[object, ...]:
        return SeveralProblems, (self.problems,)

    def as_json(self) -> dict[str, object]:
        """The first problem's fields, and all of them under ``problems``."""
        return {**super().as_json(), "problems": [problem.as_json() for problem in self.problems]}


def raise_all(problems: Sequence[Problem]) -> None:
    """Raise nothing, the one problem, or all of them together."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise SeveralProblems(problems)


def plain(text: str) -> str:
    """Text from outside, safe to print: control, ANSI and bidirectional characters become ``\\xNN`` or ``\\uNNNN``."""
    return "".join(c if c == "\n" or not unicodedata.category(c).startswith("C") else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
