"""Colours: enough contrast in light and dark (WCAG 2.2: 4.5 for text, 3 for signs and lines)."""

import re

import pytest

from neocog.figures.numbers import compact, count, decimal, percent, points, seconds
from neocog.figures.style import css


def _variables(dark: bool) -> dict[str, str]:
    light_text, dark_text = css().split("@media", 1)
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", light_text))
    return found | dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", dark_text)) if dark else found


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_signs_have_contrast(dark: bool) -> None:
    colour = _variables(dark)
    for back in ("paper", "wash"):
        for text in ("ink", "muted", "accent"):
            assert contrast(colour[text], colour[back]) >= 4.5, (text, back)
    for i in range(8):
        assert contrast(colour[f"s{i}"], colour["paper"]) >= 4.5, i
    assert contrast(colour["edge"], colour["paper"]) >= 3
    for i, kind in [(i, kind) for kind in "rw" for i in range(6) if f"{kind}{i}" in colour]:
        text = colour["deep"] if i >= 4 else colour["ink"]
        assert contrast(text, colour[f"{kind}{i}"]) >= 4.5, f"{kind}{i}"
    assert contrast(colour["muted"], colour["r1"]) >= 4.5, "ties in the matrix of verdicts"


def test_numbers_read_well() -> None:
    assert percent(0.97234) == "97.2\u00a0%"
    assert percent(float("nan")) == "–"
    assert points(0.021) == "+2.1" and points(-0.021) == "−2.1" and points(-0.0001) == "0.0"
    assert decimal(-0.1234) == "−0.123"
    assert count(61706) == "61,706"
    assert [compact(v) for v in (999, 61706, 1_234_567, 2.5e9, 0.0123, 1e-5)] == [
        "999", "61.7k", "1.23M", "2.5G", "0.0123", "1e−5",
    ]  # fmt: skip
    assert [seconds(v) for v in (0.0004, 3.21, 250, 4000)] == [
        "0.4\u00a0ms", "3.21\u00a0s", "4\u00a0min\u00a010\u00a0s", "1\u00a0h\u00a06\u00a0min",
    ]  # fmt: skip
