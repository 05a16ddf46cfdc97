"""What limits a verdict, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from neocog.measures.intervals import FEW_ITEMS
from neocog.measures.looks import Looks
from neocog.measures.pair import Over, Pair
from neocog.measures.quantities import probability, quantity, size


@dataclass(frozen=True)
class Rule:
    """How answers are reached: the margin, the chance of a wrong one, the unit, the question, the looks, the pairs."""

    margin: float
    alpha: float
    unit: str
    over: Over
    looks: Looks
    tests: int

    @property
    def corrections(self) -> str:
        """What p values were corrected for, such as ``3 comparisons (Holm) and 2 looks``."""
        looks = f" and {self.looks.planned} looks" if self.looks.planned > 1 else ""
        return f"{self.tests} comparison{'s' if self.tests > 1 else ''} (Holm){looks}"


def notes(pair: Pair, answer: str, p_beats: float, p_tie: float, rule: Rule) -> list[str]:
    """All that limits one pair's answer, the gravest first."""
    return [
        *_on_runs(pair),
        *_on_question(rule),
        *_on_items(pair, rule),
        *_on_tie(pair, answer, p_beats, p_tie, rule),
        *_on_correction(pair, answer, p_beats, rule),
        *filter(None, [rule.looks.note(rule.alpha)]),
    ]


def _on_runs(pair: Pair) -> Sequence[str]:
    if pair.runs == (1, 1):
        test = ", by McNemar's exact test" if pair.exact else ""
        return [f"One run each: this holds for these two trained models only{test}."]
    if 1 in pair.runs:
        single = pair.a if pair.runs[0] == 1 else pair.b
        return [f"One run of {single}: this holds for that trained model only, not for {single} trained again."]
    if pair.widest:
        return [f"Rests on {pair.runs_of_widest} runs of {pair.widest}, which differ widely; add seeds."]
    return []


def _on_question(rule: Rule) -> Sequence[str]:
    if rule.over == "seeds":
        return ["This holds for new seeds on this very test set, not for other test items."]
    return []


def _on_items(pair: Pair, rule: Rule) -> Sequence[str]:
    if pair.differing == 0:
        within = size(pair.half(rule.alpha), rule.unit)
        return [f"All outputs score alike: {pair.items:,} test items show that only to within {within}."]
    if pair.differing < FEW_ITEMS:
        items = f"{pair.differing} of {pair.items:,} test items"
        return [f"Too few disagreements to compare: the scores differ on {items}."]
    return []


def _on_tie(pair: Pair, answer: str, p_beats: float, p_tie: float, rule: Rule) -> Sequence[str]:
    wide, close = pair.half(rule.alpha), pair.half(2 * rule.alpha)
    within = abs(pair.difference) + wide < rule.margin
    margin = size(rule.margin, rule.unit)
    if answer == "tie" and p_beats <= rule.alpha:
        better, worse = (pair.a, pair.b) if pair.difference > 0 else (pair.b, pair.a)
        by = quantity(abs(pair.difference), abs(pair.difference) - wide, abs(pair.difference) + wide, rule.unit)
        return [f"{better} beats {worse} by {by}, but by less than your margin of {margin}: a tie."]
    if answer == "tie" and not within:
        ends = quantity(pair.difference, pair.difference - close, pair.difference + close, rule.unit)
        level = f"{100 * (1 - 2 * rule.alpha):.3g} %"
        return [f"A tie is judged by the {level} interval, {ends}, which lies within the margin."]
    if answer != "tie" and within:
        return [
            f"The interval lies within the margin of {margin}, but corrected for {rule.corrections} "
            f"that does not suffice for a tie ({probability(p_tie)})."
        ]
    return []


def _on_correction(pair: Pair, answer: str, p_beats: float, rule: Rule) -> Sequence[str]:
    half = pair.half(rule.alpha)
    if answer != "unknown" or abs(pair.difference) <= half or pair.differing < FEW_ITEMS:
        return []
    if pair.exact and pair.p_beats > rule.alpha:
        return [f"The interval leaves out 0, but the exact test does not suffice ({probability(pair.p_beats)})."]
    return [
        f"Taken alone, the interval leaves out 0; corrected for {rule.corrections} "
        f"that does not suffice ({probability(p_beats)})."
    ]
