"""Boxes as rows of four edges: left, top, right, bottom."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True)
class Boxes:
    """Boxes of several images in one flat list.

    Args:
        edges: left, top, right, bottom of each box, in pixels.
        labels: the class of each box.
        images: the place, from 0, of the image that each box is in.
        scores: how sure each box is; None where boxes are the truth.
    """

    edges: Float[np.ndarray, "k 4"]
    labels: Int[np.ndarray, "k"]
    images: Int[np.ndarray, "k"]
    scores: Float[np.ndarray, "k"] | None = None

    def __len__(self) -> int:
        return len(self.labels)


def areas(edges: Float[np.ndarray, "k 4"]) -> Float[np.ndarray, "k"]:
    """Width times height; 0 where an edge lies beyond its opposite."""
    return np.prod(np.maximum(edges[:, 2:] - edges[:, :2], 0), axis=1)


def iou(a: Float[np.ndarray, "n 4"], b: Float[np.ndarray, "m 4"]) -> Float[np.ndarray, "n m"]:
    """Intersection over union of every pair, 0 to 1; 0 where both have no area."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = areas(a)[:, None] + areas(b)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
