"""Deep networks train with ReLU where they do not with the sigmoid."""

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items

STEPS, DEEP, WIDTH = 600, 10, 64
SETTINGS = {"descent.optimizer": "momentum", "descent.clip": 1.0}  # without clipping ReLU diverges at this depth


def measure(context: Context) -> Effect:
    """Ten hidden layers."""
    return _raced(context, DEEP)


def shallow(context: Context) -> Effect:
    """One hidden layer."""
    return _raced(context, 1)


def _raced(context: Context, depth: int) -> Effect:
    data, widths = context.images(), "+".join([str(WIDTH)] * depth)
    found = {
        name: context.train(
            data, f"mlp[widths={widths},activation={name},dropout=0]", steps=STEPS, settings=SETTINGS
        ).right()
        for name in ("relu", "sigmoid")
    }
    return between_items(found)


CLAIM = Claim(
    title="Deep networks train with ReLU where they do not with the sigmoid.",
    hypothesis=f"After {STEPS} steps an MLP of {DEEP} hidden layers has a higher accuracy on test images with ReLU "
    "than with the sigmoid, by 5 points at least: a network that does not train is not missed by less.",
    condition="One hidden layer: the sigmoid trains well there, so the difference must stay under 5 points.",
    source="Glorot, Bordes and Bengio 2011, Deep sparse rectifier neural networks; Krizhevsky et al. 2012, section 3.1",
    scale=f"digits at 8x8 pixels, layers of {WIDTH} units, SGD with momentum at its usual rate, gradients "
    f"clipped to a norm of 1, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.05,
    unit="points",
    seconds=50,
    measure=measure,
    control=shallow,
)
