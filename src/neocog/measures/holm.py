"""Holm: p values corrected for the number of questions that were asked."""

import numpy as np
from jaxtyping import Float, Float64


def holm(p: Float[np.ndarray, " tests"]) -> Float64[np.ndarray, " tests"]:
    """Adjusted p values, in the order given: reject where one is at most alpha, and the chance that *any* true null
    hypothesis is rejected is at most alpha, however the tests depend on each other.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65; the adjusted form is the running maximum of
    (m - rank + 1) p, at most 1.
    """
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(p), 0, -1)
    rising = np.maximum.accumulate(p[order].astype(np.float64) * factors)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(rising, 1.0)
    return adjusted
