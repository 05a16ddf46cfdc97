"""A race of two optimisers, each at the best of five rates: what three claims have in common."""

from collections.abc import Mapping

from neocog.claims.claim import Claim
from neocog.claims.context import Context
from neocog.claims.effect import Effect, between_items
from neocog.claims.trained import Trained
from neocog.data.images import ImageData
from neocog.fit.descent import OPTIMIZERS

EARLY, LATE = 60, 900
FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
TRIAL_SEED = 50
NETWORK = "mlp[dropout=0]"


def race_claim(optimizer: str, shown: str, source: str) -> Claim:
    """The claim that this optimiser is faster than plain SGD.

    Args:
        optimizer: its name among ``OPTIMIZERS``.
        shown: its name in sentences.
        source: who proposed it.
    """

    def early(context: Context) -> Effect:
        return _raced(context, optimizer, EARLY)

    def late(context: Context) -> Effect:
        return _raced(context, optimizer, LATE)

    return Claim(
        title=f"{shown} converges faster than plain SGD.",
        hypothesis=f"After {EARLY} steps, two passes over the data, accuracy on test images is higher with {shown} "
        f"than with SGD, each at the best of five rates, by 2 points at least.",
        condition=f"After {LATE} steps, where both have learnt what there is: what is speed must be gone.",
        source=source,
        scale="digits at 8x8 pixels, an MLP of 512 and 256 units, constant rates of 0.1 to 10 times the usual one "
        "chosen on validation by a seed of its own, steps of 32 images, 5 seeds",
        smallest=0.02,
        unit="points",
        seconds=60,
        measure=early,
        control=late,
    )


def _raced(context: Context, optimizer: str, steps: int) -> Effect:
    data, found = context.images(), {}
    for name in (optimizer, "sgd"):
        rate = _best_rate(context, data, name, steps)
        settings = _settings(name, rate)
        found[f"{name} at {rate:.3g}"] = context.train(data, NETWORK, steps=steps, settings=settings).right()
    return between_items(found)


def _best_rate(context: Context, data: ImageData, optimizer: str, steps: int) -> float:
    """The rate with the lowest log-loss on validation; a rate at which the loss stops being a number is out."""
    rates = [factor * OPTIMIZERS[optimizer].rate for factor in FACTORS[1:3] if context.quick] or [
        factor * OPTIMIZERS[optimizer].rate for factor in FACTORS
    ]
    return min(rates, key=lambda rate: _trial(context, data, _settings(optimizer, rate), steps))


def _trial(context: Context, data: ImageData, settings: Mapping[str, object], steps: int) -> float:
    trained: Trained | None = context.attempt(data, NETWORK, steps=steps, seed=TRIAL_SEED, settings=settings)
    return float("inf") if trained is None else float(trained.runs[0].facts["val_scores"]["log_loss"])


def _settings(optimizer: str, rate: float) -> Mapping[str, object]:
    return {
        "descent.optimizer": optimizer,
        "descent.rate": rate,
        "descent.schedule": "constant",
        "descent.weight_decay": 0.0,
    }
