"""From the numbers of the controls to one sentence: every case, with made-up numbers."""

from dataclasses import replace

import numpy as np
import pytest

from neocog.measures.cnn_need import ControlNumbers, Shuffled, conclusion, lines
from neocog.measures.intervals import Interval, arm_interval
from neocog.measures.item_scores import beyond_chance_items, majority_items
from neocog.measures.verdict import Answer, Verdict, verdicts


def verdict(a: str, b: str, answer: Answer, difference: float, half: float = 0.007) -> Verdict:
    return Verdict(a, b, difference, difference - half, difference + half, answer, 0.01, 0.5, 0.002, 0.003)


def shuffled(beyond: float, half: float = 0.02) -> Shuffled:
    score = Interval(0.1 + beyond, 0.1 + beyond - half, 0.1 + beyond + half, 0.0, 0.0)
    return Shuffled("lenet5", score, Interval(beyond, beyond - half, beyond + half, 0.0, 0.0))


YES = ControlNumbers(
    "lenet5",
    equal=verdict("lenet5", "mlp[widths=9]", "a", 0.019),
    moved=verdict("lenet5", "lenet5, pixels permuted", "a", 0.06, 0.009),
    dense_moved=verdict("mlp[widths=9]", "mlp[widths=9], pixels permuted", "tie", 0.0),
    local=verdict("lenet5", "locally-connected", "a", 0.004, 0.002),
    shuffled=shuffled(0.004),
)


def test_it_beats_the_mlp_and_needs_the_places() -> None:
    assert conclusion(YES) == (
        "yes",
        "These data need a CNN: lenet5 beats an MLP of equal size by 1.9 points (1.2 to 2.6), and loses 6.0 points "
        "(5.1 to 6.9) when the pixels' places are shuffled, while the MLP loses none.",
    )
    said = lines(YES)
    assert len(said) == 5 and said[0] == "The same size: lenet5 beats mlp[widths=9] by 1.9 points (1.2 to 2.6)."
    assert "as it must be" in said[2] and "at chance as it must be" in said[4]


def test_what_of_the_mlp_is_open_is_said() -> None:
    open_ = replace(YES, dense_moved=verdict("mlp", "mlp, pixels permuted", "unknown", 0.002))
    need, sentence = conclusion(open_)
    assert need == "yes" and "no loss can be told of the MLP, 0.2 points (-0.5 to 0.9)" in sentence
    need, sentence = conclusion(replace(YES, dense_moved=None))
    assert need == "yes" and sentence.endswith("when the pixels' places are shuffled.")


@pytest.mark.parametrize(
    ("answer", "difference", "need", "words"),
    [
        ("tie", 0.001, "no", "do not need a CNN: an MLP of equal size ties with lenet5 within 0.5 points"),
        ("b", -0.03, "no", "do not need a CNN: an MLP of equal size beats lenet5 by 3.0 points (2.3 to 3.7)"),
        ("unknown", 0.004, "unknown", "cannot be told yet: lenet5 and an MLP of equal size cannot be told apart"),
    ],
)
def test_an_mlp_that_keeps_up_answers_it(answer: Answer, difference: float, need: str, words: str) -> None:
    found = conclusion(replace(YES, equal=verdict("lenet5", "mlp", answer, difference)))
    assert found[0] == need and words in found[1]


@pytest.mark.parametrize(
    ("answer", "difference", "words"),
    [
        ("tie", 0.001, "does as well when the pixels' places are shuffled"),
        ("b", -0.02, "does as well when the pixels' places are shuffled"),
        ("unknown", 0.006, "cannot be told from nothing, 0.6 points"),
    ],
)
def test_a_cnn_that_loses_nothing_without_places_is_no_proof(answer: Answer, difference: float, words: str) -> None:
    need, sentence = conclusion(replace(YES, moved=verdict("lenet5", "lenet5, pixels permuted", answer, difference)))
    assert need == "unknown" and words in sentence and "beats an MLP of equal size by 1.9" in sentence


