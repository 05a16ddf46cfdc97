"""claims/judge: one rule from effect, interval, smallest effect of interest and control to five answers."""

from typing import get_args

import pytest

from neocog.claims.effect import Effect
from neocog.claims.judge import MEANING, SHOWN, Answer, alone, judge

NONE = Effect(0.0, -0.01, 0.01, "seeds")
SMALLEST = 0.05


def effect(value: float, low: float, high: float) -> Effect:
    return Effect(value, low, high, "seeds")


CASES = [
    (effect(0.10, 0.04, 0.16), "holds"),
    (effect(0.05, 0.05, 0.05), "holds"),  # counted, and exactly as large as it was to be
    (effect(0.10, -0.02, 0.22), "cannot tell"),  # large enough, but it may be nothing
    (effect(0.04, 0.01, 0.07), "cannot tell"),  # there is one, but it may be too small
    (effect(0.02, 0.01, 0.03), "does not hold (here)"),  # there is one, and it is too small
    (effect(0.00, -0.04, 0.04), "does not hold (here)"),
    (effect(-0.02, -0.03, -0.01), "does not hold (here)"),  # the other way, too little to speak of
    (effect(-0.10, -0.16, -0.04), "reversed"),
    (effect(-0.10, -0.30, 0.10), "cannot tell"),
]


@pytest.mark.parametrize(("found", "answer"), CASES)
def test_the_rule(found: Effect, answer: Answer) -> None:
    assert judge(found, NONE, SMALLEST) == alone(found, SMALLEST) == answer


@pytest.mark.parametrize("found", [found for found, _ in CASES])
def test_a_control_that_shows_the_effect_overrules_every_answer(found: Effect) -> None:
    assert judge(found, effect(0.10, 0.04, 0.16), SMALLEST) == "control failed"


@pytest.mark.parametrize("control", [NONE, effect(-0.10, -0.16, -0.04), effect(0.04, -0.02, 0.10)])
def test_a_control_that_does_not_show_it_leaves_the_answer(control: Effect) -> None:
    """The reverse, too little, and an interval that is too wide to exclude it (which is said beside it)."""
    assert judge(effect(0.10, 0.04, 0.16), control, SMALLEST) == "holds"


def test_every_answer_can_be_reached_and_is_explained() -> None:
    reached = {answer for _, answer in CASES} | {"control failed"}
    assert reached == set(get_args(Answer)) == set(MEANING)
    assert set(SHOWN) == reached - {"control failed"}
