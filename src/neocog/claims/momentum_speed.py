"""Momentum speeds up gradient descent."""

from neocog.claims.claim import Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context
from neocog.claims.effect import Effect, between_items

STEPS, RATE, MOMENTUM = 60, 0.02, 0.9
COMMON = {"descent.rate": RATE, "descent.schedule": "constant", "descent.weight_decay": 0.0}


def measure(context: Context) -> Effect:
    """Momentum .9."""
    return _gain(context, MOMENTUM)


def without_momentum(context: Context) -> Effect:
    """Momentum 0."""
    return _gain(context, 0.0)


def _gain(context: Context, momentum: float) -> Effect:
    data = context.images()
    moving = {**COMMON, "descent.optimizer": "momentum", "descent.momentum": momentum}
    first = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=OTHER_SEEDS, settings=moving)
    plain = {**COMMON, "descent.optimizer": "sgd"}
    second = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=SEEDS, settings=plain)
    return between_items({f"momentum {momentum}": first.right(), "plain SGD": second.right()})


CLAIM = Claim(
    title="Momentum speeds up gradient descent.",
    hypothesis=f"After {STEPS} steps at the rate {RATE}, accuracy on test images is higher with momentum {MOMENTUM} "
    "than with plain SGD, by 2 points at least. (At equal rates: in the long run that momentum takes steps ten times "
    "as long, which is part of what texts mean by it.)",
    condition="Momentum 0, in other seeds: it is plain SGD.",
    source="Polyak 1964; Rumelhart, Hinton and Williams 1986; Sutskever et al. 2013",
    scale=f"digits at 8x8 pixels, an MLP of 512 and 256 units, constant rate, {STEPS} steps of 32 images, 5 seeds",
    smallest=0.02,
    unit="points",
    seconds=10,
    measure=measure,
    control=without_momentum,
)
