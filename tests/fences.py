"""The fenced blocks of a Markdown file, so that what the docs show is what the tests run.

A comment on the line before a fence marks it: ``<!-- name: try -->`` names it, ``<!-- not run: why -->`` keeps it from
being run. ``python3 tests/fences.py README.md try`` prints the block of that name.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"<!--\s*(name|not run):\s*(.+?)\s*-->\s*")
_OPEN = re.compile(r"(\s*)(`{3,})\s*(\w*).*")


@dataclass(frozen=True)
class Fence:
    """One block: its language, its text, the line it begins on, and its marks."""

    language: str
    text: str
    line: int
    name: str = ""
    not_run: str = ""


def fences(markdown: str) -> list[Fence]:
    """All blocks, in order; a block that is never closed is an error."""
    found: list[Fence] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(markdown.splitlines(), start=1))
    for number, line in lines:
        if mark := _MARK.fullmatch(line.strip()):
            marks[mark[1]] = mark[2]
        elif opened := _OPEN.fullmatch(line):
            body = []
            for _, inner in lines:
                if inner.strip() == opened[2]:
                    break
                body.append(inner.removeprefix(opened[1]))
            else:
                raise ValueError(f"the block that begins on line {number} has no end")
            text = "\n".join(body) + "\n"
            found.append(Fence(opened[3], text, number, marks.get("name", ""), marks.get("not run", "")))
            marks = {}
        elif line.strip():
            marks = {}
    return found


def named(path: Path, name: str) -> Fence:
    """The one block of that name."""
    (fence,) = (fence for fence in fences(path.read_text("utf-8")) if fence.name == name)
    return fence


if __name__ == "__main__":
    print(named(Path(sys.argv[1]), sys.argv[2]).text.strip())
