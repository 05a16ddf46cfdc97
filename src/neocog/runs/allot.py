"""Allot: turn a budget into a number of steps for each network, once for all its seeds."""

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from neocog.core.errors import Problem, TrainingProblem, UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.data.family import AbstractData
from neocog.data.feature_source import FeatureSource
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget, flops_in_words, seconds_in_words
from neocog.runs.build import build
from neocog.runs.training_flops import StepFlops, count_flops
from neocog.runs.trial import Trial, trial

_TRIALS = 0.06  # of the time goes to trials
_SHORTEST, _LONGEST = 0.1, 1.5  # seconds of a trial
_REPORT = 2.5  # seconds kept for results and report
_ROUND = 0.4  # seconds kept per network for the latency round, and its error
_ROUNDING = 5


def counted(
    arms: Sequence[Arm],
    budget: Budget,
    data: AbstractData,
    *,
    allow_modules: Collection[str] = (),
    with_flops: bool = True,
) -> list[Arm]:
    """Steps for a budget in epochs, steps or FLOPs, which is for each run; their FLOPs are told ``with_flops`` only.

    Raises:
        UsageProblem: ``budget-too-small``, where the FLOPs do not suffice for one step of each network.
    """
    if budget.kind == "flops":
        return _within_flops(arms, budget, data, allow_modules)
    return [_counted(arm, budget, data, allow_modules, with_flops) for arm in arms]


def _counted(arm: Arm, budget: Budget, data: AbstractData, allow_modules: Collection[str], with_flops: bool) -> Arm:
    if arm.experiment is None or budget.amount == 0:
        return _with_steps(arm, 0, None, None)
    parts, flops = build(arm.experiment, data, allow_modules), None
    if with_flops and not isinstance(parts.source, FeatureSource):  # which would compute the features of all items
        with suppress(Exception):  # it is told where it matters: when it is trained
            flops = count_flops(arm.seeded(0), data, allow_modules=allow_modules)
    return _with_steps(arm, budget.steps(parts.source.size or 1), None, flops)


def _within_flops(arms: Sequence[Arm], budget: Budget, data: AbstractData, allow_modules: Collection[str]) -> list[Arm]:
    """The most steps that fit; an arm whose steps fail becomes one that cannot run."""
    found: list[Arm] = []
    least: dict[str, int] = {}
    for arm in arms:
        if arm.experiment is None:
            found.append(arm)
            continue
        try:
            flops = count_flops(arm.seeded(0), data, allow_modules=allow_modules)
        except Problem:
            raise
        except Exception as problem:  # out of memory, or a class of the user's own: the others go on
            found.append(arm.without(f"{type(problem).__name__}: {problem}"))
            continue
        least[arm.facts.label] = flops.of(1)
        found.append(_with_steps(arm, flops.steps_within(budget.amount), None, flops))
    short = [f"{label}: one step costs {cost:,}" for label, cost in least.items() if cost > budget.amount]
    if short:
        raise UsageProblem(
            "budget-too-small",
            f"{budget} is too little for one step of each network",
            where=[f"--budget {budget}", *short],
            note="nothing was trained",
            help=f"the smallest budget that works here is --budget flops={flops_in_words(max(least.values()))}; "
            "smaller batches (--set plan.batch_size=...) need less",
        )
    return found


def timed(
    arms: Sequence[Arm],
    budget: Budget,
    seeds: int,
    data: AbstractData,
    *,
    started: float,
    progress: AbstractProgress,
    allow_modules: Collection[str],
) -> tuple[list[Arm], float]:
    """Steps for a budget in time: every run gets the same share of what is left; also that share, in seconds.

    Raises:
        UsageProblem: ``budget-too-small``, with the smallest that works.
    """
    arms, trials = try_out(arms, budget.amount, data, progress=progress, allow_modules=allow_modules)
    spent = perf_counter() - started + reserve(trials)
    share = (budget.for_training - spent) / (len(trials) * seeds)
    refuse_too_small(budget, trials, share, spent, seeds)
    return [with_share(arm, trials, share) for arm in arms], share


