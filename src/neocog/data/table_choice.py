"""TableChoice: which table of numbers or which images, read and divided how."""

from dataclasses import dataclass
from typing import Annotated

from neocog.core.rules import OneOf
from neocog.data.readers.choice import DataChoice

SCALES = ("standard", "log", "none")


@dataclass(frozen=True, kw_only=True)
class TableChoice(DataChoice):
    """The options of images, and those of a table of numbers."""

    columns: Annotated[tuple[str, ...], "Columns of a table of numbers to take; none named: all."] = ()
    ignore_columns: Annotated[tuple[str, ...], "Columns of a table of numbers to leave out."] = ()
    scale: Annotated[
        str, OneOf(*SCALES), "Columns of numbers: standardised; log(1 + x), then standardised; as they are."
    ] = "standard"
