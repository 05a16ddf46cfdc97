"""Trained: the runs of one network, one per seed, and what they do with images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from neocog.data.images import ImageData
from neocog.measures.classification import log_losses
from neocog.runs.predictor import Predictor


@dataclass(frozen=True)
class Trained:
    """Finished runs of one network on one data set."""

    runs: Sequence[Predictor]
    data: ImageData

    def right(self, data: ImageData | None = None, part: str = "test") -> Float64[np.ndarray, "runs items"]:
        """1 where a run names an image rightly, 0 elsewhere; of other images where ``data`` are given."""
        records = [run.record(data or self.data, part) for run in self.runs]
        return np.stack([run.task.item_scores(record) for run, record in zip(self.runs, records, strict=True)])

    def accuracy(self, data: ImageData | None = None, part: str = "test") -> list[float]:
        """The share of images that each run names rightly."""
        return [float(value) for value in self.right(data, part).mean(axis=1)]

    def log_loss_gap(self) -> list[float]:
        """Of each run, the mean log-loss on test images less that on training images, in nats: how far it overfits."""
        return [_log_loss(run, self.data, "test") - _log_loss(run, self.data, "train") for run in self.runs]


def _log_loss(run: Predictor, data: ImageData, part: str) -> float:
    record = run.record(data, part)
    return float(log_losses(record["probabilities"], record["labels"]).mean())
