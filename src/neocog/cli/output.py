"""What a command prints: results on the standard output, everything else on the error stream."""

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from neocog.cli.progress import progress_on
from neocog.cli.shared import OutputFlags
from neocog.core.errors import plain
from neocog.core.progress import AbstractProgress, Silent

WIDTH_WITHOUT_TERMINAL = 140


class Output:
    """Results for a person or, with ``--json``, one document for a machine."""

    def __init__(self, flags: OutputFlags) -> None:
        self.json = flags.json
        self.quiet = flags.quiet

    def progress(self) -> AbstractProgress:
        """Where long work reports; silent with ``--quiet``."""
        return Silent() if self.quiet else progress_on()

    def note(self, text: str = "") -> None:
        """A line besides the result."""
        if not self.quiet:
            print(plain(text), file=sys.stderr, flush=True)

    def say(self, text: str = "") -> None:
        """A line of the result, for a person; broken between words where it is longer than the terminal is wide."""
        if not self.json:
            print(_broken(plain(text)) if sys.stdout.isatty() else plain(text))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table of the result, for a person; columns whose name ends in ``>`` are aligned to the right."""
        if self.json:
            return
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(
            title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
        )
        for place, column in enumerate(columns):
            side: Any = "right" if column.endswith(">") else "left"
            table.add_column(column.rstrip(">"), justify=side, overflow="fold", no_wrap=place == 0)
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS") or WIDTH_WITHOUT_TERMINAL)
        Console(file=sys.stdout, width=width, highlight=False).print(table)

    def document(self, value: Any) -> None:
        """The one document of ``--json``."""
        if self.json:
            print(dumps(value, indent=1))


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON that every reader takes: numbers that are not finite become null, numpy's and paths become plain."""
    return json.dumps(_plain(value), indent=indent, allow_nan=False)


def _broken(text: str) -> str:
    width = shutil.get_terminal_size().columns
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False) if len(text) > width else text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    return value


def count(number: float) -> str:
    """``1,234``; ``1.23 M`` from a million on."""
    for unit, size in (("G", 1e9), ("M", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:,.0f}"


def size(count_of_bytes: float) -> str:
    """``12.9 MB`` (decimal units)."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count_of_bytes >= step:
            return f"{count_of_bytes / step:.1f} {unit}"
    return f"{count_of_bytes:.0f} bytes"


def percent(share: float) -> str:
    """``93.21 %``."""
    return f"{100 * share:.2f} %"
