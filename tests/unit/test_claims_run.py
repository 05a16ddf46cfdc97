"""claims/run: planted claims come out as what they are; findings are kept, skipped and refused as promised."""

from dataclasses import replace
from pathlib import Path

import pytest

from neocog.claims import CLAIMS, Claim
from neocog.claims.context import OTHER_SEEDS, SEEDS, Context, context_in
from neocog.claims.effect import Effect, between_items, counted
from neocog.claims.finding import Finding, keep, load_finding
from neocog.claims.run import load_findings, measured, run_claims
from neocog.claims.words import amount, conclusion, meaning, sentence
from neocog.core.errors import DataProblem, TrainingProblem, UsageProblem
from neocog.core.progress import Silent

QUICKEST = ["weight-sharing", "vanishing-gradients"]


def trained(context: Context, *rates: float) -> Effect:
    """Softmax regression at one rate, less the same at another."""
    data, found = context.images(), {}
    for name, rate, seeds in zip(("first", "second"), rates, (SEEDS, OTHER_SEEDS)):
        runs = context.train(data, "linear", steps=120, seeds=seeds[:3], settings={"descent.rate": rate})
        found[name] = runs.right()
    return between_items(found)


def same(context: Context) -> Effect:
    return trained(context, 0.01, 0.01)


def learning(context: Context) -> Effect:
    """The second hardly moves."""
    return trained(context, 0.01, 1e-9)


def claim(measure: object, control: object) -> Claim:
    words = dict.fromkeys(("title", "hypothesis", "condition", "source", "scale"), "planted")
    return Claim(**words, smallest=0.2, unit="points", seconds=1, measure=measure, control=control)  # type: ignore[arg-type]


def test_a_planted_claim_that_is_false_does_not_hold(tmp_path: Path) -> None:
    found = measured("planted", claim(same, lambda context: counted(0.0, {})), tmp_path)
    assert found.answer == "does not hold (here)"
    assert abs(found.effect.value) < 0.2


def test_a_planted_claim_that_is_true_holds_and_its_reverse_is_reversed(tmp_path: Path) -> None:
    found = measured("planted", claim(learning, lambda context: counted(0.0, {})), tmp_path)
    assert found.answer == "holds"
    flipped = replace(found.effect, value=-found.effect.value, low=-found.effect.high, high=-found.effect.low)
    reverse = measured("planted", claim(lambda context: flipped, lambda context: counted(0.0, {})), tmp_path)
    assert reverse.answer == "reversed"


def test_a_planted_claim_whose_control_shows_it_too_has_failed(tmp_path: Path) -> None:
    assert measured("planted", claim(learning, learning), tmp_path).answer == "control failed"


def test_its_runs_are_gone_afterwards(tmp_path: Path) -> None:
    measured("planted", claim(same, same), tmp_path, quick=True)
    assert list(tmp_path.iterdir()) == []


def test_findings_are_kept_and_not_run_again(tmp_path: Path) -> None:
    told: list[str] = []
    first = run_claims(QUICKEST[:1], into=tmp_path, quick=True)
    again = run_claims(QUICKEST, into=tmp_path, quick=True, progress=Said(told))
    assert [each.name for each in again.found] == QUICKEST
    assert again.found[0] == first.found[0] == load_findings(tmp_path)[0]
    assert "weight-sharing: known already" in told
    assert sum("of 2" in line for line in told) == 1


def test_a_run_that_comes_to_no_end_stops_no_other_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverges(context: Context) -> Effect:
        raise TrainingProblem("run-diverged", "The loss stopped being a number.")

    monkeypatch.setitem(CLAIMS, "weight-sharing", claim(diverges, diverges))
    found = run_claims(QUICKEST, into=tmp_path, quick=True)
    assert [each.name for each in found.found] == QUICKEST[1:]
    assert found.failed == {"weight-sharing": "The loss stopped being a number."}


def test_other_data_in_the_same_folder_are_refused(tmp_path: Path) -> None:
    run_claims(QUICKEST[:1], into=tmp_path, quick=True)
    with pytest.raises(UsageProblem) as problem:
        run_claims(QUICKEST, into=tmp_path)
    assert problem.value.code == "claims-other-data"
    assert [each.name for each in load_findings(tmp_path)] == QUICKEST[:1]


def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as problem:
        run_claims(["droput-gap"], into=tmp_path)
    assert problem.value.code == "name-unknown"
    assert "dropout-gap" in problem.value.help


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (kept,) = run_claims(QUICKEST[:1], into=tmp_path, quick=True).found
    path = tmp_path / "weight-sharing.json"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataProblem) as problem:
        load_finding(tmp_path, "weight-sharing")
    assert problem.value.code == "claim-damaged"
    keep(kept, tmp_path)
    assert load_finding(tmp_path, "weight-sharing") == kept


def test_a_diverging_rate_is_none_and_another_is_not(tmp_path: Path) -> None:
    with context_in(tmp_path) as context:
        data = context.images()
        wild = {"descent.optimizer": "sgd", "descent.rate": 1e30, "descent.schedule": "constant"}
        assert context.attempt(data, "mlp", steps=20, seed=0, settings=wild) is None
        assert context.attempt(data, "mlp", steps=2, seed=0, settings={}) is not None


def test_what_is_said() -> None:
    found = made(Effect(0.021, 0.014, 0.028, "seeds"), Effect(0.001, -0.003, 0.005, "seeds"))
    control = "the control shows no such effect, as it must: 0.1 points (-0.3 to 0.5)"
    assert sentence(found) == f"Planted: holds, 2.1 points (1.4 to 2.8); {control}."
    assert conclusion([found]) == "Of 1 claim: 1 holds."
    assert meaning(found).startswith("The effect goes as predicted")
    assert "means nothing" in meaning(replace(found, data="quick digits"))
    assert amount(Effect(304964.0, 304964.0, 304964.0, ""), "times") == "304,964 times"


def made(effect: Effect, control: Effect) -> Finding:
    return Finding(
        name="planted",
        answer="holds",
        effect=effect,
        control=control,
        title="Planted.",
        hypothesis="",
        condition="",
        source="",
        scale="",
        smallest=0.01,
        unit="points",
        data="digits",
        seconds=1.0,
        versions={},
    )


class Said(Silent):
    """Keeps what was said."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def say(self, text: str) -> None:
        self.told.append(text)
