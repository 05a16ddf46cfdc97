"""TextSource: a text in windows; in training, window i + 1 of a lane goes on where window i ended."""

from collections.abc import Iterator

import torch
from torch import Tensor

from neocog.core.seeds import generator
from neocog.core.source import AbstractSource
from neocog.data.family import Batching
from neocog.data.text_data import TextBatch, TextData


class TextSource(AbstractSource[TextBatch]):
    """Training windows, or the windows of one part.

    For training the train part is cut into as many equal stretches ("lanes") as a batch has items, and each batch
    holds the next window of every lane, so that a state can be carried from batch to batch. Where the lanes begin is
    drawn anew for each pass, within what is left over. A text that is too short for so many lanes has fewer.

    For scoring each window comes with the tokens before it as context, so that it is scored by itself; what is
    left at the end of the part and does not fill a window is not scored.

    Args:
        data: the text.
        part: "train", "val" or "test" to score; None to train.
        batch_size: windows of a batch.
        device: where batches are made.
    """

    def __init__(self, data: TextData, part: str | None, *, batch_size: int, device: str = "cpu") -> None:
        self.part, self.batch_size, self.device = part, batch_size, device
        self.window = data.window
        if part is None:
            self._tokens = torch.as_tensor(data.tokens[: data.ends[0]])
            pairs = len(self._tokens) - 1
            self.lanes = max(1, min(batch_size, pairs // self.window))
            self._windows = pairs // (self.lanes * self.window)
            self.size = self._windows
        else:
            begin, end = data.span(part)
            self._tokens = torch.as_tensor(data.tokens[max(0, begin - data.context - 1) : end])
            self._context = data.context
            self._items = data.windows(part)
            self.size = -(-self._items // batch_size)

    @staticmethod
    def training(data: TextData, batching: Batching) -> "TextSource":
        """The train part, in lanes."""
        return TextSource(data, None, batch_size=batching.size, device=batching.device)

    @staticmethod
    def still(data: TextData, part: str, batching: Batching) -> "TextSource":
        """The windows of a part, in order."""
        return TextSource(data, part, batch_size=batching.size, device=batching.device)

    def batches(self, epoch: int, seed: int) -> Iterator[TextBatch]:
        """One pass; where its lanes begin comes from a stream of its own, named by epoch."""
        return self._lanes(epoch, seed) if self.part is None else self._scored()

    def _lanes(self, epoch: int, seed: int) -> Iterator[TextBatch]:
        stretch = self._windows * self.window
        left_over = len(self._tokens) - 1 - self.lanes * stretch
        start = int(torch.randint(left_over + 1, (1,), generator=generator(seed, "lanes", epoch)))
        lanes = torch.arange(self.lanes)
        for number in range(self._windows):
            places = start + lanes * stretch + number * self.window
            taken = self._taken(places, self.window + 1)
            yield TextBatch(
                taken[:, :-1],
                taken[:, 1:],
                torch.full((self.lanes,), number == 0, device=self.device),
                (lanes * self._windows + number).to(self.device),
            )

    def _scored(self) -> Iterator[TextBatch]:
        for begin in range(0, self._items, self.batch_size):
            rows = torch.arange(begin, min(begin + self.batch_size, self._items))
            taken = self._taken(rows * self.window, self._context + self.window + 1)
            fresh = torch.ones(len(rows), dtype=torch.bool, device=self.device)
            yield TextBatch(taken[:, :-1], taken[:, -self.window :], fresh, rows.to(self.device))

    def _taken(self, places: Tensor, length: int) -> Tensor:
        return self._tokens[places[:, None] + torch.arange(length)].to(self.device)
