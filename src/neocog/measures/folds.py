"""Folds: verdicts from repeated k-fold cross-validation, for data too few to keep a test part."""

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np
from jaxtyping import Float

from neocog.core.errors import UsageProblem
from neocog.measures.holm import holm
from neocog.measures.intervals import Interval
from neocog.measures.quantities import POINTS
from neocog.measures.student import t_quantile, t_tail
from neocog.measures.verdict import Answer, Verdict

SMALL = 500
"""A test part with fewer items leaves most differences open."""

WHAT_IT_HOLDS_FOR = (
    "From repeated cross-validation: this holds for new training data of this kind and size, for new seeds and new "
    "test items; the correction for overlapping training parts is approximate (Nadeau and Bengio)."
)


def fold_verdicts(
    scores: Mapping[str, Float[np.ndarray, "repeats folds"]],
    *,
    margin: float = 0.005,
    alpha: float = 0.05,
    unit: str = POINTS,
) -> list[Verdict]:
    """An answer for every pair of networks from R repeats of stratified k-fold cross-validation.

    Use it where a test part would have fewer than 500 items. With d the difference of two networks in one fold, the
    mean of all J = R k differences has the variance (1/J + test/train) var(d), test/train being 1/(k - 1): without the
    second term, the folds' common training items would be taken for independent evidence. t with J - 1 degrees of
    freedom; Holm over all pairs, for "beats" and for "tie" apart.

    Args:
        scores: for each network the score of every fold, *the larger the better*; the same folds in the same places
            for all. One repeat is allowed; at least two folds.
        margin: the difference that does not matter.
        alpha: accepted chance of a wrong "beats" in the whole comparison, and of a wrong "tie".
        unit: as for `neocog.measures.verdict.verdicts`.

    Raises:
        UsageProblem: ``folds-shape``: fewer than two folds, or not the same for all; ``scores-not-finite``.

    Source: Nadeau and Bengio 2003 (Machine Learning 52:239); for repeated k-fold Bouckaert and Frank 2004 (PAKDD).
    """
    _check(scores)
    pairs = [(a, b, *_difference(scores[a], scores[b])) for a, b in combinations(scores, 2)]
    beats, ties = [], []
    for _, _, difference, error, freedom in pairs:
        beats.append(min(1.0, 2 * t_tail(abs(difference) / error, freedom)) if error > 0 else 1.0)
        near = abs(difference) < margin and error > 0
        ties.append(t_tail((margin - abs(difference)) / error, freedom) if near else 1.0)
    shape = next(iter(scores.values())).shape if scores else (0, 0)
    found = []
    for (a, b, difference, error, freedom), p_beats, p_tie in zip(pairs, holm(np.array(beats)), holm(np.array(ties))):
        answer: Answer = "unknown"
        if p_tie <= alpha:
            answer = "tie"
        elif p_beats <= alpha:
            answer = "a" if difference > 0 else "b"
        half = t_quantile(1 - alpha / 2, freedom) * error
        found.append(
            Verdict(
                a=a,
                b=b,
                difference=difference,
                low=difference - half,
                high=difference + half,
                answer=answer,
                p_beats=float(p_beats),
                p_tie=float(p_tie),
                seeds_error=None,
                items_error=error,
                notes=(WHAT_IT_HOLDS_FOR, *_notes(error)),
                margin=margin,
                alpha=alpha,
                unit=unit,
                runs=(shape[0] * shape[1], shape[0] * shape[1]),
                here="by these folds",
            )
        )
    return found


def corrected_error(differences: Float[np.ndarray, " folds"], test_to_train: float) -> float:
    """The standard error of the mean difference over overlapping splits: sqrt((1/J + test/train) var)."""
    return math.sqrt((1 / len(differences) + test_to_train) * float(differences.var(ddof=1)))


def fold_interval(
    scores: Float[np.ndarray, "repeats folds"],
    *,
    alpha: float = 0.05,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """One network's mean over all folds, with an interval for new training data of this kind and size.

    mean +- t(J - 1) sqrt((1/J + 1/(k - 1)) var), as in `fold_verdicts`, cut off where scores cannot lie. Where all
    folds score alike nothing is known of the error: the ends are not numbers, and the note says so.

    Args:
        scores: of every fold.
        alpha: 1 - the level of confidence.
        within: the lowest and the highest possible score.

    Raises:
        UsageProblem: ``folds-shape``, ``scores-not-finite``.
    """
    _check({"the network": scores})
    values = scores.astype(np.float64).ravel()
    mean, error = float(values.mean()), corrected_error(values, 1 / (scores.shape[1] - 1))
    if error == 0:
        return Interval(mean, math.nan, math.nan, None, math.nan, "All folds score alike: its error is not known.")
    half = t_quantile(1 - alpha / 2, len(values) - 1) * error
    return Interval(mean, max(within[0], mean - half), min(within[1], mean + half), None, error)


def small_test_part(items: int, command: str = "") -> str:
    """What is said of a test part that is small, with the command that gets more from the data; empty if it is not."""
    if items >= SMALL:
        return ""
    text = f"The test part has only {items:,} items, so most differences will stay open"
    if not command:
        return f"{text}."
    return (
        f"{text}: `{command}` tells more from the same data, because every item is tested in each repeat, by networks "
        "that were not trained on it (cross-validation)."
    )


def _difference(
    a: Float[np.ndarray, "repeats folds"], b: Float[np.ndarray, "repeats folds"]
) -> tuple[float, float, int]:
    gaps = (a.astype(np.float64) - b).ravel()
    return float(gaps.mean()), corrected_error(gaps, 1 / (a.shape[1] - 1)), len(gaps) - 1


def _notes(error: float) -> list[str]:
    return [] if error > 0 else ["All folds differ alike: nothing is known of the error, and nothing is answered."]


def _check(scores: Mapping[str, Float[np.ndarray, "repeats folds"]]) -> None:
    shapes = {label: values.shape for label, values in scores.items()}
    if len(set(shapes.values())) > 1 or any(shape[1] < 2 for shape in shapes.values()):
        raise UsageProblem(
            "folds-shape",
            "The networks were not scored on the same folds.",
            where=[f"{label}: {shape[0]} repeats of {shape[1]} folds" for label, shape in shapes.items()],
            help="Give one row per repeat and one column per fold, at least two folds, the same for all.",
        )
    broken = [label for label, values in scores.items() if not np.isfinite(values).all()]
    if broken:
        raise UsageProblem(
            "scores-not-finite", "Scores of some folds are not finite.", where=broken, help="Leave out diverged runs."
        )
