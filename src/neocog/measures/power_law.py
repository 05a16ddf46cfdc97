"""A power law of learning: how the error falls with the number of training items, and what more of them would bring.

Legend: K sizes, R runs (seeds) at each, n test items, the same for all sizes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from neocog.measures.components import components
from neocog.measures.student import t_quantile

FARTHEST = 4.0
"""The law is followed to so many times the data at most."""
FEWEST_SIZES, FEWEST_POINTS = 3, 4
_EXPONENTS = (0.02, 3.0)
_CELLS = (60, 61)  # exponents and floors of the grid
_LOOKS = 3  # each but the first at what the one before leaves possible
_FAR = 30.0  # in chi-square: laws further off are in no interval
_LEAST = 0.01  # of the items' variance is each size's own at least, so that the covariance can be inverted


@dataclass(frozen=True)
class Gain:
    """What more data would bring: the error falls by so much (a fraction), with its interval."""

    times: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class PowerLaw:
    """error(n) = floor + scale n^-exponent, with n the number of training items.

    Args:
        floor: what no amount of such data removes, at least 0; hardly known from few sizes.
        scale: at least 0.
        exponent: 0.02 to 3.
        largest: the largest size that was measured.
        misfit: chi-square per degree of freedom where there are more sizes than three, else 0; above 1 the intervals
            were widened by its root.
        gains: for twice and four times ``largest``.
    """

    floor: float
    scale: float
    exponent: float
    largest: float
    misfit: float
    gains: tuple[Gain, ...]

    def error(self, items: float) -> float:
        """The error at so many training items.

        Raises:
            ValueError: beyond four times the largest size that was measured.
        """
        if items > self.largest * FARTHEST * (1 + 1e-9):
            raise ValueError(f"{items:,.0f} items are more than {FARTHEST:g} times the {self.largest:,.0f} measured")
        return self.floor + self.scale * items**-self.exponent

    @property
    def doubling(self) -> Gain:
        """What twice the data would bring."""
        return self.gains[0]


def power_law(
    sizes: Sequence[float], errors: Sequence[Float[np.ndarray, "_ n"]], *, alpha: float = 0.05
) -> PowerLaw | None:
    """Fit a power law to errors at several sizes; None if they are too few to tell (three sizes, four runs).

    The mean errors of the K sizes have the covariance: items, cov(item means) / n, because all sizes share their test
    items; and seeds, pooled over sizes as a share of e (1 - e), on the diagonal. The law is fitted by generalised
    least squares. The interval of a gain holds every gain of which some law (floor >= 0, scale >= 0) is not further
    from the errors than t^2: a profile likelihood, with t for the degrees of freedom of the pooled seeds. With four or
    more sizes it is widened by the root of chi-square per degree of freedom, if that is above 1.

    Args:
        sizes: numbers of training items, rising.
        errors: for each size a row per run and a column per test item, such as 1 for a wrong answer.
        alpha: 1 - the level of the intervals.

    Source: the form of the law: Cortes, Jackel, Solla, Vapnik and Denker 1993 (NIPS 6:327); Hestness et al. 2017
    (arXiv 1712.00409). The interval is ours: in simulations with known truth (three to five sizes, two or three runs,
    600 or 1,000 test items, 200 draws of each) it covered the gain of doubling in 95.5 to 99 %; it errs on the wide
    side. It does not know that other training images of the same number would have given other errors.
    """
    runs = sum(len(each) for each in errors)
    if len(sizes) < FEWEST_SIZES or runs < FEWEST_POINTS or len(sizes) != len(errors):
        return None
    means = np.array([each.mean() for each in errors])
    weight, freedom = _weight(errors)
    grid = _searched(np.asarray(sizes, np.float64), means, weight)
    best, scale = grid.best()
    misfit = best / (len(sizes) - 3) if len(sizes) > 3 else 0.0
    limit = best + t_quantile(1 - alpha / 2, freedom) ** 2 * max(1.0, misfit)
    floor, exponent = grid.at_best()
    gains = []
    for times in (2.0, FARTHEST):
        low, high = grid.range_of(times, limit)
        gains.append(Gain(times, float(scale * sizes[-1] ** -exponent * (1 - times**-exponent)), low, high))
    return PowerLaw(floor, scale, exponent, float(sizes[-1]), float(misfit), tuple(gains))


def _weight(errors: Sequence[Float[np.ndarray, "_ n"]]) -> tuple[Float64[np.ndarray, "K K"], float]:
    """The inverse covariance of the mean errors, and the degrees of freedom behind its seeds."""
    n = errors[0].shape[1]
    parts = [components(each) for each in errors]
    spread = np.array([max(each.mean * (1 - each.mean), 0.5 / n) for each in parts])
    shared = np.cov(np.stack([each.item_means for each in parts])) / n
    freedom = sum(each.runs - 1 for each in parts)
    own = [each.between_runs - each.interaction / n for each in parts]  # the rest shows in the item means
    ratios = [(each.runs - 1) * s / v for each, s, v in zip(parts, own, spread, strict=True)]
    pooled = max(0.0, sum(ratios) / freedom) if freedom else 0.0
    seeds = np.array([pooled * v / each.runs for each, v in zip(parts, spread, strict=True)])
    covariance = shared + np.diag(np.maximum(seeds, _LEAST * spread / n))
    share = [each.runs_variance / v for each, v in zip(parts, np.diag(covariance), strict=True)]
    seen = min(1.0, float(np.mean(share)))
    return np.linalg.inv(covariance), freedom / seen**2 if freedom and seen > 0 else math.inf


def _searched(
    sizes: Float64[np.ndarray, " K"], means: Float64[np.ndarray, " K"], weight: Float64[np.ndarray, "K K"]
) -> "_Grid":
    """A grid that covers every law in question, as finely as it can."""
    exponents, floors = _EXPONENTS, (0.0, max(float(means.max()), 1e-9))
    for _ in range(_LOOKS):
        tried = np.geomspace(*exponents, _CELLS[0]), np.linspace(*floors, _CELLS[1])
        grid = _Grid.over(sizes, means, weight, *tried)
        best = float(grid.least.min())
        near = grid.least <= best + _FAR * max(1.0, best / max(1, len(sizes) - 3))
        (rows,), (columns,) = np.nonzero(near.any(axis=1)), np.nonzero(near.any(axis=0))
        exponents = tried[0][max(rows[0] - 1, 0)], tried[0][min(rows[-1] + 1, _CELLS[0] - 1)]
        floors = tried[1][max(columns[0] - 1, 0)], tried[1][min(columns[-1] + 1, _CELLS[1] - 1)]
    return grid


@dataclass(frozen=True)
class _Grid:
    """All laws with these exponents and floors; for each, chi-square as a quadratic in its scale.

    Scales are those at the largest size: error = floor + scale (n / largest)^-exponent, which keeps numbers near 1.
    """

    exponents: Float64[np.ndarray, "E F"]
    floors: Float64[np.ndarray, "E F"]
    square: Float64[np.ndarray, "E F"]
    middle: Float64[np.ndarray, "E F"]
    least: Float64[np.ndarray, "E F"]
    largest: float

    @classmethod
    def over(
        cls,
        sizes: Float64[np.ndarray, " K"],
        means: Float64[np.ndarray, " K"],
        weight: Float64[np.ndarray, "K K"],
        exponents: Float64[np.ndarray, " E"],
        floors: Float64[np.ndarray, " F"],
    ) -> "_Grid":
        curve = (sizes / sizes[-1]) ** -exponents[:, None]
        rest = means - floors[:, None]
        square = np.einsum("ek,kl,el->e", curve, weight, curve)[:, None]
        cross = np.einsum("ek,kl,fl->ef", curve, weight, rest)
        whole = np.einsum("fk,kl,fl->f", rest, weight, rest)[None]
        middle = np.maximum(cross / square, 0.0)
        least = whole - 2 * middle * cross + middle**2 * square
        square = np.broadcast_to(square, least.shape)
        across, down = np.meshgrid(exponents, floors, indexing="ij")
        return cls(across, down, square, middle, least, float(sizes[-1]))

    def best(self) -> tuple[float, float]:
        """The smallest chi-square, and its scale for sizes as they are."""
        place = int(self.least.argmin())
        scale = float(self.middle.flat[place]) * self.largest ** float(self.exponents.flat[place])
        return float(self.least.flat[place]), scale

    def at_best(self) -> tuple[float, float]:
        """Floor and exponent there."""
        place = int(self.least.argmin())
        return float(self.floors.flat[place]), float(self.exponents.flat[place])

    def range_of(self, times: float, limit: float) -> tuple[float, float]:
        """The smallest and the largest gain of all laws whose chi-square stays within the limit."""
        within = self.least <= limit
        reach = np.sqrt(np.maximum(limit - self.least, 0.0) / self.square)
        share = 1 - times**-self.exponents
        low = np.maximum(self.middle - reach, 0.0) * share
        high = (self.middle + reach) * share
        return float(low[within].min()), float(high[within].max())
