"""Stray runs: a run that came out far from its siblings."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped

from neocog.measures.components import components
from neocog.measures.quantities import size
from neocog.measures.student import t_tail

LEAST_RUNS = 3
LEVEL = 0.05
TIMES_THE_MARGIN = 2


@dataclass(frozen=True)
class StrayRun:
    """A run far from the others of its network: its place, its score, and the mean of the others' scores."""

    run: int
    score: float
    others: float


def stray_run(scores: Shaped[np.ndarray, "runs items"], margin: float) -> StrayRun | None:
    """The run that is farthest from its siblings, if that is too far to be chance; None for fewer than three runs.

    Too far: by more than twice the margin, and by Grubbs's test (two-sided, 5 % per network), in which the others'
    variance is not taken to be less than what the test items alone make (E/n). With three runs only a gross stray can
    be told: the other two must be close together.

    Source: Grubbs 1950 (Annals of Mathematical Statistics 21:27), in its form as a studentised deleted residual.
    """
    parts = components(scores)
    if parts.runs < LEAST_RUNS:
        return None
    means = np.asarray(scores, dtype=np.float64).mean(axis=1)
    run = int(np.argmax(np.abs(means - np.median(means))))
    others = np.delete(means, run)
    distance = abs(float(means[run] - others.mean()))
    if distance <= TIMES_THE_MARGIN * margin:
        return None
    variance = max(float(others.var(ddof=1)), _by_items(np.delete(scores, run, axis=0)))
    error = math.sqrt(variance * parts.runs / (parts.runs - 1))
    p = 2 * parts.runs * t_tail(distance / error, parts.runs - 2) if error > 0 else 0.0
    return StrayRun(run, float(means[run]), float(others.mean())) if p <= LEVEL else None


def stray_sentence(
    label: str, scores: Float[np.ndarray, "runs items"], seeds: list[int], margin: float, unit: str
) -> str:
    """Names a stray run, and offers the other question; empty if there is none."""
    found = stray_run(scores, margin)
    if found is None:
        return ""
    median = float(np.median(np.asarray(scores).mean(axis=1)))
    mean = float(np.asarray(scores).mean())
    return (
        f"{label}: the run with seed {seeds[found.run]} is far from its siblings ({size(found.score, unit)} against "
        f"{size(found.others, unit)} in the mean). Verdicts are about the mean of such runs, {size(mean, unit)}; if "
        f"you would train again after such a run, ask about the median instead, {size(median, unit)}."
    )


def _by_items(others: Shaped[np.ndarray, "runs items"]) -> float:
    """E/n: what the test items alone make of the variance of run means."""
    parts = components(others)
    return parts.interaction / parts.items
