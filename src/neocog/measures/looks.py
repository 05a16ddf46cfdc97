"""Looks: a comparison that goes on after its answer was seen is tested again, and that costs."""

from dataclasses import dataclass

from neocog.core.errors import UsageProblem

ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class Looks:
    """Which look this is, of how many for which the chance of a wrong answer is shared out.

    Each look is given the same share: p values are multiplied by ``planned`` (Bonferroni), so that with 5 % and two
    looks each is held to 2.5 %, and both together to 5 %. A look beyond those is said, with what it costs.

    Args:
        planned: looks that the chance is shared among.
        taken: looks at this comparison, this one included.

    Raises:
        UsageProblem: ``looks-range``.
    """

    planned: int = 1
    taken: int = 1

    def __post_init__(self) -> None:
        if self.planned < 1 or self.taken < 1:
            raise UsageProblem("looks-range", f"{self.taken} of {self.planned} looks", help="give 1 or more")

    def corrected(self, p: float) -> float:
        """A p value, corrected for the number of looks."""
        return min(1.0, p * self.planned)

    def note(self, alpha: float) -> str:
        """What looking again has cost, as a sentence; empty within the planned looks."""
        if self.taken <= self.planned:
            return ""
        ordinal = ORDINALS[self.taken] if self.taken < len(ORDINALS) else f"{self.taken}th"
        cost = 100 * min(1.0, alpha * self.taken / self.planned)
        return (
            f"This is the {ordinal} look at this comparison: over all of them the chance of a wrong answer is about "
            f"{cost:.3g} %, not {100 * alpha:.3g} %."
        )


ONE_LOOK = Looks()
