"""Learning-rate trials: the same number for every network, on validation, inside the budget."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from neocog.core.catalogue import Spec
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.runs import allot, tune
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget
from neocog.runs.compare import compare
from neocog.runs.comparison_folder import ArmFacts
from neocog.runs.experiment import Experiment
from neocog.runs.halving import SHARE, all_steps, first_in_time, first_of_steps, rates_around, rounds, smallest_time
from neocog.runs.trial import FEWEST_STEPS, Trial
from neocog.runs.tune import SEED, Tuner
from neocog.runs.tuning import FILE, Tried, TunedArm, Tuning, keep_tuning, load_tuning
from neocog.tasks.task import Headline
from runs_in_processes import tiny_experiment
from table import tiny_data

QUICK = {"plan.batch_size": 8, "plan.evaluations": 2}


def tuner(rates: int = 4, **more: Any) -> Tuner:
    return Tuner(rates, Headline("accuracy"), tiny_data(), Silent(), **more)


def arm(label: str = "mlp", steps: int = 40, **settings: str) -> Arm:
    made = tiny_experiment(steps)
    made = replace(made, network=Spec("mlp", {"widths": (8,)}), descent=replace(made.descent, rate=None))
    return Arm(ArmFacts(label, "mlp", settings), made)


@pytest.mark.parametrize(
    ("number", "sizes"), [(0, []), (2, [2]), (3, [3, 2]), (4, [4, 2]), (5, [5, 3, 2]), (8, [8, 4, 2])]
)
def test_rounds_halve(number: int, sizes: list[int]) -> None:
    assert rounds(number) == sizes
    assert all_steps(number, 10) == sum(size * 10 * 2**i for i, size in enumerate(sizes))


@pytest.mark.parametrize("number", range(2, 12))
def test_rates_lie_around_the_usual_one_which_comes_first(number: int) -> None:
    rates = rates_around(0.01, number)
    assert rates[0] == 0.01 and len(set(rates)) == number
    logs = sorted(math.log10(rate) for rate in rates)
    assert all(b - a == pytest.approx(0.5) for a, b in pairwise(logs))
    assert abs(sum(logs) / number + 2) <= 0.25 + 1e-9


@pytest.mark.parametrize("number", [2, 3, 4, 8])
def test_trials_fit_their_share_and_no_trial_is_longer_than_a_run(number: int) -> None:
    trial = Trial(1e-3, 0.01, 0.1)
    for seconds in (30.0, 90.0, 600.0):
        first = first_in_time(trial, number, seconds, 3)
        spent = sum(rounds(number)) * trial.around_short + all_steps(number, first) * trial.step
        assert spent <= SHARE * seconds
        assert first * 2 ** (len(rounds(number)) - 1) <= trial.steps((1 - SHARE) * seconds / 3)
    assert first_in_time(trial, number, smallest_time(trial, number, 3) * 1.001, 3) >= FEWEST_STEPS - 1
    assert first_of_steps(number, 2000, 3) * 2 ** (len(rounds(number)) - 1) <= 2000
    assert first_of_steps(number, 1, 1) == 1


def test_the_best_rate_lands_in_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, int, int]] = []

    def score(self: Tuner, experiment: Experiment, sign: int, until: float) -> float:
        assert experiment.descent.rate is not None
        seen.append((experiment.descent.rate, experiment.plan.steps, experiment.plan.seed))
        return -abs(math.log10(experiment.descent.rate) + 3.5)

    monkeypatch.setattr(Tuner, "_score", score)
    (found,) = tuner().on_top([arm()], 2)
    assert found.experiment is not None and found.tuned is not None
    assert found.experiment.descent.rate == pytest.approx(10**-3.5) == found.tuned.chosen
    assert found.facts.settings["descent.rate"] == "0.000316, tuned"
    assert [steps for _, steps, _ in seen] == [20] * 4 + [40] * 2, "twice the steps in the second round"
    assert {seed for _, _, seed in seen} == {SEED}
    assert [trial.kept for trial in found.tuned.trials] == [True, True, False, False, True, False]
    assert found.experiment.plan.seed != SEED and found.experiment.plan.steps == 40


def test_a_rate_set_by_hand_is_not_tuned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tuner, "_score", lambda *_: pytest.fail("nothing is to be tried"))
    (found,) = tuner().on_top([arm(**{"descent.rate": "0.02"})], 2)
    assert found.tuned is not None and found.tuned.trials == ()
    assert "set by hand" in Tuning(4, SEED, SHARE, (found.tuned,)).sentences[0]


def test_a_rate_that_explodes_is_dropped() -> None:
    made = arm()
    assert made.experiment is not None
    wild = replace(made, experiment=replace(made.experiment, descent=replace(made.experiment.descent, optimizer="sgd")))
    found = tuner(2)._halved(wild, 1e30, 3, math.inf)
    scores = {trial.rate: trial.score for trial in found.trials}
    assert scores[1e30] is None
    assert found.note == "No rate gave a score." and found.chosen == 1e30


def test_equal_scores_leave_the_usual_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tuner, "_score", lambda *_: 0.5)
    found = tuner(5)._halved(arm(), 0.01, 3, math.inf)
    assert found.chosen == 0.01 and not found.note


def test_when_the_time_ends_the_last_whole_round_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = perf_counter()
    found = tuner(4)._halved(arm(), 0.01, 10**6, begun + 0.3)
    assert perf_counter() - begun < 20
    assert found.chosen == 0.01 and found.trials == () and "round 1" in found.note


def test_a_time_budget_holds_the_trials_too(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {"mlp": Trial(1e-3, 0.01, 0.05), "slow": Trial(5e-3, 0.01, 0.05)}
    arms = [arm("mlp"), arm("slow")]
    monkeypatch.setattr(tune, "try_out", lambda *given, **named: (arms, trials))
    clock = [0.0]
    monkeypatch.setattr(tune, "perf_counter", lambda: clock[0])

    def score(self: Tuner, experiment: Experiment, sign: int, until: float) -> float:
        label = "mlp" if clock[0] < 0.2 * 45 else "slow"
        clock[0] += 0.05 + experiment.plan.steps * trials[label].step
        return -abs(math.log10(experiment.descent.rate or 1) + 2)

    monkeypatch.setattr(Tuner, "_score", score)
    found, share = tuner().in_time(arms, Budget.parse("90s"), 3, started=0.0)
    assert 0 < clock[0] <= SHARE * 90
    assert clock[0] + 6 * share + allot.reserve(trials) <= 90 + 1e-9
    assert all(each.experiment is not None and each.experiment.plan.steps > 1000 for each in found)


def test_a_budget_too_small_for_trials_is_refused_and_what_is_named_works(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {"mlp": Trial(0.02, 0.01, 0.05)}
    arms = [arm("mlp")]
    monkeypatch.setattr(tune, "try_out", lambda *given, **named: (arms, trials))
    monkeypatch.setattr(Tuner, "_score", lambda *_: 0.5)
    with pytest.raises(UsageProblem) as caught:
        tuner(8).in_time(arms, Budget.parse("10s"), 2, started=perf_counter())
    assert caught.value.code == "budget-too-small"
    named = Budget.parse(caught.value.help.split("--budget ")[1].split(";")[0])
    assert named.amount > 10
    tuner(8).in_time(arms, named, 2, started=perf_counter())


def test_what_was_tried_comes_back_and_networks_are_added(tmp_path: Path) -> None:
    assert load_tuning(tmp_path) is None
    first = Tuning(2, SEED, SHARE, (TunedArm("a", 0.1, 0.1, (Tried(0.1, 5, 0.5, True), Tried(1.0, 5, None, False))),))
    keep_tuning(tmp_path, first)
    assert load_tuning(tmp_path) == first
    second = TunedArm("b", 0.1, 0.3)
    keep_tuning(tmp_path, replace(first, arms=(second,)))
    found = load_tuning(tmp_path)
    assert found is not None and found.arms == (*first.arms, second)
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(DataProblem, match="cannot be read"):
        load_tuning(tmp_path)


@pytest.mark.parametrize("number", [-1, 1, 33])
def test_a_number_of_rates_that_makes_no_sense(number: int, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        compare(tiny_data(), "linear", budget="steps=2", tune=number, into=tmp_path)
    assert caught.value.code == "tune-range"


def test_a_comparison_keeps_its_rates_when_it_goes_on(tmp_path: Path) -> None:
    options = {"settings": QUICK, "processes": 1}
    first = compare(tiny_data(), "linear", budget="steps=6", seeds=1, tune=2, into=tmp_path, **options)
    tried = json.loads((tmp_path / FILE).read_text())["arms"]
    rate = tried[0]["chosen"]
    assert [seed.folder.name for seed in first.arms[0].finished] == ["seed-0"]
    compare(tiny_data(), "mlp[widths=8]", seeds=2, into=tmp_path)
    kept = load_tuning(tmp_path)
    assert kept is not None and [each.label for each in kept.arms] == ["linear", "mlp[widths=8]"]
    for seed in (0, 1):
        text = (tmp_path / "arms" / "linear" / f"seed-{seed}" / "experiment.toml").read_text()
        assert f"rate = {rate}" in text
    with pytest.raises(UsageProblem) as caught:
        compare(tiny_data(), seeds=2, tune=3, into=tmp_path)
    assert caught.value.code == "comparison-differs"
    assert "What was tried before" in first.report(tmp_path / "r.html").read_text("utf-8")
