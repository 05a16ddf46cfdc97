"""Invariance: how much an answer in probabilities changes when its item does."""

import numpy as np
from jaxtyping import Float, Float64


def same_class(before: Float[np.ndarray, "n k"], after: Float[np.ndarray, "n k"]) -> Float64[np.ndarray, " n"]:
    """1 where the likeliest class stays, 0 elsewhere."""
    return (before.argmax(1) == after.argmax(1)).astype(np.float64)


def total_variation(before: Float[np.ndarray, "n k"], after: Float[np.ndarray, "n k"]) -> Float64[np.ndarray, " n"]:
    """Half the sum of absolute differences: 0 where the probabilities stay, 1 where they have nothing in common."""
    return 0.5 * np.abs(before.astype(np.float64) - after).sum(1)
