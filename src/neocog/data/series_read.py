"""A series from a CSV: its times checked, its cells numbers, everything that is wrong told at once."""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from neocog.core.errors import DataProblem, Problem, StorageProblem, UsageProblem, raise_all
from neocog.core.options import near
from neocog.data.series_choice import KNOWN, SeriesChoice
from neocog.data.series_times import PLACES, Rhythm, on_a_line, read_time, usual_step

TIME_NAMES = ("time", "date", "datetime", "timestamp", "month", "day", "ds", "year", "hour")
MOST_BYTES = 2**30
MOST_FILLED = 10_000_000
UNCHANGED = "no file was changed; training has not started"
_MISSING = ("", "na", "nan", "null", "none", "?")


@dataclass(frozen=True)
class RawSeries:
    """A series as it was read: one row per moment, evenly spaced.

    ``values`` has one column per name; ``places`` are the moments as numbers, which ``rhythm`` can show.
    """

    values: Float[np.ndarray, "t c"]
    columns: tuple[str, ...]
    places: Int[np.ndarray, "t"]
    rhythm: Rhythm
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


def read_series(choice: SeriesChoice) -> tuple[RawSeries, str | None]:
    """The series that a choice names, and the column that holds its times.

    Raises:
        UsageProblem: ``data-missing``, ``data-column-unknown``, ``series-no-column``.
        DataProblem: ``data-empty``, ``data-table-damaged``, ``series-time``, ``series-value``, ``series-missing``,
            ``series-duplicate``, ``series-unsorted``, ``series-gap``; all of them at once. With ``skip_bad`` the last
            four are mended and counted.
        StorageProblem: the file cannot be read.
    """
    path = Path(choice.name).expanduser()
    if not path.is_file():
        siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        meant = near(path.name, siblings) or near(choice.name, KNOWN)
        raise UsageProblem(
            "data-missing",
            f"there is no table {path}",
            where=str(path),
            help=f"did you mean `{meant}`?" if meant else "check the path, or use the built-in series `seasons`",
        )
    header, rows = _cells(path)
    time = _time_column(choice, header, path)
    names = _columns(choice, header, rows, time, path)
    return _Reading(path, header, rows, choice.skip_bad).series(time, names), time


