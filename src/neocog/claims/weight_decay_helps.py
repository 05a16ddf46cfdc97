"""Weight decay improves what a network makes of few images."""

from neocog.claims.claim import Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context
from neocog.claims.effect import Effect, between_items

STEPS, FEW, DECAY = 900, 20, 0.01


def measure(context: Context) -> Effect:
    """With decay."""
    return _gain(context, DECAY)


def without_decay(context: Context) -> Effect:
    """With none."""
    return _gain(context, 0.0)


def _gain(context: Context, decay: float) -> Effect:
    data, found = context.images(per_class=FEW), {}
    for name, strength, seeds in ((f"decay {decay:g}", decay, OTHER_SEEDS), ("no decay", 0.0, SEEDS)):
        settings = {"descent.optimizer": "momentum", "descent.weight_decay": strength}
        found[name] = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=seeds, settings=settings).right()
    return between_items(found)


CLAIM = Claim(
    title="Weight decay improves generalisation.",
    hypothesis=f"With {FEW} images of each class, accuracy on test images is higher with a weight decay of {DECAY} "
    "than with none, by half a point at least.",
    condition="A decay of 0, in other seeds: nothing decays.",
    source="Krogh and Hertz 1992, A simple weight decay can improve generalization",
    scale=f"digits at 8x8 pixels, an MLP of 512 and 256 units, SGD with momentum at its usual rate, {STEPS} steps of "
    "32 images, 5 seeds",
    smallest=0.005,
    unit="points",
    seconds=50,
    measure=measure,
    control=without_decay,
)
