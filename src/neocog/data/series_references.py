"""What simple methods forecast: the measure of every network."""

import numpy as np
from jaxtyping import Float

from neocog.data.series_data import SeriesPlan
from neocog.measures.autoregression import continue_autoregression
from neocog.measures.forecasting import last_value, seasonal_naive

REFERENCES = ("seasonal_naive", "last_value", "linear_autoregression")


def reference_forecasts(past: Float[np.ndarray, "n l c"], plan: SeriesPlan) -> Float[np.ndarray, "n r h t"]:
    """Forecasts by the methods of ``REFERENCES``, in that order, in the units of the data."""
    targets = past[:, :, : plan.targets]
    linear = [
        continue_autoregression(targets[:, :, column], plan.weights[column], plan.horizon)
        for column in range(plan.targets)
    ]
    return np.stack(
        [
            seasonal_naive(targets, plan.horizon, plan.season),
            last_value(targets, plan.horizon),
            np.stack(linear, axis=-1),
        ],
        axis=1,
    )
