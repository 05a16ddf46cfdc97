"""Training FLOPs against torch's own counter, on a training step written out here."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from neocog.core.catalogue import Spec
from neocog.core.errors import UsageProblem
from neocog.core.progress import Silent
from neocog.fit.descent import Descent
from neocog.measures.cost import macs
from neocog.runs.allot import counted
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget
from neocog.runs.build import build
from neocog.runs.comparison_folder import ArmFacts
from neocog.runs.experiment import Experiment
from neocog.runs.setup import Question, open_data, resolve, task_for
from neocog.runs.training_flops import StepFlops, count_flops

NETWORKS = ("linear", "mlp", "simple-cnn", "lenet5", "resnet[depth=8]")


def digits() -> Any:
    spec, kind = task_for("digits", None)
    choice, data = open_data(kind, "digits", {}, device="cpu", download=False, keep=False, progress=Silent())
    return Question(spec, choice, data)


@pytest.fixture(scope="module")
def question() -> Any:
    return digits()


def experiment(question: Any, network: str, **settings: Any) -> Experiment:
    return resolve(question, Spec.parse(network), device="cpu", augment="default", settings=settings)


def by_torch(experiment: Experiment, question: Any) -> int:
    parts = build(experiment, question.data)
    batch = next(iter(parts.source.batches(0, 0)))
    parts.network.train()
    with FlopCounterMode(display=False) as counter:
        nn.functional.cross_entropy(parts.network(batch.images), batch.labels).backward()
    return int(counter.get_total_flops())


@pytest.mark.parametrize("network", NETWORKS)
def test_a_step_costs_what_torch_counts(network: str, question: Any) -> None:
    made = experiment(question, network)
    found = count_flops(made, question.data)
    assert found.of(1) == by_torch(made, question) and found.of(7) == 7 * found.of(1)


def test_control_six_per_multiply_add_is_too_much_because_the_first_layer_needs_no_input_gradient(
    question: Any,
) -> None:
    found = {}
    for network in NETWORKS:
        made = experiment(question, network)
        work = macs(build(made, question.data).network, question.data.takes) * (made.plan.batch_size or 0)
        found[network] = count_flops(made, question.data).of(1) / (6 * work)
    assert found["linear"] == pytest.approx(2 / 3) and found["lenet5"] < 0.98 and found["resnet[depth=8]"] > 0.98


def test_frozen_blocks_cost_less_and_more_once_they_thaw(question: Any) -> None:
    body = {"descent.freeze": "backbone", "start.cached": False}
    free = count_flops(experiment(question, "lenet5"), question.data)
    frozen = count_flops(experiment(question, "lenet5", **body), question.data)
    thawing = count_flops(experiment(question, "lenet5", **body, **{"descent.unfreeze": 0.5}), question.data)
    assert frozen.of(10) < thawing.of(10) < free.of(10)
    assert [share for share, _ in thawing.stretches][:2] == [0.0, 0.5]
    assert thawing.stretches[0][1] == frozen.of(1) and thawing.stretches[-1][1] == free.of(1)


def test_a_thawing_plan_is_added_up_step_by_step() -> None:
    cost = StepFlops(5, ((0.0, 10), (0.5, 30), (0.75, 100)))
    for steps in range(1, 60):
        by_hand = sum(10 if s / steps < 0.5 else 30 if s / steps < 0.75 else 100 for s in range(steps))
        assert cost.of(steps) == 5 + by_hand
        assert cost.of(cost.steps_within(cost.of(steps))) <= cost.of(steps)
    assert cost.steps_within(4) == 0


@pytest.mark.parametrize("network", NETWORKS)
def test_a_plan_is_within_two_per_cent_under_its_flops(network: str, question: Any) -> None:
    made = experiment(question, network)
    budget = Budget.parse("flops=2.5e10")
    (arm,) = counted([Arm(ArmFacts(network, network, {}), made)], budget, question.data)
    assert arm.experiment is not None and arm.experiment.plan.steps > 50
    planned = replace(made, plan=arm.experiment.plan)
    assert 0.98 * budget.amount <= by_torch(planned, question) * arm.experiment.plan.steps <= budget.amount
    assert arm.facts.training_flops == by_torch(planned, question) * arm.experiment.plan.steps


def test_too_little_for_one_step_is_refused_and_what_is_named_works(question: Any) -> None:
    made = experiment(question, "mlp")
    arms = [Arm(ArmFacts("mlp", "mlp", {}), made)]
    with pytest.raises(UsageProblem) as caught:
        counted(arms, Budget.parse("flops=1e3"), question.data)
    assert caught.value.code == "budget-too-small"
    named = caught.value.help.split("--budget ")[1].split(";")[0]
    (arm,) = counted(arms, Budget.parse(named), question.data)
    assert arm.experiment is not None and arm.experiment.plan.steps == 1


def test_steps_that_cost_unequal_amounts_are_not_guessed(question: Any) -> None:
    spec, kind = task_for("digits", "cluster")
    choice, data = open_data(kind, "digits", {}, device="cpu", download=False, keep=False, progress=Silent())
    made = resolve(Question(spec, choice, data), Spec.parse("kmeans"), device="cpu", augment="default", settings={})
    with pytest.raises(UsageProblem) as caught:
        count_flops(made, data)
    assert caught.value.code == "flops-uncounted"


def test_counting_leaves_torchs_random_state_alone(question: Any) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    count_flops(replace(experiment(question, "mlp"), descent=Descent()), question.data)
    assert torch.equal(torch.rand(2), expected)
