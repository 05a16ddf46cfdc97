"""Ranks that a test set can tell, and where one network stands among the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from neocog.measures.verdict import Verdict


@dataclass(frozen=True)
class Standing:
    """What the verdicts say of one network against each of the others, by label."""

    label: str
    beats: tuple[str, ...] = ()
    beaten_by: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def standing(label: str, found: Sequence[Verdict]) -> Standing:
    """Where one network stands.

    Use it beside a network that was chosen on *validation*: a choice by these verdicts would flatter itself.
    """
    beats, beaten_by, ties, unknown = [], [], [], []
    for verdict in found:
        if label not in (verdict.a, verdict.b):
            continue
        first = verdict.a == label
        other = verdict.b if first else verdict.a
        if verdict.answer == "tie":
            ties.append(other)
        elif verdict.answer == "unknown":
            unknown.append(other)
        elif (verdict.answer == "a") == first:
            beats.append(other)
        else:
            beaten_by.append(other)
    return Standing(label, tuple(beats), tuple(beaten_by), tuple(ties), tuple(unknown))


def labels_of(found: Sequence[Verdict]) -> list[str]:
    """The networks that the verdicts speak of, in order of first mention."""
    return list(dict.fromkeys(label for verdict in found for label in (verdict.a, verdict.b)))


def ranks(found: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
    """The best and the worst rank of each network: from 1 + the number that beat it to K - the number that it beats."""
    labels = labels_of(found)
    places = [standing(label, found) for label in labels]
    return {place.label: (1 + len(place.beaten_by), len(labels) - len(place.beats)) for place in places}
