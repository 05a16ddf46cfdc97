"""Linear autoregression: the next value as a weighted sum of the last ones."""

import numpy as np
from jaxtyping import Float

RIDGE = 1e-6  # of the mean square of the inputs: only to keep the equations solvable


def fit_autoregression(series: Float[np.ndarray, "t"], order: int) -> Float[np.ndarray, "weights"]:
    """Least-squares weights: first the constant, then those of the last ``order`` values, latest last.

    The series is centred and scaled before, and the weights are those of the values as they are given. A series that
    is too short for so many weights gets fewer, the rest being zero; with no more than two values: the last value.

    Source: Box and Jenkins 1970, by conditional least squares; a ridge of 1e-6 keeps collinear weights finite.
    """
    used = max(0, min(order, (len(series) - 1) // 2))
    if used == 0:
        return np.concatenate([np.zeros(order), [1.0]])
    middle, scale = float(series.mean()), float(series.std()) or 1.0
    z = (series - middle) / scale
    windows = np.lib.stride_tricks.sliding_window_view(z, used)[:-1]
    inputs = np.concatenate([np.ones((len(windows), 1)), windows], axis=1)
    square = inputs.T @ inputs
    penalty = RIDGE * len(inputs) * np.eye(used + 1)
    penalty[0, 0] = 0.0
    weights = np.linalg.solve(square + penalty, inputs.T @ z[used:])
    constant = middle * (1.0 - weights[1:].sum()) + scale * weights[0]
    return np.concatenate([[constant], np.zeros(order - used), weights[1:]])


def continue_autoregression(
    past: Float[np.ndarray, "n t"], weights: Float[np.ndarray, "weights"], horizon: int
) -> Float[np.ndarray, "n h"]:
    """Forecasts of ``horizon`` values after each past, each one made from those before."""
    order = len(weights) - 1
    known = np.concatenate([past[:, past.shape[1] - order :], np.zeros((len(past), horizon))], axis=1)
    for step in range(horizon):
        known[:, order + step] = weights[0] + known[:, step : order + step] @ weights[1:]
    return known[:, order:]
