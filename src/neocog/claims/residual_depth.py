"""Residual connections let networks of more than 100 layers train."""

from neocog.claims.claim import Claim
from neocog.claims.context import SEEDS, Context
from neocog.claims.effect import Effect, between_items

STEPS, DEEP, SHALLOW, RUNS = 200, 104, 8, SEEDS[:3]


def measure(context: Context) -> Effect:
    """104 layers."""
    return _raced(context, SHALLOW if context.quick else DEEP)


def shallow(context: Context) -> Effect:
    """8 layers."""
    return _raced(context, SHALLOW)


def _raced(context: Context, depth: int) -> Effect:
    data, found = context.images(), {}
    for name, shortcut in (("with shortcuts", "A"), ("plain", "none")):
        network = f"resnet[depth={depth},width=4,shortcut={shortcut}]"
        found[name] = context.train(data, network, steps=STEPS, seeds=RUNS).right()
    return between_items(found)


CLAIM = Claim(
    title="Residual connections let networks of more than 100 layers train.",
    hypothesis=f"After {STEPS} steps a network of {DEEP} layers has a higher accuracy on test images with shortcuts "
    "than without, by 10 points at least: a network that does not train is not missed by less.",
    condition=f"{SHALLOW} layers, where plain networks train: the difference must stay under 10 points.",
    source="He, Zhang, Ren and Sun 2016, arXiv 1512.03385, section 4.2",
    scale=f"digits at 8x8 pixels, ResNet for small images of width 4 with batch norm, {STEPS} steps of 32 images, "
    f"{len(RUNS)} seeds",
    smallest=0.1,
    unit="points",
    seconds=150,
    measure=measure,
    control=shallow,
)
