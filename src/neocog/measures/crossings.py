"""Crossings: who leads, as a budget grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Line = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Lead:
    """One network leads from a budget on, up to the beginning of the next lead."""

    label: str
    begins: float


def leads(lines: Mapping[str, Line], margin: float = 0.0) -> list[Lead]:
    """Who leads at which budget, from the first at which there is a score.

    Between its looks a network's score is taken on the straight line from one to the next; before the first it has
    none, and after the last it keeps what it has. The lead changes only where another one is ahead by more than the
    margin, so that curves that run together do not cross at every look; the budget named is the look at which that
    shows.

    Args:
        lines: of each network, budgets (increasing) and scores, the higher the better.
        margin: a lead that does not matter.
    """
    drawn = {label: line for label, line in lines.items() if len(line[0])}
    found: list[Lead] = []
    for place in sorted({float(x) for xs, _ in drawn.values() for x in xs}):
        here = {label: float(np.interp(place, *line)) for label, line in drawn.items() if line[0][0] <= place}
        best = max(here, key=lambda label: here[label])
        if not found or (best != found[-1].label and here[best] > here[found[-1].label] + margin):
            found.append(Lead(best, place))
    return found


def leads_sentence(found: Sequence[Lead], unit: str) -> str:
    """Such as ``Up to about 2e9 FLOPs mlp leads, then lenet5.``; empty where there is nobody."""
    if not found:
        return ""
    if len(found) == 1:
        return f"{found[0].label} leads at every number of {unit} that was seen."
    words = f"Up to about {_about(found[1].begins)} {unit} {found[0].label} leads, then {found[1].label}"
    return words + "".join(f", from about {_about(lead.begins)} {unit} on {lead.label}" for lead in found[2:]) + "."


def _about(number: float) -> str:
    return f"{number:.2g}".replace("e+0", "e").replace("e+", "e")
