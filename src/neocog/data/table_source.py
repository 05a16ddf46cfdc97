"""TableSource: batches of rows of a table of numbers."""

from collections.abc import Iterator

import numpy as np
import torch

from neocog.core.seeds import permutation
from neocog.core.source import AbstractSource
from neocog.data.family import Batching
from neocog.data.table_data import Scaling, TableBatch, TablePart


class TableSource(AbstractSource[TableBatch]):
    """One part of a table, in passes; scaled once, and kept on the device.

    Args:
        part: the rows.
        scaling: how their values become what a network takes.
        batching: rows in a batch, and where.
        shuffle: a new order in each pass. An incomplete last batch is then left out, unless it is the only one.
    """

    def __init__(self, part: TablePart, scaling: Scaling, batching: Batching, *, shuffle: bool) -> None:
        self.batch_size = batching.size
        self.shuffle = shuffle
        self._raw = torch.from_numpy(np.asarray(part.values, np.float32)).to(batching.device)
        self._values = torch.from_numpy(scaling(part.values)).to(batching.device)
        self._labels = torch.from_numpy(np.asarray(part.labels, np.int64)).to(batching.device)
        whole = len(part) // batching.size
        self._items = whole * batching.size if shuffle and whole else len(part)
        self.size = -(-self._items // batching.size)

    def batches(self, epoch: int, seed: int) -> Iterator[TableBatch]:
        """One pass; its order comes from a stream of its own, named by epoch."""
        rows = permutation(len(self._labels), seed, "order", epoch) if self.shuffle else torch.arange(self._items)
        rows = rows[: self._items].to(self._labels.device)
        for start in range(0, self._items, self.batch_size):
            some = rows[start : start + self.batch_size]
            yield TableBatch(self._values[some], self._raw[some], self._labels[some], some)
