"""Budgets, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neocog.core.errors import UsageProblem
from neocog.runs.budget import Budget, seconds_in_words


@pytest.mark.parametrize(
    ("text", "kind", "amount", "shown"),
    [
        ("90s", "seconds", 90, "90s"),
        ("10m", "seconds", 600, "10m"),
        ("1.5h", "seconds", 5400, "90m"),
        ("0.5s", "seconds", 0.5, "0.5s"),
        (" 2h ", "seconds", 7200, "2h"),
        ("1h", "seconds", 3600, "60m"),
        ("1m", "seconds", 60, "60s"),
        ("epochs=5", "epochs", 5, "epochs=5"),
        ("steps=2000", "steps", 2000, "steps=2000"),
        ("steps=12345678", "steps", 12345678, "steps=12345678"),
        ("flops=1e12", "flops", 1e12, "flops=1e12"),
        ("flops=2.5E+9", "flops", 2.5e9, "flops=2.5e9"),
        ("flops=123456789", "flops", 123456789, "flops=1.23456789e8"),
    ],
)
def test_read_and_written(text: str, kind: str, amount: float, shown: str) -> None:
    budget = Budget.parse(text)
    assert budget == Budget(kind, amount)
    assert str(budget) == shown
    assert Budget.parse(shown) == budget
    assert budget.timed == (kind == "seconds")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "90",
        "s",
        "-5s",
        "5 s",
        "5d",
        "1e3s",
        "epochs",
        "epochs=",
        "epochs=1.5",
        "epochs=-1",
        "step=5",
        "inf",
        "nans",
        "flops=",
        "flops=1e-3",
        "flops=-1e9",
        "flops=inf",
        "flops=1e400",
    ],
)
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        Budget.parse(text)
    assert caught.value.code == "budget-malformed"
    assert "90s" in caught.value.help


@pytest.mark.parametrize("text", ["0s", "0m", "0.0h", "epochs=0", "steps=000", "flops=0", "flops=0.0e9"])
def test_nothing_is_no_budget(text: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        Budget.parse(text)
    assert caught.value.code == "budget-zero"
    assert caught.value.exit_code == 2


def test_steps() -> None:
    assert Budget.parse("epochs=3").steps(40) == 120
    assert Budget.parse("steps=7").steps(40) == 7


@given(st.integers(1, 10**7), st.sampled_from(["s", "m", "h"]))
def test_whole_times_come_back(amount: int, unit: str) -> None:
    budget = Budget.parse(f"{amount}{unit}")
    assert Budget.parse(str(budget)) == budget


@given(st.floats(1, 1e25))
def test_any_number_of_operations_comes_back(flops: float) -> None:
    budget = Budget("flops", flops)
    assert Budget.parse(str(budget)) == budget


@given(st.floats(0.001, 1e6))
def test_any_time_comes_back_nearly(seconds: float) -> None:
    assert Budget.parse(seconds_in_words(round(seconds, 3))).amount == pytest.approx(seconds, rel=1e-5, abs=1e-3)
