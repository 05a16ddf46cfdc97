"""New rows of a table, made ready for a network that is trained already."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neocog.core.errors import DataProblem, UsageProblem, raise_all
from neocog.data.table_data import TableBatch, TableData
from neocog.data.table_reader import read_cells, row_values


@dataclass(frozen=True)
class Row:
    """One row of a file, or of an array: where it stands, and its numbers."""

    place: str
    values: tuple[float, ...]

    def __str__(self) -> str:
        return self.place


def table_rows(given: Any, columns: Sequence[str], scale: str) -> list[Row]:
    """The rows of CSV files, or of an array with these columns; a file may have others too.

    Raises:
        UsageProblem: a file is not there, or nothing was given.
        DataProblem: a column is missing, or a cell is no number; all at once.
    """
    if isinstance(given, np.ndarray):
        values = np.atleast_2d(np.asarray(given, np.float64))
        _check_width(values, columns)
        return [Row(f"row {row}", tuple(numbers)) for row, numbers in enumerate(values.tolist())]
    rows: list[Row] = []
    for item in [given] if isinstance(given, str | Path) else given:
        path = Path(item)
        if not path.is_file():
            raise UsageProblem(
                "data-missing", f"there is no file {path}", where=str(path), help="give a CSV with a header"
            )
        table = read_cells(path)
        gone = [name for name in columns if name not in table.columns]
        if gone:
            raise DataProblem(
                "table-column-missing",
                f"{path.name} lacks columns that the network was trained on",
                where=gone,
                note=f"it was trained on {', '.join(columns)}",
                help="give a table with all of them; their order does not matter",
            )
        values, problems = row_values(table, columns, path, scale)
        raise_all(problems)
        rows += [
            Row(f"{path.name}: line {line:,}", tuple(numbers))
            for line, numbers in zip(table.lines, values.tolist(), strict=True)
        ]
    return rows


def table_batch(rows: Sequence[Row], like: TableData, device: str) -> TableBatch:
    """Rows, scaled as the training rows were."""
    values = np.array([row.values for row in rows], np.float64)
    _check_width(values, like.columns)
    places = torch.arange(len(rows), device=device)
    scaled = torch.from_numpy(like.scaling(values)).to(device)
    return TableBatch(scaled, torch.from_numpy(values.astype(np.float32)).to(device), places, places)


def _check_width(values: np.ndarray, columns: Sequence[str]) -> None:
    if values.ndim != 2 or values.shape[1] != len(columns) or not np.isfinite(values).all():
        raise UsageProblem(
            "table-array",
            f"an array of shape {values.shape} is no row of this table, or holds what is no finite number",
            where=f"columns: {', '.join(columns)}",
            help=f"give n x {len(columns)} finite numbers",
        )
