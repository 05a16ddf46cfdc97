"""Student's t with any degrees of freedom, infinity (the normal distribution) included."""

import math

from scipy import special


def t_tail(value: float, freedom: float) -> float:
    """P(T > value)."""
    return float(special.ndtr(-value) if math.isinf(freedom) else special.stdtr(freedom, -value))


def t_quantile(probability: float, freedom: float) -> float:
    """The value that T stays below with this probability."""
    return float(special.ndtri(probability) if math.isinf(freedom) else special.stdtrit(freedom, probability))
