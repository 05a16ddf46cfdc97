"""Verdicts against the procedure written out with loops, and against scipy's tests where they coincide."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from neocog.measures.intervals import arm_interval
from neocog.measures.verdict import verdicts

EXACT = {"rel": 1e-9, "abs": 1e-9}


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def variance(values: list[float]) -> float:
    return sum((value - mean(values)) ** 2 for value in values) / (len(values) - 1)


def taken_apart(y: list[list[float]]) -> tuple[float, float, float, list[float]]:
    """Mean, S, E and item means."""
    runs, items = len(y), len(y[0])
    seed = [mean(row) for row in y]
    item = [mean([y[s][i] for s in range(runs)]) for i in range(items)]
    total = mean(seed)
    rest = 0.0
    for s in range(runs):
        for i in range(items):
            rest += (y[s][i] - seed[s] - item[i] + total) ** 2
    return total, variance(seed), rest / ((runs - 1) * (items - 1)), item


def naive(arms: dict[str, list[list[float]]], margin: float, alpha: float) -> list[dict[str, object]]:
    rows = []
    for a, b in combinations(arms, 2):
        ra, rb, n = len(arms[a]), len(arms[b]), len(arms[a][0])
        mean_a, s_a, e_a, item_a = taken_apart(arms[a])
        mean_b, s_b, e_b, item_b = taken_apart(arms[b])
        th = mean_a - mean_b
        gap = [item_a[i] - item_b[i] for i in range(n)]
        items = variance(gap) / n
        x = (e_a / ra + e_b / rb) / n
        v = max(s_a / ra + s_b / rb + max(0.0, items - x), items)
        few = sum(abs(d) > 1e-12 for d in gap) < 6
        if few:
            v = max(v, 2 / n**2)
        below = (s_a / ra) ** 2 / (ra - 1) + (s_b / rb) ** 2 / (rb - 1)
        law = stats.t(v**2 / below) if below > 0 else stats.norm()
        half = law.ppf(1 - alpha / 2) * math.sqrt(v)
        rows.append(
            {
                "difference": th,
                "low": th - half,
                "high": th + half,
                "p_beats": 1.0 if few else 2 * law.sf(abs(th) / math.sqrt(v)),
                "p_tie": law.sf((margin - abs(th)) / math.sqrt(v)) if abs(th) < margin else 1.0,
                "seeds_error": math.sqrt(max(0, s_a - e_a / n) / ra + max(0, s_b - e_b / n) / rb),
                "items_error": math.sqrt(items),
            }
        )
    for name in ("p_beats", "p_tie"):
        largest = 0.0
        for place, row in enumerate(sorted(rows, key=lambda row: row[name])):
            largest = max(largest, min(1.0, row[name] * (len(rows) - place)))
            row[name + "_holm"] = largest
    for row in rows:
        row["p_beats"], row["p_tie"] = row["p_beats_holm"], row["p_tie_holm"]
        row["answer"] = "unknown"
        if row["p_tie"] <= alpha:
            row["answer"] = "tie"
        elif row["p_beats"] <= alpha:
            row["answer"] = "a" if row["difference"] > 0 else "b"
    return rows


def correct(generator: np.random.Generator, runs: int, items: int, accuracy: float) -> np.ndarray:
    hard = np.random.default_rng(5).normal(size=items)
    skill = stats.norm.ppf(accuracy) * 1.5 + 0.1 * generator.normal(size=(runs, 1))
    return (skill + hard + 0.5 * generator.normal(size=(runs, items)) > 0).astype(float)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("items", "margin"), [(12, 0.3), (150, 0.04), (600, 0.02)])
def test_zeros_and_ones(items: int, margin: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    arms = {
        "a": correct(generator, 3, items, 0.9),
        "b": correct(generator, 5, items, 0.9),
        "c": correct(generator, 2, items, 0.8),
        "d": correct(generator, 3, items, 0.95),
    }
    agree(arms, margin)


@pytest.mark.parametrize("seed", range(4))
def test_any_scores(seed: int) -> None:
    generator = np.random.default_rng(seed)
    arms = {label: -generator.gamma(0.3, size=(3, 80)) + 0.2 * (label == "b") for label in "abc"}
    agree(arms, 0.1)


def agree(arms: dict[str, np.ndarray], margin: float) -> None:
    found = verdicts(arms, margin=margin)
    expected = naive({label: values.tolist() for label, values in arms.items()}, margin, 0.05)
    for verdict, row in zip(found, expected, strict=True):
        for name in ("difference", "low", "high", "p_beats", "p_tie", "seeds_error", "items_error"):
            assert getattr(verdict, name) == pytest.approx(row[name], **EXACT), name
        assert verdict.answer == row["answer"]


def test_copied_runs_are_the_paired_z_test() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(1, 300)), generator.normal(size=(1, 300))
    (found,) = verdicts({"a": np.repeat(a, 3, axis=0), "b": np.repeat(b, 3, axis=0)}, margin=0)
    gap = (a - b)[0]
    z = gap.mean() / (gap.std(ddof=1) / math.sqrt(300))
    assert found.p_beats == pytest.approx(2 * stats.norm.sf(abs(z)), **EXACT)


def test_items_that_do_not_vary_leave_welch() -> None:
    """Every item scores the same within a run: only seeds vary, and Welch's t test is what remains."""
    seeds_a, seeds_b = np.array([0.2, 0.5, 0.9]), np.array([1.4, 1.1, 1.2, 1.9])
    a, b = np.tile(seeds_a[:, None], (1, 50)), np.tile(seeds_b[:, None], (1, 50))
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    welch = stats.ttest_ind(seeds_a, seeds_b, equal_var=False)
    assert found.p_beats == pytest.approx(welch.pvalue, **EXACT)
    ends = welch.confidence_interval()
    assert (found.low, found.high) == (pytest.approx(ends.low, **EXACT), pytest.approx(ends.high, **EXACT))


@pytest.mark.parametrize("seed", range(5))
def test_one_network_against_loops(seed: int) -> None:
    generator = np.random.default_rng(seed)
    y = generator.normal(size=(4, 60)) + generator.normal(size=(4, 1)) * 0.3 + generator.normal(size=60)
    total, s, e, item = taken_apart(y.tolist())
    items = variance(item) / 60
    v = max(s / 4 + max(0.0, items - e / 240), items)
    law = stats.t(v**2 / ((s / 4) ** 2 / 3))
    found = arm_interval(y)
    assert found.mean == pytest.approx(total, **EXACT)
    assert found.low == pytest.approx(total - law.ppf(0.975) * math.sqrt(v), **EXACT)
    binary = (y > -0.5).astype(float)
    total, s, e, item = taken_apart(binary.tolist())
    items = variance(item) / 60
    v = max(s / 4 + max(0.0, items - e / 240), items)
    t = stats.t(v**2 / ((s / 4) ** 2 / 3)).ppf(0.975)
    m = total * (1 - total) * 60 / 59 / v
    middle = (total + t * t / (2 * m)) / (1 + t * t / m)
    half = t / (1 + t * t / m) * math.sqrt(total * (1 - total) / m + t * t / (4 * m * m))
    found = arm_interval(binary)
    assert (found.low, found.high) == (pytest.approx(middle - half, **EXACT), pytest.approx(middle + half, **EXACT))
