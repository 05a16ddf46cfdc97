"""What breaks a network, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """What one kind of change did to one network; scores are fractions.

    Args:
        title: the change in a word or two, such as ``blur``.
        half: where half of what it knows above chance is lost, such as ``a shift of 3 pixels``; empty if nowhere.
        strongest: the strongest change that was tried, likewise.
        intact: the score without any change.
        last: the score at the strongest change.
        area: the mean score over all strengths.
    """

    title: str
    half: str
    strongest: str
    intact: float
    last: float
    area: float

    def kept(self, chance: float) -> float:
        """The share of what it knows above chance that is kept, on average over strengths."""
        return (self.area - chance) / (self.intact - chance)


def breaking_sentence(label: str, damages: Sequence[Damage], chance: float) -> str:
    """What breaks it most, of the changes that were tried, and what least.

    Args:
        label: the network.
        damages: one for each kind of change, at least one.
        chance: what is right without knowing anything, such as the share of the commonest class.
    """
    if damages[0].intact <= chance:
        return f"{label} knows nothing above chance ({_percent(chance)}) of intact images: there is nothing to break."
    halved = [damage for damage in damages if damage.half]
    worst = min(halved or damages, key=lambda damage: damage.kept(chance))
    best = max(damages, key=lambda damage: damage.kept(chance))
    if halved:
        said = f"{label} loses half of what it knows above chance at {worst.half}"
        most = ", which breaks it most of what was tried"
    else:
        said = f"{label} keeps more than half of what it knows above chance in all that was tried"
        most = (
            f"; {worst.title} costs most: {_percent(worst.intact)} becomes {_percent(worst.last)} at {worst.strongest}"
        )
    if len(damages) == 1:
        return f"{said}." if halved else f"{said}{most}."
    share = min(1.0, best.kept(chance))
    return f"{said}{most}; {best.title} hurts it least: on average {_percent(share)} of it is kept."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
