"""Images drawn from one Gaussian per class, over the principal components of its pixels: what a network must beat."""

import numpy as np
from jaxtyping import Float, Int

from neocog.core.seeds import stream

COMPONENTS = 64
_MOST_PER_CLASS = 500  # more would cost memory and hardly change 64 components


def gaussian_images(
    unit_images: Float[np.ndarray, "n h w c"], labels: Int[np.ndarray, "n"], draws: int, seed: int
) -> Float[np.ndarray, "m h w c"]:
    """Draw images: each class as often as it occurs, with the mean and the principal components of its pixels.

    Args:
        unit_images: real images, pixels 0 to 1.
        labels: their classes.
        draws: how many to draw.
        seed: names the draw.

    Returns:
        Images with pixels clipped to 0 to 1.
    """
    random = np.random.default_rng(stream(seed, "gaussian"))
    kinds, counts = np.unique(labels, return_counts=True)
    drawn = random.choice(kinds, draws, p=counts / counts.sum())
    images = np.empty((draws, *unit_images.shape[1:]), np.float32)
    for kind in kinds:
        rows = np.flatnonzero(labels == kind)
        rows = np.sort(random.permutation(rows)[:_MOST_PER_CLASS])
        wanted = drawn == kind
        pixels = _drawn(unit_images[rows].reshape(len(rows), -1), int(wanted.sum()), random)
        images[wanted] = pixels.reshape(-1, *unit_images.shape[1:])
    return images.clip(0, 1)


def _drawn(pixels: Float[np.ndarray, "n p"], draws: int, random: np.random.Generator) -> Float[np.ndarray, "m p"]:
    mean = pixels.mean(0)
    apart = (pixels - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(apart @ apart.T / len(apart))  # of items, which are fewer than pixels
    kept = np.flatnonzero(values > 1e-9 * max(float(values[-1]), 1e-30))[-COMPONENTS:]
    axes = apart.T @ (vectors[:, kept] / np.sqrt(values[kept] * len(apart)))
    noise = random.standard_normal((draws, len(kept))) * np.sqrt(values[kept])
    return (mean + noise @ axes.T).astype(np.float32)
