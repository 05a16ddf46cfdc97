"""Interval: one network's mean score, and how far it can be trusted."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped

from neocog.measures.components import ROUNDING, Components, components
from neocog.measures.student import t_quantile

FEW_ITEMS = 6
FEW_RUNS = 5
MOST_OF_THE_VARIANCE = 2 / 3


@dataclass(frozen=True)
class Interval:
    """A mean score with its interval over new seeds and new test items.

    Args:
        mean: over runs and items, in the unit of the scores (accuracies are fractions).
        low: lower end.
        high: upper end.
        seeds_error: standard error from the choice of seeds; None for a single run, where it is not known.
        items_error: standard error from the choice of test items.
        note: what limits it, as a sentence, or empty.
    """

    mean: float
    low: float
    high: float
    seeds_error: float | None
    items_error: float
    note: str = ""


def arm_interval(scores: Shaped[np.ndarray, "..."], *, alpha: float = 0.05) -> Interval:
    """The mean score of one network with an interval for its expectation over new seeds *and* new test items.

    With y[s, i] = mu + seed_s + item_i + rest_si, the mean over R runs and n items has the variance
    v_seed/R + v_item/n + v_rest/(R n). S, the variance of the run means, estimates v_seed + v_rest/n; the variance of
    the item means estimates v_item + v_rest/R, so that I = var(item means)/n holds v_item/n + v_rest/(R n);
    X = E/(R n) estimates v_rest/(R n), which S/R and I both hold. Hence, as for a pair::

        V = max(S/R + max(0, I - X), I)        nu = V^2 / ((S/R)^2 / (R - 1))

    Scores that are all 0 or 1 get Wilson's interval for m_eff = mean (1 - mean) n / ((n - 1) V) items and the t
    quantile for nu: it stays within [0, 1], and an arm without a mistake does not get +-0. For one run it *is*
    Wilson's interval. Where fewer than six items differ from all the others, m_eff is at most n. Other scores get
    mean +- t sqrt(V), or +- t sqrt(2)/n times their range where V is 0.

    Args:
        scores: one row per run, one column per test item; the larger the better.
        alpha: 1 - the level of confidence.

    Raises:
        UsageProblem: the scores have no such shape, or are not finite.

    Source: Obuchowski and Rockette as described by Hillis 2014 (Statistics in Medicine 33:330), reduced here to one
    network. An effective number of items with a t quantile: Korn and Graubard 1998 (Survey Methodology 24:193), there
    for the Clopper-Pearson interval of a survey. The outer maximum is ours. In the world of the acceptance tests,
    accuracy .90 and .99, 100 to 2,000 items, 3 or 5 runs, it covered 93 to 98 %; mean +- t sqrt(V) covered 91 to 100 %.
    """
    parts = components(scores)
    items_variance = float(parts.item_means.var(ddof=1)) / parts.items
    seeds = parts.runs_variance
    variance = max(seeds + max(0.0, items_variance - parts.interaction_variance), items_variance)
    freedom = variance**2 * (parts.runs - 1) / seeds**2 if seeds > 0 else math.inf
    quantile = t_quantile(1 - alpha / 2, freedom)
    if parts.binary:
        low, high = _wilson(parts.mean, _effective_items(parts, variance), quantile)
    else:
        span = parts.high - parts.low or 1.0
        least = 2 * span**2 / parts.items**2 if variance <= (ROUNDING * span) ** 2 else 0.0
        half = quantile * math.sqrt(max(variance, least))
        low, high = parts.mean - half, parts.mean + half
    return Interval(
        mean=parts.mean,
        low=low,
        high=high,
        seeds_error=math.sqrt(parts.seeds_variance) if parts.runs > 1 else None,
        items_error=math.sqrt(items_variance),
        note=_note(parts, seeds, variance),
    )


def wilson(successes: float, trials: float, *, alpha: float = 0.05) -> tuple[float, float]:
    """The interval of a proportion from independent trials: ``successes`` of ``trials`` > 0.

    Source: Wilson 1927 (Journal of the American Statistical Association 22:209), without continuity correction.
    """
    return _wilson(successes / trials, trials, t_quantile(1 - alpha / 2, math.inf))


def _wilson(share: float, trials: float, quantile: float) -> tuple[float, float]:
    weight = quantile**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight) * math.sqrt(share * (1 - share) + weight / 4) / (1 + weight)
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


def _effective_items(parts: Components, variance: float) -> float:
    spread = parts.mean * (1 - parts.mean) * parts.items / (parts.items - 1)
    unusual = min(np.count_nonzero(parts.item_means < 1), np.count_nonzero(parts.item_means > 0))
    if spread == 0 or variance == 0:
        return float(parts.items)
    return min(spread / variance, float(parts.items)) if unusual < FEW_ITEMS else spread / variance


def _note(parts: Components, seeds: float, variance: float) -> str:
    if parts.runs == 1:
        return "One run: this holds for this trained model only."
    if parts.runs < FEW_RUNS and seeds > MOST_OF_THE_VARIANCE * variance:
        return f"Rests on {parts.runs} runs, which differ widely; add seeds."
    return ""
