"""What verdicts say in words."""

import itertools

import pytest

from neocog.measures.quantities import probability, quantity, several, size
from neocog.measures.ranks import ranks, standing
from neocog.measures.sentences import advice, sentence, verdict_sentence
from neocog.measures.verdict import Answer, Verdict


def verdict(a: str, b: str, answer: Answer, difference: float = 0.021, half: float = 0.007, **more: object) -> Verdict:
    values: dict[str, object] = {
        "a": a,
        "b": b,
        "difference": difference,
        "low": difference - half,
        "high": difference + half,
        "answer": answer,
        "p_beats": 0.001 if answer in ("a", "b") else 0.5,
        "p_tie": 0.001 if answer == "tie" else 0.5,
        "seeds_error": 0.001,
        "items_error": 0.002,
        "runs": (3, 3),
    }
    return Verdict(**(values | more))


def table(means: dict[str, float], answers: dict[str, Answer], default: Answer = "a") -> list[Verdict]:
    """All pairs, best first; ``answers`` by "a b"."""
    labels = sorted(means, key=lambda label: -means[label])
    return [
        verdict(a, b, answers.get(f"{a} {b}", default), means[a] - means[b])
        for a, b in itertools.combinations(labels, 2)
    ]


def test_pairs() -> None:
    assert verdict_sentence(verdict("resnet", "mlp", "a")) == "resnet beats mlp by 2.1 points (1.4 to 2.8)."
    assert verdict_sentence(verdict("mlp", "resnet", "b", -0.021)) == "resnet beats mlp by 2.1 points (1.4 to 2.8)."
    unknown = verdict("mlp", "lenet5", "unknown", -0.003)
    expected = "lenet5 and mlp cannot be told apart with this test set: a difference of 0.3 points (-0.4 to 1.0)."
    assert verdict_sentence(unknown) == expected
    tie = verdict("mlp", "lenet5", "tie", 0.001, 0.002)
    assert verdict_sentence(tie) == "mlp and lenet5 tie within 0.5 points: a difference of 0.10 points (-0.10 to 0.30)."
    both = verdict("mlp", "lenet5", "tie", 0.002, 0.001, p_beats=0.01)
    expected = "mlp is better than lenet5 by 0.20 points (0.10 to 0.30), less than your margin of 0.5 points: tie."
    assert verdict_sentence(both) == expected
    nats = verdict("mlp", "lenet5", "a", 0.21, 0.07, unit="nats")
    assert verdict_sentence(nats) == "mlp beats lenet5 by 0.21 nats (0.14 to 0.28)."


def test_summary_of_three() -> None:
    means = {"resnet": 0.95, "simple-cnn": 0.931, "lenet5": 0.929}
    found = table(means, {"simple-cnn lenet5": "unknown"})
    assert sentence(found) == (
        "resnet beats simple-cnn by 1.9 points (1.2 to 2.6) and lenet5 by 2.1 points (1.4 to 2.8); "
        "simple-cnn and lenet5 cannot be told apart with this test set."
    )


def test_summary_of_a_ladder_leaves_out_what_follows() -> None:
    means = {name: 0.95 - 0.05 * i for i, name in enumerate(["resnet", "simple-cnn", "lenet5", "mlp", "linear"])}
    text = sentence(table(means, {}))
    assert text == (
        "resnet beats all 4 others, from simple-cnn by 5.0 points (4.3 to 5.7) "
        "to linear by 20.0 points (19.3 to 20.7); "
        "simple-cnn beats lenet5 by 5.0 points (4.3 to 5.7); lenet5 beats mlp by 5.0 points (4.3 to 5.7); "
        "mlp beats linear by 5.0 points (4.3 to 5.7)."
    )


def test_summary_names_every_pair_that_is_open_or_tied() -> None:
    means = {"a": 0.9, "b": 0.895, "c": 0.89, "d": 0.885}
    found = table(means, {"a b": "unknown", "b c": "unknown", "c d": "tie", "a c": "a"})
    text = sentence(found)
    assert "a and b as well as b and c cannot be told apart with this test set" in text
    assert "c and d tie within 0.5 points" in text
    assert "a beats c by" in text
    whole = sentence(table(means, {}, default="unknown"))
    assert whole == "a, b, c and d cannot be told apart with this test set."


def test_summary_does_not_depend_on_which_comes_first() -> None:
    found = table({"a": 0.9, "b": 0.88, "c": 0.85}, {"b c": "unknown"})
    turned = [
        Verdict(v.b, v.a, -v.difference, -v.high, -v.low, {"a": "b"}.get(v.answer, v.answer), *_rest(v)) for v in found
    ]
    assert sentence(found) == sentence(turned)


def _rest(v: Verdict) -> tuple[object, ...]:
    return v.p_beats, v.p_tie, v.seeds_error, v.items_error, v.notes, v.margin, v.alpha, v.unit, v.runs


def test_single_runs_are_told_and_nothing_says_nothing() -> None:
    assert sentence([verdict("a", "b", "a", runs=(1, 1))]).endswith(
        "One run each: this holds for these trained models only."
    )
    assert sentence([]) == ""


def test_ranks_and_standing() -> None:
    found = table({"a": 0.9, "b": 0.88, "c": 0.85, "d": 0.8}, {"b c": "unknown", "a b": "tie"})
    assert ranks(found) == {"a": (1, 2), "b": (1, 3), "c": (2, 3), "d": (4, 4)}
    place = standing("b", found)
    assert (place.beats, place.beaten_by, place.ties, place.unknown) == (("d",), (), ("a",), ("c",))


def test_advice() -> None:
    found = table({"a": 0.9, "b": 0.88, "c": 0.85, "d": 0.8}, {"b c": "unknown", "a b": "tie"})
    assert advice("b", found) == (
        "Use b, the best on validation: it beats d; a ties with it within 0.5 points, so the cheapest of them will do; "
        "c cannot be told apart from it with this test set."
    )
    assert advice("d", found).startswith("d was the best on validation, but a, b and c beat it on the test part")
    assert advice("a", []) == "Use a."


@pytest.mark.parametrize(
    ("difference", "low", "high", "text"),
    [
        (0.021, 0.014, 0.028, "2.1 points (1.4 to 2.8)"),
        (0.0007, 0.0001, 0.0013, "0.07 points (0.01 to 0.13)"),
        (0.0201, 0.0002, 0.04, "2.01 points (0.02 to 4.00)"),
        (0.0, -0.004, 0.004, "0.0 points (-0.4 to 0.4)"),
        (-0.00001, -0.01, 0.01, "0.0 points (-1.0 to 1.0)"),
    ],
)
def test_quantities_show_which_side_of_nothing_they_are_on(
    difference: float, low: float, high: float, text: str
) -> None:
    assert quantity(difference, low, high) == text


def test_small_words() -> None:
    assert size(0.005) == "0.5 points"
    assert size(0.05, "nats") == "0.05 nats"
    assert several(["a"]) == "a"
    assert several(["a", "b", "c"]) == "a, b and c"
    assert probability(0.0712) == "p = 0.071"
    assert probability(1e-9) == "p < 0.0001"
