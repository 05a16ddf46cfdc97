"""TABLE_OR_IMAGES: the family of what can be divided into clusters: tables of numbers, and images."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from neocog.core.errors import DataProblem
from neocog.core.options import near
from neocog.core.progress import AbstractProgress
from neocog.data.family import AbstractData, Family
from neocog.data.image_family import IMAGES
from neocog.data.open import open_images
from neocog.data.readers.choice import DataChoice
from neocog.data.table_choice import TableChoice
from neocog.data.table_data import TableData, TablePart, table_like
from neocog.data.table_reader import is_table_of_numbers, open_table


def _open(choice: TableChoice, *, download: bool, keep: bool, largest: int, progress: AbstractProgress) -> AbstractData:
    if is_table_of_numbers(choice):
        return open_table(choice)
    return open_images(
        _of_images(choice), download=download, keep=keep, largest=largest, one_class=True, progress=progress
    )


def _like(facts: Mapping[str, Any]) -> AbstractData:
    return table_like(facts) if "columns" in facts else IMAGES.like(facts)


def _labelled(
    choice: TableChoice, like: AbstractData, *, download: bool, keep: bool, progress: AbstractProgress
) -> AbstractData:
    if not isinstance(like, TableData):
        return IMAGES.labelled(_of_images(choice), like, download=download, keep=keep, progress=progress)
    data = open_table(replace(choice, columns=like.columns, scale=like.scaling.scale, val=0.0, test=0.0))
    if data.columns != like.columns:
        raise _other_columns(data, like)
    labels = data.train.labels
    if like.classes:
        places = {name: place for place, name in enumerate(like.classes)}
        unknown = [name for name in data.classes if name not in places]
        if unknown:
            raise DataProblem(
                "labels-unknown-class",
                "the data have a class that the model never saw",
                where=[f"{name}   known: {', '.join(like.classes)}" for name in unknown],
                help=f"did you mean `{near(unknown[0], like.classes)}`? rename it, or leave the rows out",
            )
        labels = np.array([places[data.classes[label]] for label in labels], np.int64) if data.classes else labels
    return replace(like, name=data.name, test=TablePart(data.train.values, labels, data.train.names))


def _other_columns(data: TableData, like: TableData) -> DataProblem:
    return DataProblem(
        "table-column-missing",
        "the table lacks columns that the network was trained on, or they never change in it",
        where=[name for name in like.columns if name not in data.columns],
        help="give a table with all of them",
    )


def _given(data: Any) -> AbstractData:
    return data if isinstance(data, TableData) else IMAGES.given(data)


def _of_images(choice: DataChoice) -> DataChoice:
    return DataChoice(**{each.name: getattr(choice, each.name) for each in fields(DataChoice)})


def _never(name: str) -> bool:
    return False


TABLE_OR_IMAGES = Family(
    choice=TableChoice,
    open=_open,
    like=_like,
    labelled=_labelled,
    given=_given,
    claims=_never,
    known=IMAGES.known,
)
