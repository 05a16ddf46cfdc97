"""Verdict: which of two networks is better, by how much, and how sure that is.

Legend: R runs (seeds) of a network, n test items; S, E, I, X, V and nu as in `verdicts`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Shaped

from neocog.core.errors import UsageProblem
from neocog.measures.components import ROUNDING, Components, components
from neocog.measures.holm import holm
from neocog.measures.intervals import FEW_ITEMS, FEW_RUNS, MOST_OF_THE_VARIANCE, Interval
from neocog.measures.mcnemar import mcnemar_exact
from neocog.measures.quantities import POINTS, probability, quantity, size
from neocog.measures.student import t_quantile, t_tail

__all__ = ["Answer", "Interval", "Verdict", "verdicts"]

Answer = Literal["a", "b", "tie", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """The answer for one pair of networks.

    Args:
        a: label of one network.
        b: label of the other.
        difference: mean of a - mean of b, in the unit of the scores (accuracies are fractions).
        low: lower end of its interval, for new seeds and new test items.
        high: upper end.
        answer: ``a`` or ``b`` beats the other, ``tie`` within the margin, or ``unknown``.
        p_beats: of "no difference", corrected for the number of pairs; 1 where too few items differ to ask.
        p_tie: of "a difference of at least the margin", corrected likewise.
        seeds_error: standard error from the choice of seeds; None if one of the networks has a single run.
        items_error: standard error from the choice of test items.
        notes: what limits the answer, in sentences.
        margin: the difference that does not matter.
        alpha: the chance of a wrong answer that was accepted; the interval's level is 1 - alpha.
        unit: ``points`` for fractions shown as percentage points; otherwise the scores' own unit.
        runs: numbers of runs of a and b.
    """

    a: str
    b: str
    difference: float
    low: float
    high: float
    answer: Answer
    p_beats: float
    p_tie: float
    seeds_error: float | None
    items_error: float
    notes: tuple[str, ...] = ()
    margin: float = 0.005
    alpha: float = 0.05
    unit: str = POINTS
    runs: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class _Pair:
    """What is known of one pair before the number of pairs is taken into account."""

    a: str
    b: str
    difference: float
    variance: float
    freedom: float
    seeds_error: float | None
    items_error: float
    differing: int
    p_beats: float
    p_tie: float
    widest: str
    runs: tuple[int, int]
    runs_of_widest: int
    items: int
    exact: bool


def verdicts(
    scores: Mapping[str, Shaped[np.ndarray, "..."]],
    *,
    margin: float = 0.005,
    alpha: float = 0.05,
    unit: str = POINTS,
) -> list[Verdict]:
    """An answer for every pair of networks, in the order of ``scores``.

    For new seeds *and* new test items. With D = item means of a - item means of b::

        V  = max(S_a/R_a + S_b/R_b + max(0, I - X), I)     I = var(D)/n     X = E_a/(R_a n) + E_b/(R_b n)
        nu = V^2 / ((S_a/R_a)^2/(R_a - 1) + (S_b/R_b)^2/(R_b - 1))

    Interval: difference +- t(nu, 1 - alpha/2) sqrt(V). Beats: two-sided t test, Holm over all pairs. Tie: two
    one-sided t tests against the margin, with a Holm correction of their own. A tie is answered first, then beats.
    With fewer than six differing items V is at least 2/n^2 (times the squared range of the scores, unless they lie
    within [0, 1]), and "beats" is not asked. A network with a single run has S = E = 0 and is judged as that trained
    model; where both have one and scores are 0 or 1, p_beats is McNemar's.

    Args:
        scores: for each network one row per run and one column per test item, *the larger the better* (give minus
            the log-loss); the same items in the same order for all. Runs are not paired by number.
        margin: the difference that does not matter, in the unit of the scores.
        alpha: accepted chance of a wrong "beats" in the whole comparison, and of a wrong "tie".
        unit: ``points`` shows fractions as percentage points; any other word is written behind the number as it is.

    Raises:
        UsageProblem: unequal numbers of items, a shape that is not runs x items, scores that are not finite, a
            negative margin, or an alpha outside 0 to 1.

    Source: Obuchowski and Rockette's analysis with Hillis's degrees of freedom (Hillis 2014, Statistics in Medicine
    33:330), seeds as readers nested in network, test items as cases. The outer maximum and the least V are ours.
    """
    if not margin >= 0:
        raise UsageProblem("margin-range", f"The margin is {margin}.", help="Give a margin of 0 or more.")
    if not 0 < alpha < 1:
        raise UsageProblem("alpha-range", f"alpha is {alpha}.", help="Give an alpha between 0 and 1, such as 0.05.")
    parts = {label: components(values, label) for label, values in scores.items()}
    if len({part.items for part in parts.values()}) > 1:
        raise UsageProblem(
            "scores-items",
            "The networks were not scored on the same test items.",
            where=[f"{label}: {part.items:,} items" for label, part in parts.items()],
            help="Score every network on the same items in the same order.",
        )
    pairs = [_pair(a, b, parts[a], parts[b], margin) for a, b in combinations(parts, 2)]
    beats = holm(np.array([pair.p_beats for pair in pairs]))
    ties = holm(np.array([pair.p_tie for pair in pairs]))
    return [
        _verdict(pair, float(p_beats), float(p_tie), len(pairs), margin, alpha, unit)
        for pair, p_beats, p_tie in zip(pairs, beats, ties)
    ]


def _pair(label_a: str, label_b: str, a: Components, b: Components, margin: float) -> _Pair:
    n = a.items
    gap = a.item_means - b.item_means
    span = _span(a, b)
    difference = a.mean - b.mean
    items_variance = float(gap.var(ddof=1)) / n
    seeds = a.runs_variance + b.runs_variance
    interaction = a.interaction_variance + b.interaction_variance
    variance = max(seeds + max(0.0, items_variance - interaction), items_variance)
    differing = int(np.count_nonzero(np.abs(gap) > ROUNDING * span))
    if differing < FEW_ITEMS or variance <= (ROUNDING * span) ** 2:
        variance = max(variance, 2 * span**2 / n**2)
    spread = sum(part.runs_variance**2 / (part.runs - 1) for part in (a, b) if part.runs > 1)
    freedom = variance**2 / spread if spread > 0 else math.inf
    error = math.sqrt(variance)
    exact = a.runs == b.runs == 1 and a.binary and b.binary
    if differing < FEW_ITEMS:
        p_beats = 1.0
    elif exact:
        p_beats = mcnemar_exact(int(np.count_nonzero(gap > 0)), int(np.count_nonzero(gap < 0)))
    else:
        p_beats = min(1.0, 2 * t_tail(abs(difference) / error, freedom))
    label_widest, widest = (label_a, a) if a.runs_variance >= b.runs_variance else (label_b, b)
    rests = widest.runs < FEW_RUNS and widest.runs_variance > MOST_OF_THE_VARIANCE * variance
    return _Pair(
        a=label_a,
        b=label_b,
        difference=difference,
        variance=variance,
        freedom=freedom,
        seeds_error=math.sqrt(a.seeds_variance + b.seeds_variance) if min(a.runs, b.runs) > 1 else None,
        items_error=math.sqrt(items_variance),
        differing=differing,
        p_beats=p_beats,
        p_tie=t_tail((margin - abs(difference)) / error, freedom) if abs(difference) < margin else 1.0,
        widest=label_widest if rests else "",
        runs=(a.runs, b.runs),
        runs_of_widest=widest.runs,
        items=n,
        exact=exact,
    )


def _span(a: Components, b: Components) -> float:
    low, high = min(a.low, b.low), max(a.high, b.high)
    return 1.0 if low >= 0 and high <= 1 else (high - low) or 1.0


def _verdict(pair: _Pair, p_beats: float, p_tie: float, tests: int, margin: float, alpha: float, unit: str) -> Verdict:
    half = t_quantile(1 - alpha / 2, pair.freedom) * math.sqrt(pair.variance)
    low, high = pair.difference - half, pair.difference + half
    answer: Answer = "unknown"
    if p_tie <= alpha:
        answer = "tie"
    elif p_beats <= alpha:
        answer = "a" if pair.difference > 0 else "b"
    notes = [
        *_notes_on_runs(pair),
        *_notes_on_items(pair, half, unit),
        *_notes_on_tie(pair, answer, (p_beats, p_tie), tests, margin, alpha, unit),
        *_notes_on_correction(pair, answer, low, high, p_beats, tests, alpha),
    ]
    return Verdict(
        a=pair.a,
        b=pair.b,
        difference=pair.difference,
        low=low,
        high=high,
        answer=answer,
        p_beats=p_beats,
        p_tie=p_tie,
        seeds_error=pair.seeds_error,
        items_error=pair.items_error,
        notes=tuple(notes),
        margin=margin,
        alpha=alpha,
        unit=unit,
        runs=pair.runs,
    )


def _notes_on_runs(pair: _Pair) -> Sequence[str]:
    if pair.runs == (1, 1):
        test = ", by McNemar's exact test" if pair.exact else ""
        return [f"One run each: this holds for these two trained models only{test}."]
    if 1 in pair.runs:
        single = pair.a if pair.runs[0] == 1 else pair.b
        return [f"One run of {single}: this holds for that trained model only, not for {single} trained again."]
    if pair.widest:
        return [f"Rests on {pair.runs_of_widest} runs of {pair.widest}, which differ widely; add seeds."]
    return []


def _notes_on_items(pair: _Pair, half: float, unit: str) -> Sequence[str]:
    if pair.differing == 0:
        return [f"All outputs score alike: {pair.items:,} test items show that only to within {size(half, unit)}."]
    if pair.differing < FEW_ITEMS:
        items = f"{pair.differing} of {pair.items:,} test items"
        return [f"Too few disagreements to compare: the scores differ on {items}."]
    return []


def _notes_on_tie(
    pair: _Pair, answer: Answer, p_values: tuple[float, float], tests: int, margin: float, alpha: float, unit: str
) -> Sequence[str]:
    p_beats, p_tie = p_values
    error = math.sqrt(pair.variance)
    wide = t_quantile(1 - alpha / 2, pair.freedom) * error
    close = t_quantile(1 - alpha, pair.freedom) * error
    within = abs(pair.difference) + wide < margin
    if answer == "tie" and p_beats <= alpha:
        better, worse = (pair.a, pair.b) if pair.difference > 0 else (pair.b, pair.a)
        by = quantity(abs(pair.difference), abs(pair.difference) - wide, abs(pair.difference) + wide, unit)
        return [f"{better} beats {worse} by {by}, but by less than your margin of {size(margin, unit)}: a tie."]
    if answer == "tie" and not within:
        ends = quantity(pair.difference, pair.difference - close, pair.difference + close, unit)
        return [f"A tie is judged by the {100 * (1 - 2 * alpha):.3g} % interval, {ends}, which lies within the margin."]
    if answer != "tie" and within:
        return [
            f"The interval lies within the margin of {size(margin, unit)}, but corrected for {tests} comparisons "
            f"(Holm) that does not suffice for a tie ({probability(p_tie)})."
        ]
    return []


def _notes_on_correction(
    pair: _Pair, answer: Answer, low: float, high: float, p_beats: float, tests: int, alpha: float
) -> Sequence[str]:
    if answer != "unknown" or low <= 0 <= high or pair.differing < FEW_ITEMS:
        return []
    if pair.exact and pair.p_beats > alpha:
        return [f"The interval leaves out 0, but the exact test does not suffice ({probability(pair.p_beats)})."]
    return [
        f"Taken alone, the interval leaves out 0; corrected for {tests} comparisons (Holm) "
        f"that does not suffice ({probability(p_beats)})."
    ]
