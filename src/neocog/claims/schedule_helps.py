"""A learning rate that falls reaches more than one that stays."""

from neocog.claims.claim import Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context
from neocog.claims.effect import Effect, between_items

STEPS, RATE = 900, 0.1
COMMON = {"descent.optimizer": "momentum", "descent.rate": RATE}


def measure(context: Context) -> Effect:
    """Down to a thousandth of the rate."""
    return _gain(context, 0.001)


def never_falling(context: Context) -> Effect:
    """Down to the rate itself."""
    return _gain(context, 1.0)


def _gain(context: Context, final: float) -> Effect:
    data = context.images()
    falling = {**COMMON, "descent.schedule": "cosine", "descent.final": final}
    first = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=OTHER_SEEDS, settings=falling)
    staying = {**COMMON, "descent.schedule": "constant"}
    second = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=SEEDS, settings=staying)
    return between_items({f"falls to {final:g} of itself": first.right(), "stays": second.right()})


CLAIM = Claim(
    title="A learning rate that falls in the course of training reaches more than one that stays.",
    hypothesis=f"After {STEPS} steps from the rate {RATE}, accuracy on test images is higher where the rate falls "
    "along half a cosine to a thousandth than where it stays, by half a point at least.",
    condition="A cosine that ends where it begins, in other seeds: it is the constant rate.",
    source="Robbins and Monro 1951; Loshchilov and Hutter 2017, arXiv 1608.03983",
    scale=f"digits at 8x8 pixels, an MLP of 512 and 256 units, SGD with momentum, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.005,
    unit="points",
    seconds=50,
    measure=measure,
    control=never_falling,
)
