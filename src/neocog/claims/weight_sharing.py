"""Weight sharing saves parameters."""

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, counted
from neocog.claims.untrained import uncounted
from neocog.core.shapes import Image, Vector
from neocog.measures.cost import profile
from neocog.networks.locally_connected import LocallyConnectedNet
from neocog.networks.mlp import MLP
from neocog.networks.simple_cnn import SimpleCNN

PHOTOGRAPH, UNITS, CLASSES = Image(3, 480, 640), 512, Vector(10)


def measure(context: Context) -> Effect:
    """Of the first layer, for a photograph."""
    dense = _first(uncounted(MLP, PHOTOGRAPH, CLASSES, widths=(UNITS,)), PHOTOGRAPH)
    local = _first(uncounted(LocallyConnectedNet, PHOTOGRAPH, CLASSES, twin="simple-cnn"), PHOTOGRAPH)
    shared = _first(uncounted(SimpleCNN, PHOTOGRAPH, CLASSES), PHOTOGRAPH)
    sides = {
        f"dense, {UNITS} units": (float(dense),),
        "locally connected, 32 maps": (float(local),),
        "convolution, 32 maps": (float(shared),),
    }
    return counted(local / shared, sides)


def one_place(context: Context) -> Effect:
    """The same for an image of 4x4 pixels, in which windows have four places."""
    smallest = Image(3, 4, 4)
    local = _first(uncounted(LocallyConnectedNet, smallest, CLASSES, twin="simple-cnn"), smallest)
    shared = _first(uncounted(SimpleCNN, smallest, CLASSES), smallest)
    sides = {"locally connected, 4x4 pixels": (float(local),), "convolution, 4x4 pixels": (float(shared),)}
    return counted(local / shared, sides)


def _first(network: MLP | LocallyConnectedNet | SimpleCNN, takes: Image) -> int:
    """Parameters of the first layer that has any."""
    return next(layer.parameters for layer in profile(network, takes) if layer.parameters)


CLAIM = Claim(
    title="Sharing weights saves parameters.",
    hypothesis="For a photograph of 640x480 pixels in colour, the layer of 32 maps of 3x3 windows with weights of its "
    "own at every place has at least a thousand times as many parameters as the convolution. A dense layer of "
    f"{UNITS} units, counted beside them, has hundreds of millions.",
    condition="An image of 4x4 pixels, where windows have four places: there is next to nothing to share.",
    source="LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition; Goodfellow, Bengio and "
    "Courville 2016, Deep Learning, section 9.2",
    scale="counted, not trained; a photograph of 640x480 pixels in colour, as in textbooks",
    smallest=1000,
    unit="times",
    seconds=5,
    measure=measure,
    control=one_place,
)
