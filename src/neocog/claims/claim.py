"""Claim: a sentence as texts make it, and the experiment that asks whether it holds."""

from collections.abc import Callable
from dataclasses import dataclass

from neocog.claims.context import Context
from neocog.claims.effect import Effect


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of the textbooks. All words were written before the run, and stay as they are after it.

    Args:
        title: the claim as a sentence.
        hypothesis: the quantity, the predicted direction, and why the smallest effect of interest is what it is.
        condition: where the effect must vanish or reverse, and why.
        source: the text or paper that makes it.
        scale: the data, networks, steps and seeds that it is tested at.
        smallest: the smallest effect of interest, in ``unit``; fractions where the unit is ``points``.
        unit: of the effect: ``points`` (of per cent), or a word that is written behind the number.
        seconds: about what it takes on one quiet core.
        measure: runs the experiment.
        control: runs the same experiment in ``condition``.
    """

    title: str
    hypothesis: str
    condition: str
    source: str
    scale: str
    smallest: float
    unit: str
    seconds: int
    measure: Callable[[Context], Effect]
    control: Callable[[Context], Effect]