@pytest.mark.parametrize(("beyond", "where"), [(0.4, "above"), (-0.06, "below")])
def test_shuffled_labels_that_teach_come_first(beyond: float, where: str) -> None:
    red = replace(YES, shuffled=shuffled(beyond))
    need, sentence = conclusion(red)
    assert need == "unknown" and f"scores {where} chance" in sentence and "a leak or a bug" in sentence
    assert "10.0 %" in lines(red)[-1] and f"{where} chance" in lines(red)[-1]


@pytest.mark.parametrize(("answer", "difference", "word"), [("a", 0.03, "loses 3.0"), ("b", -0.03, "gains 3.0")])
def test_an_mlp_that_cares_for_places_spoils_the_control(answer: Answer, difference: float, word: str) -> None:
    need, sentence = conclusion(replace(YES, dense_moved=verdict("mlp", "mlp, pixels permuted", answer, difference)))
    assert need == "unknown" and word in sentence and "cannot be compared" in sentence
    said = lines(replace(YES, dense_moved=verdict("mlp", "mlp, pixels permuted", answer, difference)))
    assert "which must not be" in said[2]


def test_a_wide_interval_around_chance_is_no_clean_bill() -> None:
    wide = lines(replace(YES, shuffled=shuffled(-0.02, 0.47)))[-1]
    assert wide.endswith("at chance as it must be; a leak worth less than 45 points would not show.")
    assert lines(YES)[-1].endswith("at chance as it must be.")


def test_who_leads_is_said_where_nothing_is_settled() -> None:
    behind = conclusion(replace(YES, equal=verdict("lenet5", "mlp", "unknown", -0.1, 0.06)))[1]
    ahead = conclusion(replace(YES, equal=verdict("lenet5", "mlp", "unknown", 0.1, 0.06)))[1]
    assert behind.endswith("the MLP leads by 10.0 points (4.0 to 16.0).")
    assert ahead.endswith("lenet5 leads by 10.0 points (4.0 to 16.0).")


def test_what_has_no_result_leaves_it_open() -> None:
    assert conclusion(ControlNumbers("lenet5"))[0] == "unknown" and lines(ControlNumbers("lenet5")) == []
    need, sentence = conclusion(replace(YES, moved=None))
    assert need == "unknown" and "was not tested" in sentence


def test_blind_answers_are_at_chance_however_unequal_the_classes() -> None:
    random = np.random.default_rng(0)
    labels = random.choice(3, 4000, p=[0.7, 0.2, 0.1])
    always = np.zeros(4000, np.int64)
    assert beyond_chance_items(always, labels).mean() == pytest.approx(0, abs=1e-12)
    as_often = np.stack([beyond_chance_items(random.choice(3, 4000, p=[0.7, 0.2, 0.1]), labels) for _ in range(3)])
    found = arm_interval(as_often)
    assert found.low <= 0 <= found.high
    knows = np.where(random.random(4000) < 0.2, labels, always)
    assert arm_interval(np.stack([beyond_chance_items(knows, labels)] * 2)).low > 0  # the control


def test_kappas_numerator_by_hand() -> None:
    predicted, labels = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    items = beyond_chance_items(predicted, labels)
    assert items.tolist() == [0.75, -0.25, 0.25, 0.25]  # right less the class's share: 1/4 and 3/4
    assert majority_items(1, labels).tolist() == [0, 1, 1, 1]


def test_pairs_that_are_asked_about_are_corrected_among_themselves() -> None:
    random = np.random.default_rng(1)
    scores = {name: (random.random((3, 400)) < p).astype(float) for name, p in zip("abcd", (0.9, 0.85, 0.84, 0.5))}
    every, one = verdicts(scores), verdicts(scores, pairs=[("b", "a")])
    assert len(every) == 6 and [(v.a, v.b) for v in one] == [("b", "a")]
    alone = verdicts({name: scores[name] for name in "ba"})[0]
    assert one[0] == alone and one[0].p_beats < every[0].p_beats
