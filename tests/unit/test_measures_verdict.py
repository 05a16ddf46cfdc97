"""Verdicts: hand-worked cases, the order of answers, and what is said where the evidence is weak."""

import math

import numpy as np
import pytest
from scipy import stats

from neocog.core.errors import UsageProblem
from neocog.measures.verdict import verdicts


def runs(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def right(items: int, wrong: list[int]) -> list[float]:
    return [0.0 if i in wrong else 1.0 for i in range(items)]


def test_hand_worked_case_in_which_seeds_decide() -> None:
    a = runs([1] * 8, [1] * 8)
    b = runs([0] * 8, [1] * 4 + [0] * 4)
    (found,) = verdicts({"a": a, "b": b}, margin=0.01)
    # S_b = .125, E_b = 1/7, I = X = 1/112, V = S_b/2 = .0625, nu = 1, t = tan(.475 pi)
    half = math.tan(0.475 * math.pi) * 0.25
    assert found.difference == 0.75
    assert found.low == pytest.approx(0.75 - half, rel=1e-9)
    assert found.high == pytest.approx(0.75 + half, rel=1e-9)
    assert found.p_beats == pytest.approx(1 - 2 * math.atan(3) / math.pi, rel=1e-9)
    assert found.p_tie == 1
    assert found.seeds_error == pytest.approx(math.sqrt((1 / 8 - 1 / 56) / 2))
    assert found.items_error == pytest.approx(math.sqrt(1 / 112))
    assert found.answer == "unknown"
    assert found.notes == ("Rests on 2 runs of b, which differ widely; add seeds.",)


def test_hand_worked_case_under_the_guard() -> None:
    a = runs([1, 0], [1, 1])
    b = runs([0, 0], [1, 0])
    (found,) = verdicts({"a": a, "b": b})
    # a = b = 1/16, I = 0, X = 1/8: V would be 1/8; two items differ, so V = 2/4, and nu = (1/4)/(2/256) = 32
    assert found.high - found.difference == pytest.approx(2.0369333434601 * math.sqrt(0.5), rel=1e-9)
    assert found.p_beats == 1
    assert found.notes == ("Too few disagreements to compare: the scores differ on 2 of 2 test items.",)


def test_identical_outputs_are_never_plus_minus_nothing() -> None:
    same = runs(right(360, [3, 5]), right(360, [3]))
    (found,) = verdicts({"a": same, "b": same.copy()}, margin=0.005)
    assert found.difference == 0
    assert found.high == pytest.approx(2.77 / 360, rel=0.06)
    assert found.answer == "unknown"
    assert found.notes[0].startswith("All outputs score alike: 360 test items show that only to within 0.")
    (larger,) = verdicts({"a": np.ones((3, 5000)), "b": np.ones((3, 5000))}, margin=0.005)
    assert larger.high == pytest.approx(1.959964 * math.sqrt(2) / 5000, rel=1e-6)
    assert larger.answer == "tie"


def test_a_constant_difference_has_an_interval_too() -> None:
    (found,) = verdicts({"a": np.ones((2, 50)), "b": np.zeros((2, 50))})
    assert found.answer == "a"
    assert found.low < found.difference < found.high


@pytest.mark.parametrize(("differing", "answer"), [(5, "unknown"), (6, "a")])
def test_fewer_than_six_disagreements_are_not_enough(differing: int, answer: str) -> None:
    a = np.ones((3, 400))
    b = a.copy()
    b[:, :differing] = 0
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    assert found.answer == answer
    assert found.low > 0
    assert ("Too few" in " ".join(found.notes)) == (answer == "unknown")


def test_tie_comes_before_beats_and_both_are_told() -> None:
    generator = np.random.default_rng(1)
    base = (generator.random((1, 40_000)) < 0.9).astype(float)
    a = np.repeat(base, 3, axis=0)
    b = a.copy()
    b[:, np.flatnonzero(base[0])[:80]] = 0
    (found,) = verdicts({"a": a, "b": b}, margin=0.005)
    assert (found.answer, found.p_beats < 0.05, found.p_tie < 0.05) == ("tie", True, True)
    assert found.notes == (
        "a beats b by 0.20 points (0.16 to 0.24), but by less than your margin of 0.5 points: a tie.",
    )
    (strict,) = verdicts({"a": a, "b": b}, margin=0.001)
    assert strict.answer == "a"


def test_a_tie_whose_interval_leaves_the_margin_says_by_what_it_is_judged() -> None:
    a = np.ones((3, 1000))
    b = a.copy()
    a[:, :10] = 0
    b[:, 10:20] = 0
    error = math.sqrt(20 / 999 / 1000)
    (found,) = verdicts({"a": a, "b": b}, margin=1.8 * error)
    assert found.answer == "tie"
    assert found.high > found.margin
    assert found.notes[0].startswith("A tie is judged by the 90 % interval, 0.0 points (-0.7 to 0.7)")


def test_where_holm_overrules_the_single_interval_it_is_said() -> None:
    a = np.ones((3, 500))
    b = a.copy()
    b[:, :7] = 0  # z = 2.66, p = .008
    c = a.copy()
    c[:, :7] = 0
    c[:, 7] = 0
    b[:, 8] = 0
    alone = verdicts({"a": a, "b": b}, margin=0)[0]
    many = {"a": a, "b": b} | {f"c{i}": c for i in range(5)}
    corrected = next(found for found in verdicts(many, margin=0) if (found.a, found.b) == ("a", "b"))
    assert alone.answer == "a"
    assert corrected.answer == "unknown"
    assert (corrected.low, corrected.high) == (alone.low, alone.high)
    assert corrected.notes[-1].startswith("Taken alone, the interval leaves out 0; corrected for 21 comparisons (Holm)")


def test_where_holm_overrules_a_tie_it_is_said() -> None:
    generator = np.random.default_rng(7)
    base = np.ones((3, 4000))
    arms = {}
    for label in "abcdef":
        arms[label] = base.copy()
        arms[label][:, generator.choice(4000, 40, replace=False)] = 0
    margin = 2.3 * math.sqrt(80) / 4000
    found = verdicts(arms, margin=margin)
    overruled = [v for v in found if v.answer != "tie" and abs(v.difference) + (v.high - v.difference) < margin]
    assert overruled
    assert all("does not suffice for a tie" in " ".join(v.notes) for v in overruled)


def test_one_run_each_is_mcnemar_on_these_models() -> None:
    a, b = runs(right(100, [0, 1])), runs(right(100, list(range(2, 13))))
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    assert found.p_beats == pytest.approx(2 * (1 + 13 + 78) / 2**13)
    assert found.answer == "a"
    assert found.seeds_error is None
    assert found.notes == ("One run each: this holds for these two trained models only, by McNemar's exact test.",)


def test_the_exact_test_overrules_the_interval_of_single_runs() -> None:
    a, b = runs(right(100, [0, 1])), runs(right(100, list(range(2, 11))))
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    assert found.low > 0
    assert found.answer == "unknown"
    assert found.notes[-1] == "The interval leaves out 0, but the exact test does not suffice (p = 0.065)."


def test_one_run_against_several_is_said() -> None:
    (found,) = verdicts({"a": np.eye(1, 30), "b": np.eye(3, 30)})
    assert found.notes[0] == "One run of a: this holds for that trained model only, not for a trained again."
    assert found.seeds_error is None


def test_unequal_numbers_of_runs_and_bools_are_welcome() -> None:
    generator = np.random.default_rng(3)
    a, b = generator.random((5, 200)) < 0.9, generator.random((2, 200)) < 0.5
    (found,) = verdicts({"a": a, "b": b})
    assert found.answer == "a"
    assert found.runs == (5, 2)


def test_one_network_has_no_verdicts() -> None:
    assert verdicts({"a": np.ones((2, 5))}) == []


@pytest.mark.parametrize(
    ("scores", "options", "code"),
    [
        ({"a": np.ones((2, 5)), "b": np.ones((2, 6))}, {}, "scores-items"),
        ({"a": np.ones(5)}, {}, "scores-shape"),
        ({"a": np.ones((0, 5))}, {}, "scores-shape"),
        ({"a": np.ones((3, 1))}, {}, "scores-shape"),
        ({"a": np.full((2, 5), np.nan)}, {}, "scores-not-finite"),
        ({"a": np.ones((2, 5))}, {"margin": -0.1}, "margin-range"),
        ({"a": np.ones((2, 5))}, {"margin": float("nan")}, "margin-range"),
        ({"a": np.ones((2, 5))}, {"alpha": 0.0}, "alpha-range"),
    ],
)
def test_bad_input_is_named(scores: dict[str, np.ndarray], options: dict[str, float], code: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        verdicts(scores, **options)
    assert caught.value.code == code


def test_five_small_disagreements_are_guarded() -> None:
    a = np.ones((3, 400))
    b = a.copy()
    b[0, :2] = b[1, 2:4] = b[2, 4] = 0  # each item differs by a third: without the guard V would be about .6/400^2
    (found,) = verdicts({"a": a, "b": b}, margin=0)
    freedom = 2**2 / ((1 / 9) ** 2 / 2)  # 2, 2 and 1 mistakes: S_b/R_b = 1/9, in units of 1/400^2
    assert found.high - found.difference == pytest.approx(stats.t.ppf(0.975, freedom) * math.sqrt(2) / 400, rel=1e-9)
