"""Verdict: which of two networks is better, by how much, and how sure that is.

Legend: R runs (seeds) of a network, n test items; S, E, I, X, V and nu as in `verdicts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Shaped

from neocog.core.errors import UsageProblem
from neocog.measures.components import Components, components
from neocog.measures.holm import holm
from neocog.measures.intervals import Interval
from neocog.measures.looks import ONE_LOOK, Looks
from neocog.measures.need import Need, needed, thresholds
from neocog.measures.pair import Over, Pair, pair_of
from neocog.measures.quantities import POINTS
from neocog.measures.verdict_notes import Rule, notes

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
        p_beats: of "no difference", corrected for the number of pairs and looks; 1 where too few items differ to ask.
        p_tie: of "a difference of at least the margin", corrected likewise.
        seeds_error: standard error from the choice of seeds; None if one of the networks has a single run.
        items_error: standard error from the choice of test items.
        notes: what limits the answer, in sentences.
        margin: the difference that does not matter.
        alpha: the chance of a wrong answer that was accepted; the interval's level is 1 - alpha.
        unit: ``points`` for fractions shown as percentage points; otherwise the scores' own unit.
        runs: numbers of runs of a and b.
        need: what would settle an ``unknown`` pair; None for other answers, and where nothing can be said.
        items: number of test items.
        here: what an open pair cannot be told apart with, in words.
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
    need: Need | None = None
    items: int = 0
    here: str = "with this test set"


def verdicts(
    scores: Mapping[str, Shaped[np.ndarray, "..."]],
    *,
    margin: float = 0.005,
    alpha: float = 0.05,
    unit: str = POINTS,
    over: Over = "seeds and items",
    looks: Looks = ONE_LOOK,
    pairs: Sequence[tuple[str, str]] | None = None,
) -> list[Verdict]:
    """An answer for every pair of networks, in the order of ``scores``, or for the ``pairs`` that are asked about.

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
        over: ``seeds and items``, or ``seeds`` for new seeds on this very test set: then V = S_a/R_a + S_b/R_b, which
            is Welch's t test over the runs' means.
        looks: of a comparison that goes on after its answer was seen; p values are corrected for the looks that were
            planned. Intervals are not: each is of level 1 - alpha, taken alone.
        pairs: which networks are set against each other, by label; None for all pairs. Holm's correction is over these.

    Raises:
        UsageProblem: unequal numbers of items, a shape that is not runs x items, scores that are not finite, a
            negative margin, an alpha outside 0 to 1, or a single run where the question is about seeds alone.

    Source: Obuchowski and Rockette's analysis with Hillis's degrees of freedom (Hillis 2014, Statistics in Medicine
    33:330), seeds as readers nested in network, test items as cases. The outer maximum and the least V are ours.
    """
    if not margin >= 0:
        raise UsageProblem("margin-range", f"The margin is {margin}.", help="Give a margin of 0 or more.")
    if not 0 < alpha < 1:
        raise UsageProblem("alpha-range", f"alpha is {alpha}.", help="Give an alpha between 0 and 1, such as 0.05.")
    parts = {label: components(values, label) for label, values in scores.items()}
    _check(parts, over)
    asked = combinations(parts, 2) if pairs is None else pairs
    each = [pair_of((a, b), parts[a], parts[b], margin, over) for a, b in asked]
    alone = [np.array([looks.corrected(p) for p in found]) for found in _p_values(each)]
    beats, ties = (holm(p) for p in alone)
    ask = [thresholds(p, alpha / looks.planned) for p in alone]
    rule = Rule(margin, alpha, unit, over, looks, len(each))
    return [
        _verdict(pair, float(beats[i]), float(ties[i]), (float(ask[0][i]), float(ask[1][i])), rule)
        for i, pair in enumerate(each)
    ]


def _p_values(pairs: list[Pair]) -> tuple[list[float], list[float]]:
    return [pair.p_beats for pair in pairs], [pair.p_tie for pair in pairs]


def _check(parts: Mapping[str, Components], over: Over) -> None:
    if len({part.items for part in parts.values()}) > 1:
        raise UsageProblem(
            "scores-items",
            "The networks were not scored on the same test items.",
            where=[f"{label}: {part.items:,} items" for label, part in parts.items()],
            help="Score every network on the same items in the same order.",
        )
    single = [label for label, part in parts.items() if part.runs == 1]
    if over == "seeds" and single:
        raise UsageProblem(
            "scores-single-run",
            "A question about seeds needs at least two runs of every network.",
            where=single,
            help="Train these networks with more seeds, or ask over seeds and items.",
        )


def _verdict(pair: Pair, p_beats: float, p_tie: float, ask: tuple[float, float], rule: Rule) -> Verdict:
    half = pair.half(rule.alpha)
    answer: Answer = "unknown"
    if p_tie <= rule.alpha:
        answer = "tie"
    elif p_beats <= rule.alpha:
        answer = "a" if pair.difference > 0 else "b"
    return Verdict(
        a=pair.a,
        b=pair.b,
        difference=pair.difference,
        low=pair.difference - half,
        high=pair.difference + half,
        answer=answer,
        p_beats=p_beats,
        p_tie=p_tie,
        seeds_error=pair.seeds_error,
        items_error=pair.items_error,
        notes=tuple(notes(pair, answer, p_beats, p_tie, rule)),
        margin=rule.margin,
        alpha=rule.alpha,
        unit=rule.unit,
        runs=pair.runs,
        need=needed(pair, rule.margin, *ask) if answer == "unknown" else None,
        items=pair.items,
    )
