"""Tables of numbers: a CSV or TSV, checked cell by cell, scaled and divided."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from neocog.core.errors import DataProblem, Problem, StorageProblem, UsageProblem, raise_all
from neocog.core.options import near
from neocog.data.readers.findings import UNCHANGED
from neocog.data.readers.table import PATH_NAMES, Table, parse_table
from neocog.data.split import split_rows
from neocog.data.table_choice import TableChoice
from neocog.data.table_data import Scaling, TableData, TablePart

SUFFIXES = (".csv", ".tsv")
NOTHING = ("", "na", "n/a", "nan", "null", "none", "?")
FEWEST_ROWS = 6
_OPTION = "--set data."


def is_table_of_numbers(choice: TableChoice) -> bool:
    """Whether this names a CSV or TSV that names no image files."""
    path = Path(choice.name).expanduser()
    if path.suffix.lower() not in SUFFIXES or not path.is_file() or choice.path_column is not None:
        return False
    if choice.columns:
        return True
    with open(path, "rb") as file:
        head = file.readline(1_000_000).decode("utf-8-sig", errors="replace").lower()
    cells = {cell.strip().strip('"') for mark in ",;\t" for cell in head.split(mark)}
    return not cells & set(PATH_NAMES)


def open_table(choice: TableChoice) -> TableData:
    """Read, check, scale and divide a table of numbers.

    Missing cells and cells that are no numbers stop it, or are left out with their rows and counted with
    ``skip_bad``; columns that never change are left out and told.

    Raises:
        UsageProblem: a named column is not there; ``groups-without-images``.
        DataProblem: ``table-without-header``, ``table-cell-missing``, ``table-cell-no-number``,
            ``table-log-below-zero``, ``table-too-few-rows``, ``table-no-column``; all that is found at once.
        StorageProblem: the file cannot be read.
    """
    path = Path(choice.name).expanduser()
    if choice.group_column is not None:
        raise UsageProblem(
            "groups-without-images",
            "only images are divided by group, and this is a table of numbers",
            where=f"--split-by-group {choice.group_column}",
            help="leave it out",
        )
    table = read_cells(path)
    names = _columns(table, choice, path)
    values, problems, skipped = _numbers(table, names, path, choice)
    raise_all(problems)
    kept = [row for row in range(len(table.rows)) if row not in skipped]
    values = values[kept]
    if len(kept) < FEWEST_ROWS:
        raise DataProblem(
            "table-too-few-rows",
            f"{path.name} has {len(kept)} usable rows",
            where=str(path),
            note=UNCHANGED,
            help=f"give at least {FEWEST_ROWS} rows",
        )
    values, names, notes = _without_constants(values, names, path)
    classes, labels = _labels(table, choice, kept)
    rows = split_rows(labels, None, choice.split)
    lines = [f"line {table.lines[row]:,}" for row in kept]
    parts = [TablePart(values[part], labels[part], [lines[row] for row in part]) for part in rows]
    reasons = {f"line {table.lines[row]:,}": why for row, why in skipped.items()}
    counts = f"Parts: {len(rows[0]):,} rows to train on, {len(rows[1]):,} for choosing (val), {len(rows[2]):,} for "
    return TableData(
        name=path.stem,
        columns=tuple(names),
        classes=classes,
        train=parts[0],
        val=parts[1],
        test=parts[2],
        scaling=Scaling.measured(values[rows[0]], choice.scale),
        fingerprint=_fingerprint(values, labels, rows, names, classes),
        notes=(*notes, f"{counts}the final score (test), at random (split seed {choice.split_seed})."),
        skipped=reasons,
    )


def read_cells(path: Path) -> Table:
    """The cells of a file with a header.

    Raises:
        DataProblem: no table, or no header.
        StorageProblem: the file cannot be read.
    """
    try:
        table = parse_table(path)
    except OSError as problem:
        raise StorageProblem(
            "data-file-unreadable", f"{path.name} cannot be read: {problem.strerror}", where=str(path)
        ) from problem
    if all(_number(cell) is not None for cell in table.columns):
        raise DataProblem(
            "table-without-header",
            f"the first line of {path.name} holds numbers, not the names of columns",
            where=f"{path}: line 1: {', '.join(table.columns[:6])}",
            note=UNCHANGED,
            help="put a line with the names of the columns in front",
        )
    return table


def row_values(
    table: Table, names: Sequence[str], path: Path, scale: str
) -> tuple[Float[np.ndarray, "n d"], list[Problem]]:
    """The numbers of these columns, and what is wrong with them."""
    missing: list[str] = []
    wrong: list[str] = []
    below: list[str] = []
    values = np.full((len(table.rows), len(names)), np.nan)
    for column, name in enumerate(names):
        for row, cell in enumerate(table.column(name)):
            number, place = _number(cell), f"line {table.lines[row]:,}, column `{name}`"
            if cell.strip().lower() in NOTHING:
                missing.append(place)
            elif number is None:
                wrong.append(f"{place}: {cell.strip()[:40]}")
            elif scale == "log" and number <= -1.0:
                below.append(f"{place}: {cell.strip()}")
            else:
                values[row, column] = number
    return values, _cell_problems(missing, wrong, below, path)


def _cell_problems(missing: list[str], wrong: list[str], below: list[str], path: Path) -> list[Problem]:
    problems: list[Problem] = []
    remedy = f"fill them in, leave their column out ({_OPTION}ignore_columns=NAME), or their rows with --skip-bad"
    if missing:
        what = f"{len(missing):,} cells of {path.name} are empty"
        problems.append(DataProblem("table-cell-missing", what, where=missing, note=UNCHANGED, help=remedy))
    if wrong:
        what = f"{len(wrong):,} cells of {path.name} are no finite numbers"
        problems.append(DataProblem("table-cell-no-number", what, where=wrong, note=UNCHANGED, help=remedy))
    if below:
        problems.append(
            DataProblem(
                "table-log-below-zero",
                f"{len(below):,} cells of {path.name} are -1 or less: log(1 + x) has no value there",
                where=below,
                note=UNCHANGED,
                help=f"use {_OPTION}scale=standard, or leave their column out",
            )
        )
    return problems


def _numbers(
    table: Table, names: Sequence[str], path: Path, choice: TableChoice
) -> tuple[Float[np.ndarray, "n d"], list[Problem], dict[int, str]]:
    values, problems = row_values(table, names, path, choice.scale)
    if not (problems and choice.skip_bad):
        return values, problems, {}
    hopeless = [name for column, name in enumerate(names) if np.isnan(values[:, column]).all()]
    if hopeless:
        return values, [_no_numbers(hopeless, path)], {}
    bad = np.isnan(values)
    reasons = {
        row: f"no number in {', '.join(name for name, missing in zip(names, bad[row], strict=True) if missing)}"
        for row in np.flatnonzero(bad.any(1)).tolist()
    }
    return values, [], reasons


def _no_numbers(columns: Sequence[str], path: Path) -> DataProblem:
    return DataProblem(
        "table-cell-no-number",
        f"columns of {path.name} hold no number at all",
        where=list(columns),
        note=UNCHANGED,
        help=f"leave them out: {_OPTION}ignore_columns={'+'.join(columns)}",
    )


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _columns(table: Table, choice: TableChoice, path: Path) -> list[str]:
    problems: list[Problem] = []
    named = (*choice.columns, *choice.ignore_columns, *((choice.label_column,) if choice.label_column else ()))
    for name in named:
        if name not in table.columns:
            meant = near(name, table.columns)
            problems.append(
                UsageProblem(
                    "data-column-unknown",
                    f"{path.name} has no column `{name}`",
                    where=f"{path}   columns: {', '.join(table.columns)}",
                    help=f"did you mean `{meant}`?" if meant else "name one of its columns",
                )
            )
    raise_all(problems)
    out = {*choice.ignore_columns, choice.label_column}
    kept = [name for name in (choice.columns or table.columns) if name not in out]
    if not kept:
        raise _no_column(path)
    return kept


def _no_column(path: Path) -> DataProblem:
    return DataProblem(
        "table-no-column",
        f"no column of {path.name} is left to look at",
        where=str(path),
        note=UNCHANGED,
        help=f"name fewer in {_OPTION}ignore_columns, or give columns that vary",
    )


def _without_constants(
    values: Float[np.ndarray, "n d"], names: Sequence[str], path: Path
) -> tuple[Float[np.ndarray, "n k"], list[str], list[str]]:
    varies = values.min(0) < values.max(0)
    if not varies.any():
        raise _no_column(path)
    constant = [name for name, moves in zip(names, varies, strict=True) if not moves]
    notes = [f"{len(constant)} columns never change and were left out: {', '.join(constant)}."] if constant else []
    return values[:, varies], [name for name, moves in zip(names, varies, strict=True) if moves], notes


def _labels(table: Table, choice: TableChoice, kept: Sequence[int]) -> tuple[tuple[str, ...], np.ndarray]:
    if choice.label_column is None:
        return (), np.zeros(len(kept), np.int64)
    cells = [table.column(choice.label_column)[row].strip() for row in kept]
    classes, labels = np.unique(np.array(cells), return_inverse=True)
    return tuple(str(name) for name in classes), labels.astype(np.int64)


def _fingerprint(
    values: np.ndarray, labels: np.ndarray, rows: Sequence[np.ndarray], names: Sequence[str], classes: Sequence[str]
) -> str:
    digest = hashlib.sha256(json.dumps([list(names), list(classes)]).encode())
    for part in rows:
        digest.update(f"\n{len(part)}\n".encode())
        digest.update(values[part].astype("<f8").tobytes())
        digest.update(labels[part].astype("<i8").tobytes())
    return digest.hexdigest()
