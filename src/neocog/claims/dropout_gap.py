"""Dropout narrows the gap between training and test images."""

from neocog.claims.claim import Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context
from neocog.claims.effect import Effect, between_runs

STEPS, FEW, RATE = 600, 20, 0.5


def measure(context: Context) -> Effect:
    """Half of the hidden units left out."""
    return _gaps(context, RATE)


def none_left_out(context: Context) -> Effect:
    """None of them left out."""
    return _gaps(context, 0.0)


def _gaps(context: Context, rate: float) -> Effect:
    data = context.images(per_class=FEW)
    plain = context.train(data, "mlp[dropout=0]", steps=STEPS, seeds=OTHER_SEEDS)
    dropped = context.train(data, f"mlp[dropout={rate}]", steps=STEPS, seeds=SEEDS)
    return between_runs({"gap, no dropout": plain.log_loss_gap(), f"gap, dropout {rate}": dropped.log_loss_gap()})


CLAIM = Claim(
    title="Dropout narrows the gap between training and test images.",
    hypothesis=f"The gap in log-loss between test and training images of an MLP is smaller with dropout {RATE} than "
    "without, by 0.05 nats at least: a tenth of a gap that one would call overfitting.",
    condition="Dropout of rate 0, in other seeds: nothing is left out, so the gap must stay.",
    source="Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting",
    scale=f"digits at 8x8 pixels, {FEW} images of each class, an MLP of 512 and 256 units, {STEPS} steps of 32 images, "
    "5 seeds",
    smallest=0.05,
    unit="nats",
    seconds=40,
    measure=measure,
    control=none_left_out,
)
