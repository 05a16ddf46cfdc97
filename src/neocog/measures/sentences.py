"""Sentences that say what verdicts mean."""

from collections.abc import Mapping, Sequence

from neocog.measures.need_sentence import need_sentence
from neocog.measures.quantities import quantity, several, size
from neocog.measures.ranks import labels_of, ranks, standing
from neocog.measures.verdict import Verdict

NAMED = 3


def verdict_sentence(verdict: Verdict) -> str:
    """One pair in words, such as ``resnet beats mlp by 2.1 points (1.4 to 2.8).``"""
    better, worse = _ordered(verdict)
    if verdict.answer in ("a", "b"):
        return f"{better} beats {worse} by {_amount(verdict)}."
    if verdict.answer == "unknown":
        return f"{better} and {worse} cannot be told apart {verdict.here}: a difference of {_amount(verdict)}."
    margin = size(verdict.margin, verdict.unit)
    if verdict.p_beats <= verdict.alpha:
        return f"{better} is better than {worse} by {_amount(verdict)}, less than your margin of {margin}: tie."
    return f"{better} and {worse} tie within {margin}: a difference of {_amount(verdict)}."


def whole(verdict: Verdict) -> str:
    """One pair in words, with what limits the answer and what would settle an open one."""
    return " ".join(filter(None, (verdict_sentence(verdict), *verdict.notes, need_sentence(verdict))))


def errors_sentence(verdict: Verdict) -> str:
    """Both sources of error, so that one sees whether seeds or test items would help; empty for a single run."""
    if verdict.seeds_error is None:
        return ""
    seeds, items = (size(error, verdict.unit) for error in (verdict.seeds_error, verdict.items_error))
    return f"The choice of seeds makes the difference uncertain by {seeds}, that of test items by {items}."


def ranks_sentence(found: Sequence[Verdict]) -> str:
    """Which place each network can be told to have, such as ``Places that can be told: a 1 to 2, b 1 to 3, c 3.``"""
    if len(labels_of(found)) <= 2:
        return ""
    places = ranks(found)
    order = sorted(places, key=lambda label: places[label])
    ends = [(label, *places[label]) for label in order]
    said = [f"{label} {low}" if low == high else f"{label} {low} to {high}" for label, low, high in ends]
    return f"Places that can be told: {', '.join(said)}."


def sentence(found: Sequence[Verdict]) -> str:
    """All pairs in few words: what the best on the test part beats, what the others beat, what ties, what is open.

    A win that follows from two others (a beats b, b beats c) is left out, unless it is the best one's; every pair
    that ties or cannot be told apart is named. The empty sentence for no verdicts.
    """
    if not found:
        return ""
    labels = _by_score(found)
    pairs = {frozenset((verdict.a, verdict.b)): verdict for verdict in found}
    clauses = [
        _wins(label, _direct_wins(label, labels, found, every=label == labels[0]), labels, pairs) for label in labels
    ]
    ties = [several(group) for group in _groups(labels, pairs, "tie")]
    if ties:
        clauses.append(f"{' as well as '.join(ties)} tie within {size(found[0].margin, found[0].unit)}")
    unknown = [several(group) for group in _groups(labels, pairs, "unknown")]
    if unknown:
        clauses.append(f"{' as well as '.join(unknown)} cannot be told apart {found[0].here}")
    text = "; ".join(filter(None, clauses)) + "."
    if all(verdict.runs == (1, 1) for verdict in found):
        text += " One run each: this holds for these trained models only."
    return text


def advice(chosen: str, found: Sequence[Verdict]) -> str:
    """What the verdicts add to a network that was chosen as the best on validation."""
    place = standing(chosen, found)
    if place.beaten_by:
        return (
            f"{chosen} was the best on validation, but {several(place.beaten_by)} "
            f"{'beats' if len(place.beaten_by) == 1 else 'beat'} it on the test part: "
            "compare these again with more seeds or other data before you choose."
        )
    said = [f"it beats {several(place.beats)}"] if place.beats else []
    if place.ties:
        margin = size(found[0].margin, found[0].unit)
        ties = "ties" if len(place.ties) == 1 else "tie"
        said.append(f"{several(place.ties)} {ties} with it within {margin}, so the cheapest of them will do")
    if place.unknown:
        said.append(f"{several(place.unknown)} cannot be told apart from it {found[0].here}")
    return f"Use {chosen}, the best on validation: {'; '.join(said)}." if said else f"Use {chosen}."


def _ordered(verdict: Verdict) -> tuple[str, str]:
    return (verdict.a, verdict.b) if verdict.difference >= 0 else (verdict.b, verdict.a)


def _amount(verdict: Verdict) -> str:
    if verdict.difference >= 0:
        return quantity(verdict.difference, verdict.low, verdict.high, verdict.unit)
    return quantity(-verdict.difference, -verdict.high, -verdict.low, verdict.unit)


def _by_score(found: Sequence[Verdict]) -> list[str]:
    """Best first: the sum of its differences orders networks as their means do."""
    labels = labels_of(found)
    lead = dict.fromkeys(labels, 0.0)
    for verdict in found:
        lead[verdict.a] += verdict.difference
        lead[verdict.b] -= verdict.difference
    return sorted(labels, key=lambda label: -lead[label])


def _direct_wins(label: str, labels: Sequence[str], found: Sequence[Verdict], every: bool) -> list[str]:
    """What a network beats, best first; without what follows from its other wins, unless ``every``."""
    beaten = standing(label, found).beats
    implied = {other for between in beaten for other in standing(between, found).beats}
    return [other for other in labels if other in beaten and (every or other not in implied)]


def _wins(label: str, beaten: Sequence[str], labels: Sequence[str], pairs: Mapping[frozenset[str], Verdict]) -> str:
    if not beaten:
        return ""
    amounts = [_amount(pairs[frozenset((label, other))]) for other in beaten]
    if len(beaten) <= NAMED:
        return f"{label} beats {several([f'{other} by {amount}' for other, amount in zip(beaten, amounts)])}"
    names = f"all {len(beaten)} others" if len(beaten) == len(labels) - 1 else several(beaten)
    return f"{label} beats {names}, from {beaten[0]} by {amounts[0]} to {beaten[-1]} by {amounts[-1]}"


def _groups(labels: Sequence[str], pairs: Mapping[frozenset[str], Verdict], answer: str) -> list[list[str]]:
    """The largest groups in which every pair has this answer, best first.

    Source: Bron and Kerbosch 1973 (Communications of the ACM 16:575), without pivots: networks are few.
    """
    linked = {
        label: {other for other in labels if other != label and pairs[frozenset((label, other))].answer == answer}
        for label in labels
    }
    groups: list[list[str]] = []

    def extend(group: list[str], candidates: list[str], done: set[str]) -> None:
        if not candidates and not done and len(group) > 1:
            groups.append(group)
        for i, label in enumerate(candidates):
            rest = [other for other in candidates[i + 1 :] if other in linked[label]]
            extend([*group, label], rest, (done | set(candidates[:i])) & linked[label])

    extend([], list(labels), set())
    return groups