def reserve(trials: Mapping[str, Trial]) -> float:
    """Seconds that are kept for what follows the runs."""
    return _REPORT + _ROUND * len(trials) + sum(each.step * 8 + each.around / 4 for each in trials.values())


def try_out(
    arms: Sequence[Arm],
    seconds: float,
    data: AbstractData,
    *,
    progress: AbstractProgress,
    allow_modules: Collection[str],
) -> tuple[list[Arm], dict[str, Trial]]:
    """A throughput trial of each network that can run; one that fails in it becomes one that cannot."""
    able = [arm for arm in arms if arm.experiment is not None]
    each = min(_LONGEST, max(_SHORTEST, _TRIALS * seconds / len(able)))
    trials: dict[str, Trial] = {}
    failed: dict[str, Arm] = {}
    _load_once(able, data, allow_modules)
    progress.start("measuring speed", len(able), "networks")
    for number, arm in enumerate(able, start=1):
        try:
            trials[arm.facts.label] = trial(arm.seeded(0), data, seconds=each, allow_modules=allow_modules)
        except Problem:
            raise
        except Exception as problem:  # out of memory, or a class of the user's own: the others go on
            failed[arm.facts.label] = arm.without(f"{type(problem).__name__}: {problem}")
        progress.advance(number)
    progress.end()
    if not trials:
        raise TrainingProblem(
            "comparison-no-result",
            "no network could be trained",
            where=[f"{arm.facts.label}: {arm.facts.failure}" for arm in failed.values()],
            help="try smaller batches (--set plan.batch_size=...) or smaller images (--size)",
        )
    return [failed.get(arm.facts.label, arm) for arm in arms], trials


def _load_once(able: Sequence[Arm], data: AbstractData, allow_modules: Collection[str]) -> None:
    """What the first network loads for all of them is no run's cost."""
    with suppress(Exception):  # it is tried again, and told, in its trial
        build(able[0].seeded(0), data, allow_modules)


def within(arm: Arm, trials: Mapping[str, Trial], share: float) -> Arm:
    """The arm with its steps, or without, if its share is too little for a run that is worth it."""
    if arm.experiment is not None and trials[arm.facts.label].smallest_share() > share:
        return arm.without(f"the {share:.1f} s that each run has in this comparison are too little for it")
    return with_share(arm, trials, share)


def with_share(arm: Arm, trials: Mapping[str, Trial], share: float) -> Arm:
    """The arm with the steps and looks that fit its share."""
    if arm.experiment is None:
        return arm
    measured = trials[arm.facts.label]
    return _with_steps(arm, measured.steps(share), measured.looks(share), measured.flops)


def refuse_too_small(budget: Budget, trials: Mapping[str, Trial], share: float, spent: float, seeds: int) -> None:
    """Every network must get a run that is worth it."""
    needed = max(each.smallest_share() for each in trials.values())
    if share < needed:
        raise too_small(budget, len(trials), seeds, spent + needed * len(trials) * seeds)


def too_small(budget: Budget, networks: int, seeds: int, needed: float) -> UsageProblem:
    """A budget in time that does not suffice; ``needed`` are the seconds that would."""
    needed *= budget.amount / budget.for_training
    smallest = math.ceil(1.1 * needed / _ROUNDING) * _ROUNDING
    return UsageProblem(
        "budget-too-small",
        f"{budget} is too little for {networks} networks with {seeds} seeds each on these data",
        where=f"--budget {budget}",
        note="nothing was trained",
        help=f"the smallest budget that works here is about --budget {seconds_in_words(float(smallest))}; "
        "fewer networks or seeds need less",
    )


def _with_steps(arm: Arm, steps: int, looks: int | None, flops: StepFlops | None) -> Arm:
    if arm.experiment is None:
        return arm
    plan = replace(arm.experiment.plan, steps=steps)
    if looks is not None:
        plan = replace(plan, evaluations=min(looks, plan.evaluations))
    cost = flops.of(steps) if flops is not None and steps else 0
    facts = replace(arm.facts, training_flops=cost, planned_steps=steps)
    return replace(arm, facts=facts, experiment=replace(arm.experiment, plan=plan))
