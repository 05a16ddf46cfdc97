"""core/rules: constraints as data."""

import math

import pytest

from neocog.core.rules import Above, AtLeast, Between, OneOf, Rule


@pytest.mark.parametrize(
    ("rule", "good", "bad", "words"),
    [
        (Between(0, 1), [0, 1, 0.5, (0, 1), [0.2]], [-0.1, 1.1, math.nan, "0.5", None, (0.5, 2)], "0 to 1"),
        (Between(0, 1, open_low=True), [1, 0.1], [0], "above 0 to 1"),
        (Between(0, 1, open_high=True), [0, 0.9], [1], "0 to below 1"),
        (AtLeast(1), [1, 2, (1, 2)], [0, math.nan, math.inf, "1", (1, 0)], "at least 1"),
        (Above(0), [0.1, (1, 2)], [0, -1, math.nan, math.inf, "1", (1, 0)], "above 0"),
        (OneOf("a", "b"), ["a", "b"], ["c", "", None], "one of a, b"),
    ],
)
def test_rules(rule: Rule, good: list[object], bad: list[object], words: str) -> None:
    assert all(rule.holds(value) for value in good)
    assert not any(rule.holds(value) for value in bad)
    assert str(rule) == words


@pytest.mark.parametrize(
    "rule", [Between(0, 1), Between(0, 1, open_low=True, open_high=True), AtLeast(1), Above(0), OneOf("a", "b")]
)
def test_bad_examples_are_bad(rule: Rule) -> None:
    assert rule.bad_examples() and not any(rule.holds(value) for value in rule.bad_examples())
