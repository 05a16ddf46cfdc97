"""A CSV or TSV with a path and a label column; further columns are kept as metadata."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.data.readers.findings import UNCHANGED, Findings
from neocog.data.readers.folder import PathFiles
from neocog.data.readers.raw import ImageFiles, part_of

PATH_NAMES = ("path", "file", "filename", "image", "filepath", "file_path", "file_name", "image_path", "img")
LABEL_NAMES = ("label", "class", "target", "y", "category", "labels", "class_name")
PART_NAMES = ("split", "part", "subset", "set", "partition")
MOST_TABLE_BYTES = 2**30


@dataclass(frozen=True)
class Table:
    """Rows of text under named columns; ``lines`` are the line numbers of the rows."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]

    def column(self, name: str) -> list[str]:
        """All cells of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_table(
    path: Path,
    findings: Findings,
    *,
    root: Path | None = None,
    path_column: str | None = None,
    label_column: str | None = None,
) -> ImageFiles:
    """The images that a table names; paths are relative to ``root``, or else to the table's folder, and stay inside.

    A column split, part, subset or set with train, val and test gives the parts.

    Raises:
        UsageProblem: ``data-column-unknown`` or ``data-column-missing``.
        DataProblem: ``data-table-damaged`` or ``data-empty``.
    """
    table = parse_table(path)
    folder = root or path.parent
    where = _column(table, path_column, PATH_NAMES, "path", path)
    what = _column(table, label_column, LABEL_NAMES, "label", path)
    part = next((c for c in table.columns if c.strip().lower() in PART_NAMES and c not in (where, what)), None)
    parts = _parts(table, part)
    if not table.rows:
        raise DataProblem("data-empty", f"{path.name} names no image", where=str(path), help="add a row per image")
    findings.total = len(table.rows)
    kept = _kept(table, folder, where, what, parts, findings, path.name)
    rest = [c for c in table.columns if c not in (where, what, part)]
    repeated = len(kept.repeated)
    return ImageFiles(
        files=PathFiles(folder, [kept.paths[row] for row in kept.rows]),
        names=[table.column(where)[row] for row in kept.rows],
        labels=[table.column(what)[row].strip() for row in kept.rows],
        parts=[parts[row] or "" for row in kept.rows],
        metadata={name: [column[row] for row in kept.rows] for name in rest for column in [table.column(name)]},
        notes=(
            f"Paths come from the column `{where}`, labels from `{what}`{f', parts from `{part}`' if part else ''}.",
            *([f"{repeated:,} rows repeat an image that was named before; they were left out."] if repeated else []),
        ),
        left_out=dict.fromkeys(kept.repeated, "named before"),
    )


def parse_table(path: Path) -> Table:
    """The cells of a CSV or TSV (UTF-8; comma, semicolon or tab)."""
    size = path.stat().st_size
    if size > MOST_TABLE_BYTES:
        raise _damaged(path, f"{size:,} bytes are more than a table of images has")
    data = path.read_bytes()
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _damaged(path, f"byte {problem.start:,} is not UTF-8 text; save it as UTF-8") from problem
    head = text[: text.find("\n")] if "\n" in text else text
    delimiter = max((",", ";", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as problem:
        raise _damaged(path, f"line {reader.line_num:,}: {problem}") from problem
    if not rows:
        raise DataProblem("data-empty", f"{path.name} is empty", where=str(path), help="give a table with a header")
    columns = tuple(cell.strip() for cell in rows[0])
    uneven = [f"line {line:,}: {len(row)} cells" for row, line in zip(rows, lines) if len(row) != len(columns)]
    if uneven:
        raise _damaged(path, f"{len(uneven):,} rows do not have {len(columns)} cells as the header has", uneven)
    if len(set(columns)) < len(columns):
        raise _damaged(path, "two columns have the same name", sorted({c for c in columns if columns.count(c) > 1}))
    return Table(columns, rows[1:], lines[1:])


@dataclass(frozen=True)
class _Kept:
    rows: Sequence[int]
    paths: Mapping[int, Path]
    repeated: Sequence[str]


def _kept(
    table: Table,
    folder: Path,
    where: str,
    what: str,
    parts: Sequence[str | None],
    findings: Findings,
    shown: str,
) -> _Kept:
    top = folder.resolve()
    rows: list[int] = []
    paths: dict[int, Path] = {}
    repeated: list[str] = []
    first: dict[Path, int] = {}
    labels = table.column(what)
    for row, (cell, label) in enumerate(zip(table.column(where), labels)):
        place = f"{shown}: line {table.lines[row]:,}: {cell}"
        path = _located(cell, folder, top)
        if label.strip().lower() in ("", "nan"):
            findings.add("labels-missing", place)
        elif parts[row] is None:
            findings.add("data-part-unknown", place)
        elif path is None:
            findings.add("data-path-outside", place)
        elif not path.is_file():
            findings.add("data-file-missing", place)
        elif path in first:
            if labels[first[path]].strip() != label.strip():
                findings.add("labels-conflict", place, f"`{labels[first[path]]}` in line {table.lines[first[path]]:,}")
            else:
                repeated.append(place)
        else:
            first[path] = row
            paths[row] = path
            rows.append(row)
    return _Kept(rows, paths, repeated)


def _located(cell: str, folder: Path, top: Path) -> Path | None:
    """The file of a cell; None where that lies outside the folder."""
    text = cell.strip()
    if "\\" in text and not (folder / text).exists():
        text = PureWindowsPath(text).as_posix()
    try:
        path = (folder / text).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return path if "\0" not in text and path.is_relative_to(top) else None


def _column(table: Table, named: str | None, guesses: Sequence[str], kind: str, path: Path) -> str:
    known = ", ".join(table.columns)
    if named is not None:
        if named in table.columns:
            return named
        meant = near(named, table.columns)
        raise UsageProblem(
            "data-column-unknown",
            f"{path.name} has no column `{named}`",
            where=f"{path}   columns: {known}",
            help=f"did you mean `{meant}`?" if meant else "name one of its columns",
        )
    by_name = {column.lower(): column for column in reversed(table.columns)}
    found = next((by_name[guess] for guess in guesses if guess in by_name), None)
    if found is None:
        raise UsageProblem(
            "data-column-missing",
            f"{path.name} has no column that is known to hold the {kind}s",
            where=f"{path}   columns: {known}",
            note=f"columns that are recognised: {', '.join(guesses)}",
            help=f"name it with the option {kind}_column, or rename it to `{guesses[0]}`",
        )
    return found


def _parts(table: Table, column: str | None) -> list[str | None]:
    if column is None:
        return [""] * len(table.rows)
    return ["" if not cell.strip() else part_of(cell) for cell in table.column(column)]


def _damaged(path: Path, why: str, where: Sequence[str] = ()) -> DataProblem:
    return DataProblem(
        "data-table-damaged",
        f"{path.name} cannot be read as a table: {why}",
        where=list(where) or str(path),
        note=UNCHANGED,
        help="mend the table; it needs a header with a path and a label column, and one row per image",
    )
