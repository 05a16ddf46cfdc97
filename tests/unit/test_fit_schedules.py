"""Schedules against torch's own, at their ends, and with a warm-up."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from neocog.fit.schedules import SCHEDULES, rate_factor

STEPS = 40
FINAL = 0.01
RATE = 0.2


def ours(schedule: str, steps: int = STEPS, *, warmup: float = 0.0, final: float = FINAL) -> list[float]:
    return [RATE * rate_factor(schedule, step / steps, warmup=warmup, final=final) for step in range(steps)]


def theirs(make: object) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    schedule = make(optimizer)  # type: ignore[operator]
    rates = []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("constant", lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
        ("step", lambda o: lr_scheduler.MultiStepLR(o, [STEPS // 2, 3 * STEPS // 4], gamma=0.1)),
        ("exponential", lambda o: lr_scheduler.ExponentialLR(o, FINAL ** (1 / STEPS))),
        ("linear", lambda o: lr_scheduler.LinearLR(o, 1.0, FINAL, STEPS)),
        ("cosine", lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=FINAL * RATE)),
    ],
)
def test_equal_to_torch_s(name: str, make: object) -> None:
    assert ours(name) == pytest.approx(theirs(make), rel=1e-9)


def test_one_cycle_equals_torch_s() -> None:
    """torch counts from the first step to the last, ours over the plan: ours reaches its end one step later."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    steps = 101
    cycle = lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=31 / 101, final_div_factor=1 / 25 / FINAL, cycle_momentum=False
    )
    for step in range(steps):
        ours_then = RATE * rate_factor("one-cycle", step / (steps - 1), warmup=0, final=FINAL)
        assert ours_then == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        if step < steps - 1:
            cycle.step()


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("constant", 1, 1),
        ("step", 1, 0.01),
        ("exponential", 1, FINAL),
        ("linear", 1, FINAL),
        ("cosine", 1, FINAL),
        ("one-cycle", 0.04, FINAL),
    ],
)
def test_ends(name: str, first: float, last: float) -> None:
    assert SCHEDULES[name](0.0, FINAL) == pytest.approx(first)
    assert SCHEDULES[name](1.0, FINAL) == pytest.approx(last)


def test_every_schedule_is_looked_at() -> None:
    assert set(SCHEDULES) == {"constant", "step", "exponential", "linear", "cosine", "one-cycle"}


def test_one_cycle_peaks_at_three_tenths() -> None:
    assert SCHEDULES["one-cycle"](0.3, FINAL) == 1.0
    assert SCHEDULES["one-cycle"](0.3 - 1e-9, FINAL) == pytest.approx(1.0)


@pytest.mark.parametrize("name", SCHEDULES)
def test_warm_up_rises_in_a_line_and_leaves_the_schedule_the_rest(name: str) -> None:
    for progress in (0.0, 0.05, 0.1, 0.19):
        risen = 0.04 + 0.96 * progress / 0.2
        assert rate_factor(name, progress, warmup=0.2, final=FINAL) == pytest.approx(risen)
    for progress in (0.2, 0.5, 0.9, 0.999):
        assert rate_factor(name, progress, warmup=0.2, final=FINAL) == SCHEDULES[name]((progress - 0.2) / 0.8, FINAL)


def test_warm_up_equals_torch_s() -> None:
    warm = theirs(
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, 1 / 25, 1.0, 8), lr_scheduler.CosineAnnealingLR(o, STEPS - 8, FINAL * RATE)],
            [8],
        )
    )
    assert ours("cosine", warmup=0.2) == pytest.approx(warm, rel=1e-9, abs=1e-12)


@given(
    st.sampled_from(sorted(SCHEDULES)),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 0.99),
    st.floats(1e-6, 1),
)
def test_the_rate_is_never_above_the_full_rate_and_never_zero(
    name: str, progress: float, warmup: float, final: float
) -> None:
    factor = rate_factor(name, progress, warmup=warmup, final=final)
    assert math.isfinite(factor)
    assert 0 < factor <= 1 + 1e-12
