"""seasons: an hourly series made by us, whose noise is known."""

import numpy as np
import torch

from neocog.core.seeds import generator
from neocog.data.series_read import RawSeries
from neocog.data.series_times import SECONDS, Rhythm

HOURS = 24 * 7 * 30
DAILY, WEEKLY, NOISE = 4.0, 2.0, 1.0
_HOUR = 3600
_FIRST = 1_704_067_200  # 2024-01-01 in seconds since 1970


def seasons(hours: int = HOURS, noise: float = NOISE) -> RawSeries:
    """Sines of 4 over a day and of 2 over a week, and independent normal noise.

    Nobody can forecast it better than with a mean absolute error of 0.798 times ``noise``, its standard deviation.
    """
    hour = np.arange(hours)
    drawn = torch.randn(hours, generator=generator(0, "seasons"), dtype=torch.float64).numpy()
    wave = DAILY * np.sin(2 * np.pi * hour / 24) + WEEKLY * np.sin(2 * np.pi * hour / (24 * 7))
    values = (20.0 + wave + noise * drawn)[:, None]
    return RawSeries(values, ("value",), _FIRST + _HOUR * hour, Rhythm(SECONDS, _HOUR))
