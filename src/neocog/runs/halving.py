"""Halving: which learning rates are tried, in which rounds, with how many steps."""

import math

from neocog.core.errors import UsageProblem
from neocog.runs.trial import FEWEST_STEPS, SAFETY, Trial

SHARE = 0.2
"""Of the time, or of the steps, of all runs of a network that its trials may take."""
MOST_RATES = 32
_APART = math.sqrt(10)


def check_rates(number: int | None) -> None:
    """How many rates each network may have: none, or 2 and more.

    Raises:
        UsageProblem: ``tune-range``.
    """
    if number is not None and number != 0 and not 2 <= number <= MOST_RATES:
        raise UsageProblem(
            "tune-range",
            f"{number} learning rates to try for each network",
            where=f"--tune {number}",
            help=f"give 2 to {MOST_RATES}, or 0 for none",
        )


def rates_around(usual: float, number: int) -> list[float]:
    """So many rates, each 3.16 times the next, with the usual one first; of an even number one more lies below it."""
    places = sorted(range(-(number // 2), number - number // 2), key=lambda place: (abs(place), place))
    return [usual * _APART**place for place in places]


def rounds(number: int) -> list[int]:
    """How many rates each round has: half of them, rounded up, go on, until one is left."""
    found = []
    while number > 1:
        found.append(number)
        number = -(-number // 2)
    return found


def best_first(scores: dict[float, float], usual: float) -> list[float]:
    """The rates from the best score to the worst; of equal ones the nearer to the usual rate first."""
    return sorted(scores, key=lambda rate: (-scores[rate], abs(math.log(rate / usual)), rate))


def all_steps(number: int, first: int) -> int:
    """Steps of all rounds, each of which has twice the steps of the one before."""
    return sum(size * first * 2**place for place, size in enumerate(rounds(number)))


def first_in_time(trial: Trial, number: int, seconds: float, seeds: int) -> int:
    """Steps of the first round for a network that has ``seconds`` for all its runs; below 1: there is no time for it.

    No trial is longer than a run.
    """
    around = sum(rounds(number)) * trial.around_short
    steps = int(SAFETY * (SHARE * seconds - around) / (all_steps(number, 1) * trial.step))
    return min(steps, _longest(number, trial.steps((1 - SHARE) * seconds / seeds)))


def smallest_time(trial: Trial, number: int, seeds: int) -> float:
    """The least that a network needs for all its runs and for trials that are worth it, in seconds."""
    trials = sum(rounds(number)) * trial.around_short + all_steps(number, FEWEST_STEPS) * trial.step / SAFETY
    return max(trials / SHARE, seeds * trial.smallest_share() / (1 - SHARE))


def first_of_steps(number: int, steps: int, seeds: int) -> int:
    """Steps of the first round where each run has so many; no trial is longer than a run."""
    wanted = max(FEWEST_STEPS, int(SHARE * steps * seeds / all_steps(number, 1)))
    return max(1, min(wanted, _longest(number, steps)))


def _longest(number: int, steps: int) -> int:
    return max(1, steps // 2 ** (len(rounds(number)) - 1))
