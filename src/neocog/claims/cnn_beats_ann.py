"""A convolutional network beats a dense one of equal size on images."""

from neocog.claims.claim import Claim
from neocog.claims.context import Context, shapes
from neocog.claims.effect import Effect, between_items
from neocog.claims.pictures import shuffled_places
from neocog.claims.untrained import uncounted
from neocog.data.images import ImageData
from neocog.measures.cost import parameters
from neocog.networks.simple_cnn import SimpleCNN

STEPS = 600


def measure(context: Context) -> Effect:
    """On images as they are."""
    return _raced(context, context.images(size=16))


def without_neighbours(context: Context) -> Effect:
    """On the same images with their pixels in one random order."""
    return _raced(context, shuffled_places(context.images(size=16)))


def equal_width(data: ImageData) -> int:
    """Units of the one hidden layer with which an MLP has as many parameters as simple-cnn, to the nearest unit."""
    takes, gives = shapes(data)
    return round((parameters(uncounted(SimpleCNN, takes, gives)) - gives.size) / (takes.size + 1 + gives.size))


def _raced(context: Context, data: ImageData) -> Effect:
    width = equal_width(data)
    cnn = context.train(data, "simple-cnn", steps=STEPS)
    ann = context.train(data, f"mlp[widths={width},dropout=0.5]", steps=STEPS)
    return between_items({"simple-cnn": cnn.right(), f"mlp of {width} units": ann.right()})


CLAIM = Claim(
    title="A convolutional network beats a dense one of equal size on images.",
    hypothesis="Accuracy on test images of simple-cnn less that of an MLP with one hidden layer and as many parameters "
    "is above 0. Half a point is what one would change the network for.",
    condition="The pixels of all images in one random order: the dense network does not notice, and to the "
    "convolution neighbours tell nothing any more.",
    source="LeCun et al. 1998, section II; Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.2",
    scale=f"digits at 16x16 pixels, both networks with dropout, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.005,
    unit="points",
    seconds=100,
    measure=measure,
    control=without_neighbours,
)
