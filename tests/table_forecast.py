"""What the table needs to run the laws over forecasts: a tiny series, and a case on it."""

from typing import Any

import numpy as np
import torch

from neocog.core.seeds import stream
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.series_choice import SeriesChoice
from neocog.data.series_data import SeriesData, divided
from neocog.data.series_read import RawSeries
from neocog.data.series_times import PLACES, Rhythm
from neocog.fit.descent import Descent
from neocog.networks import NETWORKS
from neocog.tasks.forecast import Forecast

TINY_NETWORK: dict[str, dict[str, Any]] = {"causal-cnn": {"width": 16, "dropout": 0.05}}


def tiny_series() -> SeriesData:
    """Two rhythms with a little noise, the second only looked at."""
    moments = np.arange(110)
    noise = np.random.default_rng(3).normal(size=110)
    values = np.stack([np.sin(moments) + 0.3 * noise, np.cos(moments / 2)], axis=1)
    raw = RawSeries(values, ("a", "b"), moments, Rhythm(PLACES, 1))
    choice = SeriesChoice(name="tiny", horizon=2, lookback=8, season=6, covariates=("b",))
    return divided(raw, choice)


def forecast_parts(seed: int, network: str = "causal-cnn") -> tuple[Any, ...]:
    """Data, task, learner, source and still source, from a seed; it seeds torch's generator, as a run does."""
    data = tiny_series()
    task = Forecast.for_data(data, Descent(rate=1e-2, schedule="constant"))
    torch.manual_seed(stream(seed, "weights"))
    built = task.assemble(NETWORKS[network](data.takes, task.gives(data), **TINY_NETWORK.get(network, {})))
    learner = task.learner(built)
    source = task.source(data, built, Batching(8), Augmentation())
    still = task.still(data, "test", Batching(10_000))
    torch.manual_seed(stream(seed, "training"))
    return data, task, learner, source, still
