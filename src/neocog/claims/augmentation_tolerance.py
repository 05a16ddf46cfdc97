"""Augmentation buys tolerance to rotation and scale."""

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items
from neocog.claims.pictures import augmented, with_margin
from neocog.data.augment import Augmentation

STEPS, ANGLE, SCALE = 600, 30, 0.3


def measure(context: Context) -> Effect:
    """Trained on rotated and scaled images."""
    return _gain(context, f"rotation={ANGLE},scale={SCALE}")


def other_changes(context: Context) -> Effect:
    """Trained on images of other brightness and contrast."""
    return _gain(context, "brightness=0.4,contrast=0.4")


def _gain(context: Context, augment: str) -> Effect:
    """On test images that are rotated and scaled."""
    data = with_margin(context.images(size=16), 4)
    turned = augmented(data, Augmentation(rotation=float(ANGLE), scale=SCALE))
    changed = context.train(data, "simple-cnn", steps=STEPS, augment=augment)
    plain = context.train(data, "simple-cnn", steps=STEPS)
    return between_items({"augmented": changed.right(turned), "not augmented": plain.right(turned)})


CLAIM = Claim(
    title="Augmentation buys tolerance to rotation and scale.",
    hypothesis=f"On test images rotated by up to {ANGLE} degrees and scaled by a factor of up to {1 + SCALE}, accuracy "
    "is higher for a CNN that saw such changes in training than for one that did not, by 5 points at least.",
    condition="Changes of brightness and contrast instead: they must not buy it.",
    source="Simard, Steinkraus and Platt 2003, Best practices for convolutional neural networks; Goodfellow, Bengio "
    "and Courville 2016, Deep Learning, section 7.4",
    scale=f"digits at 16x16 pixels on a field of 24x24, simple-cnn, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.05,
    unit="points",
    seconds=120,
    measure=measure,
    control=other_changes,
)
