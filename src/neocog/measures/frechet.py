"""The Frechet distance between two clouds of points, each taken for a Gaussian; all of it in float64."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_SMALLEST = 1e-12  # of the largest eigenvalue; what is below is rounding


class Moments(NamedTuple):
    """Mean and covariance of a cloud of points; the covariance divides by n, so that one point has one."""

    mean: Float[np.ndarray, "d"]
    covariance: Float[np.ndarray, "d d"]


def moments(points: Float[np.ndarray, "n d"]) -> Moments:
    """Mean and covariance of at least one point."""
    exact = np.asarray(points, np.float64)
    mean = exact.mean(0)
    apart = exact - mean
    return Moments(mean, apart.T @ apart / len(exact))


def frechet_distance(a: Moments, b: Moments) -> float:
    """``|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))``: 0 for equal Gaussians, in squared units of the points.

    Of samples of n points it is too large by about the number of dimensions, times their spread, over n: compare
    only distances of equally many points.

    Source: Dowson and Landau 1982, doi 10.1016/0047-259X(82)90077-X, equation 3; Heusel et al. 2017,
    arXiv:1706.08500, for its use on the features of a network. The trace of the root is taken from the eigenvalues of
    ``C_b^(1/2) C_a C_b^(1/2)``, which is symmetric, so that no complex numbers arise; covariances divide by n.
    """
    root = _root(b.covariance)
    values = np.linalg.eigvalsh(_symmetric(root @ a.covariance @ root))
    between = float(np.sqrt(np.clip(values, 0, None)).sum())
    apart = a.mean - b.mean
    distance = float(apart @ apart) + float(np.trace(a.covariance) + np.trace(b.covariance)) - 2 * between
    return max(0.0, distance)


def frechet_items(points: Float[np.ndarray, "n d"], reference: Moments) -> Float[np.ndarray, "n"]:
    """What each point adds to the distance of all of them from a reference; the mean over them is that distance.

    It is the distance plus the point's influence on it, the slope of the distance in the point's weight. So the
    spread of these numbers over the root of n is the distance's standard error for new points, and two clouds can be
    compared point by point. The reference is taken as given. As with a single number's variance, the
    distance's own bias for few points is not seen.

    Source: the influence function of Hampel 1974, doi 10.1080/01621459.1974.10482962, of the distance above: its
    derivative is ``2 (m - m_r)`` in the mean and ``1 - T`` in the covariance, where ``T`` is the map that carries the
    cloud's Gaussian to the reference's.
    """
    exact = np.asarray(points, np.float64)
    own = moments(exact)
    root = _root(reference.covariance)
    carried = root @ _inverse_root(_symmetric(root @ own.covariance @ root)) @ root
    slope = np.eye(len(own.mean)) - carried
    apart = exact - own.mean
    by_mean = 2 * apart @ (own.mean - reference.mean)
    by_covariance = np.einsum("nd,de,ne->n", apart, slope, apart, optimize=True)
    influence = by_mean + by_covariance
    return frechet_distance(own, reference) + influence - influence.mean()


def _symmetric(matrix: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    return (matrix + matrix.T) / 2


def _root(matrix: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    values, vectors = np.linalg.eigh(_symmetric(matrix))
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _inverse_root(matrix: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    values, vectors = np.linalg.eigh(matrix)
    there = values > _SMALLEST * max(float(values[-1]), 0.0)
    inverse = np.where(there, 1 / np.sqrt(np.where(there, values, 1.0)), 0.0)
    return (vectors * inverse) @ vectors.T
