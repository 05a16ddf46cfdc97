"""With few images, starting from a trained network beats starting from nothing."""

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items
from neocog.claims.pictures import shuffled_places
from neocog.data.images import ImageData

SOURCE_STEPS, STEPS, FEW = 600, 100, 5
KNOWN, NEW = ("0", "1", "2", "3", "4"), ("5", "6", "7", "8", "9")


def measure(context: Context) -> Effect:
    """From a network that knows other digits."""
    return _gain(context, context.images(size=16, without=NEW))


def from_noise(context: Context) -> Effect:
    """From a network that knows the same digits with their pixels in one random order."""
    return _gain(context, shuffled_places(context.images(size=16, without=NEW)))


def _gain(context: Context, source: ImageData) -> Effect:
    (known,) = context.train(source, "simple-cnn", steps=SOURCE_STEPS, seeds=(0,)).runs
    data = context.images(size=16, per_class=FEW, without=KNOWN)
    on = context.train(data, "simple-cnn", steps=STEPS, start=known.folder.path)
    anew = context.train(data, "simple-cnn", steps=STEPS)
    return between_items({"from a trained network": on.right(), "from nothing": anew.right()})


CLAIM = Claim(
    title="With few images, starting from a trained network beats starting from nothing.",
    hypothesis=f"A CNN that knows the digits 0 to 4 is trained on {FEW} images each of 5 to 9. Its accuracy on test "
    f"images of those is higher than that of the same CNN from random weights, by 2 points at least.",
    condition="The first network knows the digits with their pixels in one random order: what it knows must not help.",
    source="Yosinski et al. 2014, How transferable are features in deep neural networks?, arXiv 1411.1792",
    scale=f"digits at 16x16 pixels, simple-cnn, {SOURCE_STEPS} steps on 0 to 4 by one seed, {STEPS} steps on 5 to 9 by "
    "5 seeds, all weights moving",
    smallest=0.02,
    unit="points",
    seconds=40,
    measure=measure,
    control=from_noise,
)
