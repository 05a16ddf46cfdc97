"""A dense network is sensitive to where the object is."""

from dataclasses import replace

import numpy as np

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, of_items
from neocog.claims.pictures import shifted, with_margin
from neocog.claims.trained import Trained

STEPS, SHIFT, FARTHEST = 600, 3, 4


def measure(context: Context) -> Effect:
    """Trained on centred digits."""
    data = with_margin(context.images(size=16), FARTHEST)
    return _drop(context.train(data, "mlp", steps=STEPS))


def trained_everywhere(context: Context) -> Effect:
    """Trained on digits at every place."""
    data = with_margin(context.images(size=16), FARTHEST)
    share = (FARTHEST + 0.2) / data.takes.width
    return _drop(context.train(data, "mlp", steps=4 * STEPS, augment=f"shift={share:.4f}"))


def _drop(trained: Trained) -> Effect:
    moved = [_at(trained, distance) for distance in range(FARTHEST + 1)]
    line = tuple((float(distance), float(right.mean())) for distance, right in enumerate(moved))
    found = of_items("accuracy lost", moved[0] - moved[SHIFT])
    return replace(found, lines={"mlp": line}, x="shift in pixels", y="accuracy")


def _at(trained: Trained, distance: int) -> np.ndarray:
    """Whether each run is right on each image, as a mean over the four directions."""
    ways = [(distance, 0), (-distance, 0), (0, distance), (0, -distance)] if distance else [(0, 0)]
    return np.mean([trained.right(shifted(trained.data, right, down)) for right, down in ways], axis=0)


CLAIM = Claim(
    title="A dense network is sensitive to where in the image the object is.",
    hypothesis=f"An MLP trained on centred digits loses accuracy when the test digits are moved by {SHIFT} pixels, a "
    "fifth of their size. A loss of 10 points would be noticed by anybody.",
    condition="Trained on digits at every place within 4 pixels, it must not lose that much.",
    source="LeCun et al. 1998, section II.A; Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.2",
    scale=f"digits at 16x16 pixels on a black field of 24x24, {STEPS} steps of 32 images, 4 times as many where they "
    "are moved in training, 5 seeds",
    smallest=0.1,
    unit="points",
    seconds=60,
    measure=measure,
    control=trained_everywhere,
)
