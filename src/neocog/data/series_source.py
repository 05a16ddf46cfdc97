"""SeriesSource: pasts of a series with what came after, in passes; and those of a new series, to be forecast."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from neocog.core.seeds import permutation
from neocog.core.source import AbstractSource
from neocog.data.family import Batching
from neocog.data.series_data import SeriesBatch, SeriesData, SeriesPlan
from neocog.data.series_read import RawSeries
from neocog.data.series_references import REFERENCES, reference_forecasts
from neocog.measures.conformal import MEMORY


class SeriesSource(AbstractSource[SeriesBatch]):
    """Every origin of a part once per pass: in a new order for training, in the order of time for scoring.

    For scoring the forecasts of the part come first, and then, marked as not scored, those of up to 500 origins before
    it, by whose truths the intervals of the first ones are corrected.

    Args:
        data: the series.
        part: "train", "val" or "test".
        batch_size: forecasts of a batch.
        device: where batches are made.
        shuffle: a new order in each pass, for training; an incomplete last batch is then left out, unless it is the
            only one.
    """

    def __init__(
        self, data: SeriesData, part: str, *, batch_size: int, device: str = "cpu", shuffle: bool = False
    ) -> None:
        self.batch_size, self.device, self.shuffle = batch_size, device, shuffle
        origins = data.origins(part)
        before = range(max(data.plan.lookback - 1, origins.start - MEMORY - data.plan.horizon), origins.start)
        warm = [] if shuffle or part == "train" else list(before)
        self._origins = np.array([*origins, *warm], np.int64)
        self._scored = np.arange(len(self._origins)) < len(origins)
        self._plan = data.plan
        self._values = data.values
        self._standard = torch.as_tensor(standardised(data.values, data.plan), dtype=torch.float32, device=device)
        whole = len(self._origins) // batch_size
        self._items = whole * batch_size if shuffle and whole else len(self._origins)
        self.size = -(-self._items // batch_size)

    @staticmethod
    def training(data: SeriesData, batching: Batching) -> "SeriesSource":
        """The train part, shuffled."""
        return SeriesSource(data, "train", batch_size=batching.size, device=batching.device, shuffle=True)

    @staticmethod
    def still(data: SeriesData, part: str, batching: Batching) -> "SeriesSource":
        """A part in the order of time."""
        return SeriesSource(data, part, batch_size=batching.size, device=batching.device)

    def batches(self, epoch: int, seed: int) -> Iterator[SeriesBatch]:
        """One pass; its order comes from a stream of its own, named by epoch."""
        rows = np.arange(len(self._origins))
        if self.shuffle:
            rows = permutation(len(self._origins), seed, "order", epoch).numpy()
        for start in range(0, self._items, self.batch_size):
            some = rows[start : min(start + self.batch_size, self._items)]
            yield self._batch(self._origins[some], self._scored[some])

    def _batch(self, origins: Int[np.ndarray, "n"], scored: Bool[np.ndarray, "n"]) -> SeriesBatch:
        plan, device = self._plan, self.device
        places = torch.as_tensor(origins, device=device)
        past = self._standard[places[:, None] + torch.arange(1 - plan.lookback, 1, device=device)]
        ahead = places[:, None] + torch.arange(1, plan.horizon + 1, device=device)
        truth = self._standard[ahead.clamp(max=len(self._standard) - 1)][:, :, : plan.targets]
        truth = truth.masked_fill((ahead >= len(self._standard))[:, :, None], torch.nan)
        return SeriesBatch(
            past,
            truth,
            self._references(origins).to(device),
            places,
            torch.as_tensor(scored, device=device),
            torch.zeros_like(places),
            torch.zeros_like(places),
        )

    def _references(self, origins: Int[np.ndarray, "n"]) -> Tensor:
        if self.shuffle:
            return torch.zeros(len(origins), 0, self._plan.horizon, self._plan.targets)
        past = self._values[origins[:, None] + np.arange(1 - self._plan.lookback, 1)]
        return torch.as_tensor(reference_forecasts(past, self._plan), dtype=torch.float32)


def forecast_batch(series: Sequence[RawSeries], plan: SeriesPlan, device: str) -> SeriesBatch:
    """The last origin of each series, and before it those whose truths correct its intervals."""
    parts: list[SeriesBatch] = []
    for owner, raw in enumerate(series):
        values = raw.values
        standard = standardised(values, plan)
        first = max(plan.lookback - 1, len(values) - 1 - MEMORY - plan.horizon)
        origins = np.arange(first, len(values))
        past = standard[origins[:, None] + np.arange(1 - plan.lookback, 1)]
        ahead = origins[:, None] + np.arange(1, plan.horizon + 1)
        after = np.concatenate([standard, np.full((plan.horizon, standard.shape[1]), np.nan)])
        parts.append(
            SeriesBatch(
                torch.as_tensor(past, dtype=torch.float32),
                torch.as_tensor(after[ahead][:, :, : plan.targets], dtype=torch.float32),
                torch.zeros(len(origins), len(REFERENCES), plan.horizon, plan.targets),
                torch.as_tensor(origins),
                torch.as_tensor(origins == origins[-1]),
                torch.full((len(origins),), owner),
                torch.full((len(origins),), int(raw.places[-1])),
            )
        )
    names = [each.name for each in fields(SeriesBatch)]
    return SeriesBatch(*(torch.cat([getattr(part, name) for part in parts]).to(device) for name in names))


def standardised(values: Float[np.ndarray, "t c"], plan: SeriesPlan) -> Float[np.ndarray, "t c"]:
    """Values in units of the train part's standard deviations from its mean."""
    return (values - plan.middle) / plan.scale
