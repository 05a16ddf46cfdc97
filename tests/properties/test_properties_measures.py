"""What must hold for any scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neocog.measures.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
)
from neocog.measures.holm import holm
from neocog.measures.intervals import arm_interval, wilson
from neocog.measures.ranks import ranks
from neocog.measures.sentences import sentence, verdict_sentence
from neocog.measures.verdict import Verdict, verdicts

TURNED = {"a": "b", "b": "a", "tie": "tie", "unknown": "unknown"}
CLOSE = {"rel": 1e-6, "abs": 1e-9}


@st.composite
def worlds(draw: st.DrawFn, networks: int = 2, least_runs: int = 1) -> dict[str, np.ndarray]:
    """0/1 scores of networks with a common difficulty of items."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    items = draw(st.integers(2, 80))
    hard = generator.random(items) < draw(st.floats(0, 1))
    arms = {}
    for label in "abcdef"[:networks]:
        runs = draw(st.integers(least_runs, 5))
        chance = np.where(hard, draw(st.floats(0, 1)), 0.98)
        arms[label] = (generator.random((runs, items)) < chance).astype(float)
    return arms


def numbers(verdict: Verdict) -> list[float]:
    return [verdict.difference, verdict.low, verdict.high, verdict.p_beats, verdict.p_tie]


@given(worlds(), st.floats(0, 0.5))
def test_exchanging_the_networks_turns_the_verdict(arms: dict[str, np.ndarray], margin: float) -> None:
    (one,) = verdicts(arms, margin=margin)
    (other,) = verdicts({"b": arms["b"], "a": arms["a"]}, margin=margin)
    turned = [-one.difference, -one.high, -one.low, one.p_beats, one.p_tie]
    assert numbers(other) == pytest.approx(turned, **CLOSE)
    assert other.answer == TURNED[one.answer]
    assert one.difference == 0 or verdict_sentence(one) == verdict_sentence(other)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_items_and_of_runs_does_not_matter(arms: dict[str, np.ndarray], chance: object) -> None:
    (one,) = verdicts(arms)
    items = chance.sample(range(arms["a"].shape[1]), arms["a"].shape[1])
    runs = chance.sample(range(len(arms["a"])), len(arms["a"]))
    (other,) = verdicts({"a": arms["a"][runs][:, items], "b": arms["b"][:, items]})
    assert numbers(other) == pytest.approx(numbers(one), **CLOSE)
    assert other.notes == one.notes


def test_control_items_are_paired() -> None:
    """The control of the above: to reorder the items of one network alone is another question."""
    generator = np.random.default_rng(0)
    a = np.repeat((generator.random((1, 200)) < 0.8).astype(float), 3, axis=0)
    b = a.copy()
    b[:, :3] = 1 - b[:, :3]
    (paired,) = verdicts({"a": a, "b": b})
    (broken,) = verdicts({"a": a, "b": b[:, ::-1]})
    assert broken.high - broken.low > 2 * (paired.high - paired.low)


@given(worlds(networks=3), st.floats(0, 0.5), st.floats(0.001, 0.3))
def test_intervals_answers_and_sentences_agree(arms: dict[str, np.ndarray], margin: float, alpha: float) -> None:
    found = verdicts(arms, margin=margin, alpha=alpha)
    for verdict in found:
        assert verdict.low < verdict.difference < verdict.high
        assert 0 <= verdict.p_beats <= 1
        assert 0 <= verdict.p_tie <= 1
        assert (verdict.answer == "tie") == (verdict.p_tie <= alpha)
        assert verdict.answer != "a" or verdict.difference > 0
        assert verdict.answer != "b" or verdict.difference < 0
        if max(verdict.runs) > 1 and verdict.answer in ("a", "b"):
            assert verdict.low > 0 or verdict.high < 0
        assert verdict.a in verdict_sentence(verdict)
    assert all(label in sentence(found) for label in arms)
    assert all(1 <= best <= worst <= 3 for best, worst in ranks(found).values())


@given(
    arrays.arrays(float, (3, 12), elements=st.floats(-5, 5)),
    arrays.arrays(float, (2, 12), elements=st.floats(-5, 5)),
    st.floats(-100, 100),
    st.floats(0.1, 10),
)
def test_moving_and_stretching_all_scores_moves_no_answer(
    a: np.ndarray, b: np.ndarray, shift: float, scale: float
) -> None:
    a, b = np.round(a, 2) + np.linspace(0, 3, 12), np.round(b, 2) - 6
    (one,) = verdicts({"a": a, "b": b}, margin=0.5)
    (other,) = verdicts({"a": a * scale + shift, "b": b * scale + shift}, margin=0.5 * scale)
    expected = [one.difference * scale, one.low * scale, one.high * scale, one.p_beats, one.p_tie]
    assert numbers(other) == pytest.approx(expected, **CLOSE)
    mine, theirs = arm_interval(a), arm_interval(a * scale + shift)
    assert [theirs.mean, theirs.low, theirs.high] == pytest.approx(
        [value * scale + shift for value in (mine.mean, mine.low, mine.high)], **CLOSE
    )


@given(worlds(networks=1))
def test_the_interval_of_an_accuracy_stays_an_accuracy(arms: dict[str, np.ndarray]) -> None:
    found = arm_interval(arms["a"])
    assert 0 <= found.low <= found.mean <= found.high <= 1
    assert found.high - found.low > 1 / arms["a"].shape[1] / 10


@given(arrays.arrays(float, st.integers(1, 20), elements=st.floats(0, 1)))
def test_holm_is_monotone_and_between_p_and_bonferroni(p: np.ndarray) -> None:
    adjusted = holm(p)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(adjusted[order]) >= 0)
    assert np.all(adjusted >= p)
    assert np.all(adjusted <= np.minimum(1, p * len(p)) + 1e-15)


@given(worlds(networks=4), st.integers(0, 3))
def test_more_comparisons_never_make_a_verdict_easier(arms: dict[str, np.ndarray], left_out: int) -> None:
    fewer = {label: values for i, (label, values) in enumerate(arms.items()) if i != left_out}
    of_all = {(verdict.a, verdict.b): verdict for verdict in verdicts(arms)}
    for verdict in verdicts(fewer):
        corrected = of_all[verdict.a, verdict.b]
        assert corrected.p_beats >= verdict.p_beats - 1e-15
        assert corrected.p_tie >= verdict.p_tie - 1e-15
        assert (corrected.low, corrected.high) == (verdict.low, verdict.high)


@given(st.integers(1, 500), st.data())
def test_wilson_is_symmetric(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = wilson(right, n)
    assert wilson(n - right, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@settings(max_examples=50)
@given(st.integers(2, 8), st.integers(1, 60), st.integers(0, 2**32))
def test_scores_lie_in_range_and_renaming_classes_changes_none(classes: int, n: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, n)
    probabilities = generator.dirichlet(np.ones(classes), n)
    predicted = probabilities.argmax(axis=1)
    names = generator.permutation(classes)
    one = confusion_matrix(predicted, labels, classes)
    other = confusion_matrix(names[predicted], names[labels], classes)
    assert np.trace(one) / n == pytest.approx(accuracy(predicted, labels))
    for score in (macro_f1, balanced_accuracy):
        assert 0 <= score(one) <= 1
        assert score(one) == pytest.approx(score(other))
    assert 0 <= expected_calibration_error(probabilities, labels) <= 1
