"""The record of found and true boxes: flat arrays over all images, as a run folder keeps them."""

import numpy as np

from neocog.data.box_data import BoxBatch
from neocog.measures.boxes import Boxes
from neocog.nn.box_decoding import Found
from neocog.tasks.task import AbstractMeter, Record

FOUND = ("found_edges", "found_labels", "found_images", "found_scores")
TRUE = ("true_edges", "true_labels", "true_images")


class BoxesMeter(AbstractMeter[list[Found], BoxBatch]):
    """Found and true boxes of all images seen, in order."""

    def __init__(self) -> None:
        self._images = 0
        self._found: list[tuple[np.ndarray, ...]] = []
        self._truth: list[tuple[np.ndarray, ...]] = []

    def update(self, prediction: list[Found], batch: BoxBatch) -> None:
        """Take in one batch."""
        boxes, labels = batch.boxes.cpu(), batch.labels.cpu()
        for found, own, kinds in zip(prediction, boxes, labels, strict=True):
            edges, said, scores = (each.cpu().numpy() for each in found)
            self._found.append((edges, said, np.full(len(said), self._images), scores))
            there = kinds >= 0
            self._truth.append((own[there].numpy(), kinds[there].numpy(), np.full(int(there.sum()), self._images)))
            self._images += 1

    def record(self) -> Record:
        """``rows`` (one per image), and of found and true boxes edges, labels, place of the image; scores of found."""
        found = {name: _joined([each[i] for each in self._found], name) for i, name in enumerate(FOUND)}
        truth = {name: _joined([each[i] for each in self._truth], name) for i, name in enumerate(TRUE)}
        return {"rows": np.arange(self._images), **found, **truth}


def found_in(record: Record) -> Boxes:
    """The found boxes of a record."""
    return Boxes(
        record["found_edges"].astype(np.float64),
        record["found_labels"],
        record["found_images"],
        record["found_scores"].astype(np.float64),
    )


def truth_in(record: Record) -> Boxes:
    """The true boxes of a record."""
    return Boxes(record["true_edges"].astype(np.float64), record["true_labels"], record["true_images"])


def _joined(arrays: list[np.ndarray], name: str) -> np.ndarray:
    if name.endswith("edges"):
        return np.concatenate([np.zeros((0, 4), np.float32), *arrays])
    kind = np.float32 if name.endswith("scores") else np.int64
    return np.concatenate([np.zeros(0, kind), *arrays]).astype(kind)