class _Reading:
    """One table on its way to a series."""

    def __init__(self, path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], skip_bad: bool) -> None:
        self.path, self.header, self.rows, self.skip_bad = path, list(header), rows, skip_bad
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.skipped: dict[str, str] = {}

    def series(self, time: str | None, names: Sequence[str]) -> RawSeries:
        """Times and values, checked together."""
        places, unit = self._times(time)
        values = self._values(names)
        raise_all(self.problems)
        order = np.argsort(places, kind="stable")
        if (np.diff(places) < 0).any():
            late = [int(row) + 1 for row in np.flatnonzero(np.diff(places) < 0)]
            unsorted = DataProblem(
                "series-unsorted",
                f"{len(late):,} times are earlier than the row before",
                where=[self._line(row) for row in late],
                note=UNCHANGED,
                help="sort the rows by time, or run again with --skip-bad",
            )
            self._mend(unsorted, "they were sorted")
        places, values = places[order], values[order]
        again = np.concatenate([[False], np.diff(places) == 0])
        if again.any():
            twice = [int(order[row]) for row in np.flatnonzero(again)]
            repeated = DataProblem(
                "series-duplicate",
                f"{len(twice):,} rows repeat a time",
                where=[self._line(row) for row in twice],
                note=UNCHANGED,
                help="keep one row for each time, or run again with --skip-bad",
            )
            self._mend(repeated, "the first of each was kept")
        places, values = places[~again], values[~again]
        rhythm = Rhythm(unit, usual_step(places))
        places, values = self._even(places, values, rhythm)
        raise_all(self.problems)
        self._carry_forward(values, names)
        raise_all(self.problems)
        return RawSeries(values, tuple(names), places, rhythm, tuple(self.notes), self.skipped)

    def _times(self, column: str | None) -> tuple[Int[np.ndarray, "n"], str]:
        if column is None:
            self.notes.append("No column holds times: rows are taken as equally far apart.")
            return np.arange(len(self.rows), dtype=np.int64), PLACES
        place = self.header.index(column)
        times = [read_time(row[place]) for row in self.rows]
        numbers = sum(isinstance(each, int) for each in times) > len(times) / 2
        bad = [row for row, each in enumerate(times) if each is None or isinstance(each, int) is not numbers]
        if bad:
            where = [f"{self._line(row)}: `{self.rows[row][place]}`" for row in bad]
            self.problems.append(
                DataProblem(
                    "series-time",
                    f"{len(bad):,} of {len(times):,} cells of the column `{column}` are no times",
                    where=where,
                    note=UNCHANGED,
                    help="write times as 2024-01-31 or 2024-01-31 23:00:00, or as whole numbers",
                )
            )
            return np.arange(len(times), dtype=np.int64), PLACES
        return on_a_line([each for each in times if each is not None])

    def _values(self, names: Sequence[str]) -> Float[np.ndarray, "n c"]:
        values = np.full((len(self.rows), len(names)), np.nan)
        wrong: list[str] = []
        for column, name in enumerate(names):
            place = self.header.index(name)
            for row, cells in enumerate(self.rows):
                number = _number(cells[place])
                if number is None:
                    wrong.append(f"{self._line(row)}, column `{name}`: `{cells[place]}`")
                else:
                    values[row, column] = number
        if wrong:
            self.problems.append(
                DataProblem(
                    "series-value",
                    f"{len(wrong):,} cells of {self.path.name} are no finite numbers",
                    where=wrong,
                    note=UNCHANGED,
                    help="write numbers with a decimal point, or choose other columns with --set data.target=NAME",
                )
            )
        return values

    def _even(
        self, places: Int[np.ndarray, "n"], values: Float[np.ndarray, "n c"], rhythm: Rhythm
    ) -> tuple[Int[np.ndarray, "t"], Float[np.ndarray, "t c"]]:
        """Moments that are missing get a row without values; a moment between two of them is a gap as well."""
        apart = np.diff(places)
        gaps = np.flatnonzero(apart != rhythm.step)
        if not len(gaps):
            return places, values
        where = [
            f"after {rhythm.show(before)} comes {rhythm.show(after)}; {rhythm.words()} is usual"
            for before, after in zip(places[gaps].tolist(), places[gaps + 1].tolist(), strict=True)
        ]
        odd = (apart % rhythm.step != 0).any()
        whole = int((places[-1] - places[0]) // rhythm.step) + 1
        if odd or whole > MOST_FILLED or not self.skip_bad:
            gap = DataProblem(
                "series-gap",
                f"{len(gaps):,} distances between times are not the usual one",
                where=where,
                note="gaps can be filled where they are whole steps; these are not" if odd else UNCHANGED,
                help="add the missing rows, or run again with --skip-bad to fill them with the last value",
            )
            self.problems.append(gap)
            return places, values
        self.skipped |= dict.fromkeys(where, "series-gap: filled with the values before")
        self.notes.append(f"{whole - len(places):,} missing moments were filled with the values before them.")
        filled = np.full((whole, values.shape[1]), np.nan)
        filled[(places - places[0]) // rhythm.step] = values
        return places[0] + rhythm.step * np.arange(whole), filled

    def _carry_forward(self, values: Float[np.ndarray, "t c"], names: Sequence[str]) -> None:
        """Cells without a value get the last one before, in place; before the first there is none to get."""
        empty = np.isnan(values)
        unfilled = [str(name) for name, column in zip(names, empty.T, strict=True) if column[0]]
        holes = int(empty.sum())
        if not holes:
            return
        if unfilled or (not self.skip_bad):
            where = [f"row {row + 1:,}, column `{names[column]}`" for row, column in np.argwhere(empty)]
            missing = DataProblem(
                "series-missing",
                f"{holes:,} values are missing",
                where=where,
                note="a column that begins empty cannot be filled" if unfilled else UNCHANGED,
                help="add them, or run again with --skip-bad to fill them with the last value",
            )
            self.problems.append(missing)
            return
        last = np.maximum.accumulate(np.where(empty, 0, np.arange(len(values))[:, None]), axis=0)
        values[:] = np.take_along_axis(values, last, axis=0)
        if "series-gap" not in " ".join(self.skipped.values()):
            self.skipped["missing values"] = f"series-missing: {holes:,} filled with the values before"
            self.notes.append(f"{holes:,} missing values were filled with those before them.")

    def _mend(self, problem: DataProblem, done: str) -> None:
        """Count what ``skip_bad`` mends; without it, it is a problem."""
        if not self.skip_bad:
            self.problems.append(problem)
            return
        self.skipped |= dict.fromkeys(problem.where, f"{problem.code}: mended")
        self.notes.append(f"{problem.what}; {done}.")

    def _line(self, row: int) -> str:
        return f"{self.path.name}, line {row + 2:,}"


def _number(cell: str) -> float | None:
    """A finite number, NaN for an empty cell, None for anything else."""
    text = cell.strip()
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _damaged(path, "it is longer than is read (1 GiB)")
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                data = file.read(MOST_BYTES + 1)
        else:
            data = path.read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise _damaged(path, f"it is no gzip file: {problem}") from problem
    except OSError as problem:
        raise StorageProblem("data-file-unreadable", f"{path} cannot be read", where=str(problem.strerror)) from problem
    try:
        text = data[:MOST_BYTES].decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _damaged(path, f"byte {problem.start:,} is not UTF-8 text; save it as UTF-8") from problem
    head = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except csv.Error as problem:
        raise _damaged(path, str(problem)) from problem
    if len(rows) < 2:
        raise DataProblem("data-empty", f"{path.name} has no rows", where=str(path), help="give a header and rows")
    header = [cell.strip() for cell in rows[0]]
    uneven = [f"line {line:,}: {len(row)} cells" for line, row in enumerate(rows, 1) if len(row) != len(header)]
    if uneven:
        raise _damaged(path, f"{len(uneven):,} rows do not have {len(header)} cells as the header has", uneven)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise _damaged(path, f"columns have the same name: {', '.join(twice)}")
    return header, rows[1:]


def _time_column(choice: SeriesChoice, header: Sequence[str], path: Path) -> str | None:
    if choice.time is not None:
        _refuse_unknown([choice.time], header, path)
        return choice.time
    return next((name for name in header if name.lower() in TIME_NAMES), None)


def _columns(
    choice: SeriesChoice, header: Sequence[str], rows: Sequence[Sequence[str]], time: str | None, path: Path
) -> list[str]:
    """Targets first, then covariates."""
    named = [*choice.target, *choice.covariates]
    _refuse_unknown(named, header, path)
    free = [
        name for place, name in enumerate(header) if name not in (time, *named) and _number(rows[0][place]) is not None
    ]
    targets = list(choice.target) or free
    both = sorted(set(targets) & {*choice.covariates, *([time] if time else [])})
    if not targets or both or len(set(named)) < len(named):
        raise UsageProblem(
            "series-no-column",
            f"{', '.join(both) or 'a column'} is named twice" if both or targets else "no column holds numbers",
            where=f"{path}   columns: {', '.join(header)}",
            help="name each column to forecast once with --set data.target=NAME",
        )
    return [*targets, *choice.covariates]


def _refuse_unknown(names: Sequence[str], header: Sequence[str], path: Path) -> None:
    problems: list[Problem] = []
    for name in names:
        if name not in header:
            meant = near(name, header)
            problems.append(
                UsageProblem(
                    "data-column-unknown",
                    f"{path.name} has no column `{name}`",
                    where=f"{path}   columns: {', '.join(header)}",
                    help=f"did you mean `{meant}`?" if meant else "name one of its columns",
                )
            )
    raise_all(problems)


def _damaged(path: Path, why: str, where: Sequence[str] = ()) -> DataProblem:
    return DataProblem(
        "data-table-damaged",
        f"{path.name} cannot be read as a table: {why}",
        where=list(where) or str(path),
        note=UNCHANGED,
        help="mend the table; it needs a header and one row per moment",
    )
