"""How good forecasts are: MAE, MASE, sMAPE, pinball loss, coverage."""

import numpy as np
from jaxtyping import Bool, Float


def absolute_error(forecast: Float[np.ndarray, "n h c"], truth: Float[np.ndarray, "n h c"]) -> Float[np.ndarray, "n c"]:
    """Mean absolute error of each forecast, channel by channel."""
    return np.abs(forecast - truth).mean(axis=1)


def seasonal_scale(series: Float[np.ndarray, "t c"], season: int) -> Float[np.ndarray, "c"]:
    """Mean absolute change of each channel over a season: what MASE divides by. 1 where nothing changes."""
    lag = season if len(series) > season else 1
    change = np.abs(series[lag:] - series[:-lag]).mean(axis=0) if len(series) > 1 else np.zeros(series.shape[1])
    return np.where(change > 0, change, 1.0)


def scaled_error(
    forecast: Float[np.ndarray, "n h c"], truth: Float[np.ndarray, "n h c"], scale: Float[np.ndarray, "c"]
) -> Float[np.ndarray, "n"]:
    """Each forecast's mean absolute scaled error; its mean over forecasts is MASE.

    Source: Hyndman and Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001, with the seasonal naive method on the train
    part as the scale. Channels are scaled one by one, then averaged.
    """
    return (absolute_error(forecast, truth) / scale).mean(axis=1)


def symmetric_percentage_error(
    forecast: Float[np.ndarray, "n h c"], truth: Float[np.ndarray, "n h c"]
) -> Float[np.ndarray, "n"]:
    """The sMAPE of each forecast as a fraction from 0 to 2; where forecast and truth are both 0 it is 0.

    Source: Makridakis et al. 2020 (M4), doi 10.1016/j.ijforecast.2019.04.014, equation 1, without the factor 100.
    """
    apart, together = np.abs(forecast - truth), np.abs(forecast) + np.abs(truth)
    ratio = np.divide(2.0 * apart, together, out=np.zeros_like(apart), where=together > 0)
    return ratio.mean(axis=(1, 2))


def pinball(
    quantiles: Float[np.ndarray, "n h c q"], truth: Float[np.ndarray, "n h c"], levels: Float[np.ndarray, "q"]
) -> float:
    """Mean pinball loss of forecast quantiles.

    Source: Koenker and Bassett 1978, Regression quantiles.
    """
    short = truth[..., None] - quantiles
    return float(np.maximum(levels * short, (levels - 1.0) * short).mean())


def covered(
    low: Float[np.ndarray, "n h c"], high: Float[np.ndarray, "n h c"], truth: Float[np.ndarray, "n h c"]
) -> Bool[np.ndarray, "n h c"]:
    """Whether each true value lies within its interval, ends included."""
    return (low <= truth) & (truth <= high)


def seasonal_naive(past: Float[np.ndarray, "n t c"], horizon: int, season: int) -> Float[np.ndarray, "n h c"]:
    """The last season, again and again; the last value where the past is shorter than a season."""
    length = past.shape[1]
    season = season if season <= length else 1
    return past[:, length - season + np.arange(horizon) % season]


def last_value(past: Float[np.ndarray, "n t c"], horizon: int) -> Float[np.ndarray, "n h c"]:
    """The last value, again and again."""
    return np.repeat(past[:, -1:], horizon, axis=1)
