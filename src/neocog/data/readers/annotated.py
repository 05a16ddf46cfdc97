"""What readers of annotations hand over: images with boxes, as they are written, in the pixels of the original."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from neocog.data.readers.tree import AbstractTree


@dataclass(frozen=True)
class Annotated:
    """Images of a tree with their boxes.

    Args:
        tree: where the images are.
        paths: the image of each row, in the tree.
        parts: "train", "val", "test", or "" where none is named.
        edges: left, top, right, bottom of each row's boxes, k x 4; in pixels, or in shares of the image's sides.
        labels: the class of each box.
        shares: whether edges are shares.
        classes: their order, where one is given.
        notes: what a person should know.
        format: what the annotations are, in words.
    """

    tree: AbstractTree
    paths: Sequence[str]
    parts: Sequence[str]
    edges: Sequence[np.ndarray]
    labels: Sequence[Sequence[str]]
    format: str
    shares: bool = False
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


def as_edges(rows: Sequence[Sequence[float]]) -> np.ndarray:
    """Rows of four numbers as an array, also where there is no row."""
    return np.array(rows, np.float64).reshape(-1, 4)
