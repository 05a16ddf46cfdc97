"""Learning-rate schedules: the share of the full rate, as a function of the share of the plan that is done."""

import math
from collections.abc import Callable

_START = 1.0 / 25.0  # of the full rate, where the rate rises first


def constant(progress: float, final: float) -> float:
    """The full rate throughout."""
    return 1.0


def step(progress: float, final: float) -> float:
    """Divided by ten after 50 % and again after 75 % of the plan.

    Source: He et al. 2016, arXiv:1512.03385, section 4.2. There at 32,000 and 48,000 of 64,000 steps; ``final`` has no
    effect.
    """
    return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01


def exponential(progress: float, final: float) -> float:
    """A constant factor per step, so that the plan ends at ``final``."""
    return final**progress


def linear(progress: float, final: float) -> float:
    """A straight line from 1 to ``final``."""
    return 1.0 + (final - 1.0) * progress


def cosine(progress: float, final: float) -> float:
    """Half a cosine from 1 to ``final``.

    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5, without restarts.
    """
    return final + (1.0 - final) * 0.5 * (1.0 + math.cos(math.pi * progress))


def one_cycle(progress: float, final: float) -> float:
    """Up from 1/25 over the first 30 % of the plan, then down to ``final``, both along half a cosine.

    Source: Smith and Topin 2019, arXiv:1708.07120. We leave the momentum as it is.
    """
    if progress < 0.3:
        return cosine(1.0 - progress / 0.3, _START)
    return cosine((progress - 0.3) / 0.7, final)


SCHEDULES: dict[str, Callable[[float, float], float]] = {
    "constant": constant,
    "step": step,
    "exponential": exponential,
    "linear": linear,
    "cosine": cosine,
    "one-cycle": one_cycle,
}


def rate_factor(schedule: str, progress: float, *, warmup: float, final: float) -> float:
    """The schedule with a linear warm-up over the first ``warmup`` of the plan; the schedule spans what is left.

    Source: Goyal et al. 2017, arXiv:1706.02677, section 2.2 (gradual warm-up): a small rate that grows by the same
    amount at every step. There it begins at 1/k for k processors, here at 1/25, so that the first step moves already.
    """
    if progress < warmup:
        return _START + (1.0 - _START) * progress / warmup
    return SCHEDULES[schedule]((progress - warmup) / (1.0 - warmup), final)
