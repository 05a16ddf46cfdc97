"""allot: the arithmetic of a time budget, with made-up trials; nothing is trained."""

import re
from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest

from neocog.core.catalogue import Spec
from neocog.core.errors import UsageProblem
from neocog.core.progress import Silent
from neocog.runs import allot
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ArmFacts
from neocog.runs.experiment import PlanOptions
from neocog.runs.trial import FEWEST_STEPS, Trial
from runs_in_processes import tiny_experiment
from table import tiny_data

BUDGETS = ("20s", "30s", "90s", "5m", "10m", "1h")
TRIALS = {
    "quick": {"linear": Trial(2e-4, 2e-3, 0.05), "mlp": Trial(4e-4, 3e-3, 0.05)},
    "mixed": {"linear": Trial(2e-4, 2e-3, 0.05), "resnet": Trial(0.02, 0.1, 0.2), "lenet5": Trial(3e-3, 0.02, 0.1)},
    "much to look at": {"mlp": Trial(1e-3, 0.2, 0.3)},
}
SEEDS = 3
TRIED = 1.3  # seconds that the made-up trials took


def arms_of(trials: dict[str, Trial]) -> list[Arm]:
    experiment = replace(tiny_experiment(1), plan=PlanOptions(batch_size=8))
    return [Arm(ArmFacts(name, name, {}), replace(experiment, network=Spec(name))) for name in trials]


def timed(budget: str, trials: dict[str, Trial], monkeypatch: pytest.MonkeyPatch) -> tuple[list[Arm], float]:
    arms = arms_of(trials)
    monkeypatch.setattr(allot, "try_out", lambda *given, **named: (arms, trials))
    return allot.timed(
        arms,
        Budget.parse(budget),
        SEEDS,
        tiny_data(),
        started=perf_counter() - TRIED,
        progress=Silent(),
        allow_modules=(),
    )


def seconds(arm: Arm, trial: Trial) -> float:
    """What a run of this arm takes, if every step takes as long as in the trial."""
    assert arm.experiment is not None
    plan = arm.experiment.plan
    return trial.around + plan.evaluations * trial.look + plan.steps * trial.step


@pytest.mark.parametrize("trials", TRIALS.values(), ids=TRIALS.keys())
@pytest.mark.parametrize("budget", BUDGETS)
def test_runs_and_report_fit_the_budget_and_use_it(
    budget: str, trials: dict[str, Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = Budget.parse(budget).amount
    arms, share = timed(budget, trials, monkeypatch)
    runs = {arm.facts.label: seconds(arm, trials[arm.facts.label]) for arm in arms}
    whole = TRIED + SEEDS * sum(runs.values()) + allot._REPORT + allot._ROUND * len(arms)
    assert whole <= allowed, "the contract is 5 % more at most, on a machine that is as fast as in the trial"
    assert SEEDS * len(arms) * share >= 0.7 * allowed - 6, "what is kept back is a few seconds"
    for label, spent in runs.items():
        assert spent <= share
        assert spent >= 0.9 * share - trials[label].step - trials[label].around, "a network's share is used"


@pytest.mark.parametrize("trials", TRIALS.values(), ids=TRIALS.keys())
def test_runs_a_little_slower_than_their_trials_still_fit(
    trials: dict[str, Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    for budget in BUDGETS:
        arms, share = timed(budget, trials, monkeypatch)
        for arm in arms:
            assert seconds(arm, replace(trials[arm.facts.label], step=trials[arm.facts.label].step * 1.08)) <= share


def test_control_without_the_reserve_a_slower_machine_breaks_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neocog.runs.trial.SAFETY", 1.0)
    trials = TRIALS["quick"]
    arms, share = timed("90s", trials, monkeypatch)
    slower = replace(trials["mlp"], step=trials["mlp"].step * 1.08)
    assert seconds(arms[1], slower) > share


def test_every_seed_and_network_has_the_same_share(monkeypatch: pytest.MonkeyPatch) -> None:
    arms, _ = timed("90s", {name: Trial(1e-3, 0.01, 0.1) for name in ("linear", "mlp", "resnet")}, monkeypatch)
    plans: list[Any] = [arm.experiment.plan for arm in arms if arm.experiment is not None]
    assert len({(plan.steps, plan.evaluations) for plan in plans}) == 1 and len(plans) == 3


@pytest.mark.parametrize("slower", [1, 10, 100])
def test_the_smallest_budget_that_a_refusal_names_works(slower: int, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {
        name: Trial(trial.step * slower, trial.look * slower, trial.around * slower)
        for name, trial in TRIALS["mixed"].items()
    }
    with pytest.raises(UsageProblem) as caught:
        timed("4s", trials, monkeypatch)
    assert caught.value.code == "budget-too-small"
    (named,) = re.findall(r"--budget (\S+);", caught.value.help)
    arms, _ = timed(named, trials, monkeypatch)
    assert all(arm.experiment is not None and arm.experiment.plan.steps >= FEWEST_STEPS for arm in arms)


@pytest.mark.parametrize(("budget", "steps"), [("epochs=5", 15), ("steps=7", 7)])
def test_a_budget_that_is_no_time_needs_no_trial(budget: str, steps: int) -> None:
    (arm,) = allot.counted(arms_of({"linear": Trial(1, 1, 1)}), Budget.parse(budget), tiny_data())
    assert arm.experiment is not None and arm.experiment.plan.steps == steps
