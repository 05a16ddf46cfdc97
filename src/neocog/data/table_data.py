"""Tables of numbers: a batch of rows, a part (train, val or test) and a whole table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.shapes import Table
from neocog.data.family import PARTS, AbstractData
from neocog.figures.figure import Figure

ROWS = "rows"
SMALLEST_STD = 1e-12


@dataclass(frozen=True)
class TableBatch(Batch):
    """Rows of a table: ``values`` scaled for a network, ``raw`` as they stood, ``labels`` places in the class map."""

    values: Float[Tensor, "n d"]
    raw: Float[Tensor, "n d"]
    labels: Int[Tensor, "n"]
    rows: Int[Tensor, "n"]

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.labels)


@dataclass(frozen=True)
class Scaling:
    """How columns become what a network takes, by the training rows' mean and standard deviation.

    ``scale`` is "standard" (less the mean, over the standard deviation), "log" (the same of log(1 + x)) or "none".
    """

    scale: str
    means: tuple[float, ...]
    stds: tuple[float, ...]

    def __call__(self, values: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
        """The scaled values, in float32."""
        moved = np.log1p(values) if self.scale == "log" else values
        return ((moved - np.array(self.means)) / np.array(self.stds)).astype(np.float32)

    @staticmethod
    def measured(values: Float[np.ndarray, "n d"], scale: str) -> "Scaling":
        """The scaling of these rows."""
        columns = values.shape[1]
        if scale == "none":
            return Scaling(scale, (0.0,) * columns, (1.0,) * columns)
        moved = np.log1p(values) if scale == "log" else values
        stds = moved.std(0).clip(min=SMALLEST_STD)
        return Scaling(scale, tuple(moved.mean(0).tolist()), tuple(stds.tolist()))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"scale": self.scale, "means": list(self.means), "stds": list(self.stds)}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Scaling":
        """The inverse of ``as_dict``."""
        return Scaling(str(values["scale"]), tuple(map(float, values["means"])), tuple(map(float, values["stds"])))


@dataclass(frozen=True)
class TablePart:
    """Some rows as they stood; ``names`` say where each came from; ``labels`` are 0 where there are none."""

    values: Float[np.ndarray, "n d"]
    labels: Int[np.ndarray, "n"]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TableData(AbstractData):
    """A table of numbers, divided; ``classes`` is empty where no column holds labels."""

    name: str
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    train: TablePart
    val: TablePart
    test: TablePart
    scaling: Scaling
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes(self) -> Table:
        """A row."""
        return Table(len(self.columns))

    def part(self, name: str) -> TablePart:
        """The part called "train", "val" or "test"."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows by part, and by class where there are labels."""
        names = self.classes or (ROWS,)
        counted = {name: np.bincount(self.part(name).labels, minlength=len(names)).tolist() for name in PARTS}
        return {name: dict(zip(names, numbers, strict=True)) for name, numbers in counted.items()}

    def line(self) -> str:
        """Columns, rows and scaling."""
        rows = sum(len(self.part(name)) for name in PARTS)
        how = {"standard": "standardised", "log": "log(1 + x), standardised", "none": "as they are"}[self.scaling.scale]
        return f"a table of {rows:,} rows, {len(self.columns)} columns of numbers ({', '.join(self.columns)}), {how}"

    def details(self) -> dict[str, Any]:
        """Columns and their scaling."""
        return {"columns": list(self.columns), "scaling": self.scaling.as_dict()}

    def figures(self) -> list[Figure]:
        """None yet."""
        return []

    def facts(self) -> dict[str, Any]:
        """Columns, class map and scaling."""
        return {"columns": list(self.columns), "classes": list(self.classes), "scaling": self.scaling.as_dict()}

    def names(self, part: str) -> Sequence[str]:
        """The lines of the file."""
        return self.part(part).names

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """None: rows have no look."""
        return {}

    def seen(self) -> dict[str, bytes]:
        """None."""
        return {}


def table_like(facts: Mapping[str, Any]) -> TableData:
    """The data of a run without their rows: columns, class map and scaling."""
    columns = tuple(facts["columns"])
    empty = TablePart(np.zeros((0, len(columns))), np.zeros(0, np.int64), ())
    scaling = Scaling.from_dict(facts["scaling"])
    return TableData(
        facts["name"], columns, tuple(facts["classes"]), empty, empty, empty, scaling, facts["fingerprint"]
    )
