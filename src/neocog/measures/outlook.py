"""Outlook: what a comparison of accuracies can settle, said before anything is trained."""

from dataclasses import dataclass

from neocog.measures.power import Plan, smallest_difference, smallest_margin
from neocog.measures.quantities import size
from neocog.measures.sources import Sources

Range = tuple[float, float]


@dataclass(frozen=True)
class Usual:
    """How accurate networks usually are, and what then varies, in shares of accuracy x (1 - accuracy).

    Args:
        accuracy: expected.
        seed_sd: standard deviation of a seed's accuracy.
        items: s2I, for two networks that see some items differently.
        rest: s2e, of one seed on one item.
    """

    accuracy: float
    seed_sd: float
    items: float
    rest: float

    @property
    def sources(self) -> Sources:
        """For two such networks."""
        spread = self.accuracy * (1 - self.accuracy)
        return Sources(self.items * spread, (self.seed_sd**2,) * 2, (self.rest * spread,) * 2)


EASY, HARD = Usual(0.99, 0.001, 0.07, 0.7), Usual(0.90, 0.005, 0.3, 0.5)
"""The favourable and the unfavourable end of what is usual; the shares are those of the simulated world in which the
procedure was tested (``benchmarks/verdict_world.py``)."""


@dataclass(frozen=True)
class Outlook:
    """What can be settled with a chance of 80 %, from a favourable to an unfavourable case.

    Args:
        difference: the smallest true difference that will be called "beats".
        margin: the smallest margin within which equal networks will be called a tie.
        runs: of each network.
        items: in the test part.
        pairs: that are compared.
    """

    difference: Range
    margin: Range
    runs: int
    items: int
    pairs: int


def outlook(runs: int, items: int, pairs: int, *, alpha: float = 0.05, looks: int = 1) -> Outlook | None:
    """What a comparison of accuracies can settle; None for a single run, for fewer than two items, and without pairs.

    Nothing is known before training, so it is a range between networks that are right in 99 % of items and hardly vary
    with the seed (standard deviation 0.1 points), and such as are right in 90 % and vary more (0.5 points). Every pair
    and every look is given its full correction.
    """
    if runs < 2 or items < 2 or pairs < 1:
        return None
    plans = [Plan(usual.sources, (runs, runs), items, alpha / (pairs * looks)) for usual in (EASY, HARD)]
    differences = [smallest_difference(plan) for plan in plans]
    margins = [smallest_margin(plan) for plan in plans]
    return Outlook((differences[0], differences[1]), (margins[0], margins[1]), runs, items, pairs)


def outlook_sentences(found: Outlook, margin: float) -> str:
    """What can be settled, and what that means for the margin that was asked for."""
    pairs = "1 pair" if found.pairs == 1 else f"{found.pairs} pairs"
    text = (
        f"Before training: {found.runs} seeds each, {found.items:,} test items and {pairs} can settle a true "
        f"difference of {size(found.difference[0])} (networks right in 99 %) to {size(found.difference[1])} (in 90 %), "
        f"and a tie within a margin of {size(found.margin[0])} to {size(found.margin[1])}, each with a chance of 80 %."
    )
    if margin < found.margin[0]:
        return f"{text} Your margin of {size(margin)} is smaller: do not expect a tie."
    if margin < found.margin[1]:
        return f"{text} Whether your margin of {size(margin)} suffices for a tie depends on how accurate they are."
    return text
