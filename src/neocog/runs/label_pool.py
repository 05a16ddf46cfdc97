"""LabelPool: all labelled images of a data set, whatever part they are in, divided into folds."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from neocog.core.seeds import stream
from neocog.data.family import PARTS
from neocog.data.images import ImageData, ImagePart
from neocog.measures.label_errors import stratified_folds

_VALIDATION = 10  # one part in so many of what a fold trains on chooses its checkpoint


@dataclass(frozen=True)
class LabelPool:
    """All labelled items of the data, train first, then val and test; ``groups`` are numbers, or None."""

    data: ImageData
    labels: np.ndarray
    names: tuple[str, ...]
    parts: tuple[str, ...]
    groups: np.ndarray | None

    @classmethod
    def of(cls, data: ImageData, group: str | None) -> "LabelPool":
        """The items of these data; ``group`` is the column whose equal values are never divided."""
        each = [data.part(name) for name in PARTS]
        named = [value for part in each for value in part.metadata.get(group, ())] if group else []
        return cls(
            data,
            np.concatenate([np.asarray(part.labels) for part in each]).astype(np.int64),
            tuple(name for part in each for name in part.names),
            tuple(name for name, part in zip(PARTS, each, strict=True) for _ in range(len(part))),
            np.unique(named, return_inverse=True)[1].astype(np.int64) if named else None,
        )

    def images(self, rows: np.ndarray) -> np.ndarray:
        """Copies of some images, in ascending order of rows."""
        found, start = [], 0
        for name in PARTS:
            images = self.data.part(name).images
            own = rows[(rows >= start) & (rows < start + len(images))] - start
            found.append(np.asarray(images[own]))
            start += len(images)
        return np.concatenate(found)

    def folds(self, count: int, seed: int) -> np.ndarray:
        """The fold of each item, every class spread evenly."""
        return stratified_folds(self.labels, count, stream(seed, "labels"), self.groups)

    def without(self, fold: int, folds: np.ndarray) -> ImageData:
        """The data with one fold as the test part, and a tenth of the rest as the validation part."""
        rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        groups = None if self.groups is None else np.unique(self.groups[rest], return_inverse=True)[1].astype(np.int64)
        chooses = stratified_folds(self.labels[rest], _VALIDATION, fold, groups) == 0
        marks = f"{self.data.fingerprint}/{fold}/{hashlib.sha256(folds.tobytes()).hexdigest()}"
        return replace(
            self.data,
            train=self._part(rest[~chooses]),
            val=self._part(rest[chooses]),
            test=self._part(held),
            fingerprint=hashlib.sha256(marks.encode()).hexdigest(),
            notes=(),
        )

    def _part(self, rows: np.ndarray) -> ImagePart:
        return ImagePart(self.images(rows), self.labels[rows], [self.names[row] for row in rows])
