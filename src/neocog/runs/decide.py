"""What a comparison is made of, decided before anything is trained: arms, steps, margin; anew, or in going on."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, find
from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.data.family import AbstractData
from neocog.measures.outlook import Outlook, outlook, outlook_sentences
from neocog.runs.allot import counted, try_out, within
from neocog.runs.arms import Arm, make_arm, refuse_idle_settings, specs_of
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ArmFacts, ComparisonFacts, ComparisonFolder, summary
from neocog.runs.control_plan import told_of_all
from neocog.runs.controls import plan_controls
from neocog.runs.deciding import deciding, refuse_besides, refuse_few
from neocog.runs.going_on import Asked, refuse_other, without_effect
from neocog.runs.halving import check_rates
from neocog.runs.leakage import Leakage
from neocog.runs.leakage_gate import keep_findings
from neocog.runs.made import how_made
from neocog.runs.match import match_of, same_size
from neocog.runs.sensitivity import SHARE
from neocog.runs.setup import Question, Task
from neocog.runs.tune import Tuner, keep_tuned
from neocog.tasks import TASKS

DEFAULT_BUDGET, DEFAULT_SEEDS, DEFAULT_LOOKS = "90s", 3, 2


def check_numbers(seeds: int | None, margin: float | None, looks: int | None, tune: int | None = None) -> None:
    """Refuse numbers that no comparison can have."""
    check_rates(tune)
    if looks is not None and not 1 <= looks <= 100:
        raise UsageProblem("looks-range", f"{looks} looks", where=f"--looks {looks}", help="give 1 to 100; 2 is usual")
    if seeds is not None and not 1 <= seeds <= 1000:
        raise UsageProblem("seeds-range", f"{seeds} seeds", where=f"--seeds {seeds}", help="give 1 to 1000; 3 is usual")
    if margin is not None and not 0 <= margin < 1:
        raise UsageProblem("margin-range", f"a margin of {margin}", where="--margin", help="give 0 to less than 1")


def begin(
    choice: Any, data: AbstractData, asked: Asked, kind: type[Task], keep: bool, progress: AbstractProgress
) -> tuple[list[Arm], ComparisonFacts]:
    """Decide everything about a new comparison; nothing is written yet."""
    headline = deciding(kind, asked.score)
    refuse_few(kind, asked.score, data)
    specs = asked.specs or specs_of(kind.networks)
    budget = replace(asked.budget or Budget.parse(DEFAULT_BUDGET), aside=aside(asked))
    seeds = asked.seeds or DEFAULT_SEEDS
    question = Question(asked.task, choice, data)
    specs, size = same_size(asked.match, specs, question, asked.settings, asked.allow_modules, progress)
    arms = _make_arms(choice, data, specs, asked)
    plan = None
    if asked.controls:
        plan = plan_controls(arms, question, asked.settings, asked.allow_modules, seeds=seeds)
        progress.say(plan.sentence)
    for arm in arms:
        if arm.experiment is None:
            progress.say(f"{arm.facts.label} is left out: {arm.facts.failure}")
        for note in arm.facts.notes:
            progress.say(f"{arm.facts.label}: {note}")
    share, tuner = None, Tuner(asked.tune or 0, kind.headline, data, progress, asked.allow_modules)
    if budget.timed:
        own = plan.main_budget(budget, perf_counter() - asked.started) if plan else budget
        with told_of_all(plan, budget):
            arms, share = tuner.in_time(arms, own, seeds, started=asked.started)
    else:
        arms = tuner.on_top(counted(arms, budget, data, allow_modules=asked.allow_modules), seeds)
    made = how_made([arm.experiment for arm in arms if arm.experiment is not None])
    if kind.augments and "Augmentation" in made:
        progress.say(f"Augmentation: {made['Augmentation']}.")
    looks = asked.looks or DEFAULT_LOOKS
    margin = headline.margin if asked.margin is None else asked.margin
    if asked.score:
        made["Decided by"] = f"{headline.title}; each run kept the checkpoint of best validation {kind.headline.title}"
    expected = None if asked.folds or asked.score else _outlook(kind, arms, data, seeds, looks)
    if expected is not None:
        progress.say(outlook_sentences(expected, margin))
    facts = ComparisonFacts(
        budget=str(budget),
        share=share,
        seeds=seeds,
        margin=margin,
        task=str(asked.task),
        choice=asdict(choice),
        data=summary(data),
        arms=tuple(arm.facts for arm in arms),
        device=asked.device,
        augment=asked.augment,
        settings=dict(asked.settings),
        kept=keep,
        made=made,
        looks=looks,
        outlook=expected,
        match=size,
        tune=tuner.rates,
        score=asked.score or "",
    )
    return arms, facts


def go_on(
    folder: ComparisonFolder,
    before: ComparisonFacts,
    choice: Any,
    data: AbstractData,
    asked: Asked,
    progress: AbstractProgress,
) -> tuple[list[Arm], ComparisonFacts]:
    """The arms as they were resolved, and those that are new, under the same budget."""
    refuse_other(folder, before, data, asked)
    asked = replace(asked, device=before.device, augment=before.augment, settings=before.settings)
    size = before.match
    refuse_besides(before.score, {"controls": asked.controls, "sensitivity": asked.sensitivity})
    there = {arm.label for arm in before.arms}
    further = [spec for spec in asked.specs or () if str(spec) not in there]
    if further and size:
        question, modules = Question(asked.task, choice, data), asked.allow_modules
        sized, size = same_size(match_of(size), further, question, before.settings, modules, progress)
        asked = replace(asked, specs=sized)
        size = {**size, "lines": list(dict.fromkeys([*before.match["lines"], *size["lines"]]))}
    for sentence in without_effect(before, asked):
        progress.say(sentence)
    old = [Arm(facts, _experiment_of(folder, facts, asked.allow_modules)) for facts in before.arms]
    known = {arm.facts.label for arm in old if arm.experiment is not None or arm.facts.failure}
    specs = [Spec.parse(arm.facts.label) for arm in old] + list(asked.specs or [])
    missing = [spec for label, spec in {str(spec): spec for spec in specs}.items() if label not in known]
    new = _make_arms(choice, data, missing, asked) if missing else []
    budget = Budget.parse(before.budget)
    headline = find(asked.task.name, TASKS, "task", asked.allow_modules).headline
    tuner = Tuner(before.tune, headline, data, progress, asked.allow_modules)
    if new and before.share is not None:
        new, trials = try_out(new, budget.amount, data, progress=progress, allow_modules=asked.allow_modules)
        new = tuner.besides(new, trials, before.share, before.seeds)
        new = [within(arm, trials, before.share) for arm in new]
        progress.say(f"Each run gets {before.share:.1f} s, as before.")
    elif new:
        new = tuner.on_top(counted(new, budget, data, allow_modules=asked.allow_modules), before.seeds)
    arms = [arm for arm in old if arm.facts.label in known] + new
    facts = replace(
        before,
        seeds=max(asked.seeds or 0, before.seeds),
        margin=before.margin if asked.margin is None else asked.margin,
        arms=tuple(arm.facts for arm in arms),
        match=size,
    )
    if asked.controls:
        plan_controls(arms, Question(asked.task, choice, data), before.settings, asked.allow_modules, seeds=facts.seeds)
    return arms, facts


def keep_decided(
    folder: ComparisonFolder, facts: ComparisonFacts, arms: Sequence[Arm], leaks: Leakage | None = None
) -> None:
    """Write down what was decided and found out, before any run begins."""
    keep_findings(folder.path, leaks)
    folder.write(facts)
    keep_tuned(folder.path, facts.tune, arms)
    for arm in arms:
        if arm.experiment is not None:
            folder.write_arm(arm.facts, arm.experiment)


def _outlook(kind: type[Task], arms: Sequence[Arm], data: AbstractData, seeds: int, looks: int) -> Outlook | None:
    """What can be settled, where the headline counts items; of another score nothing is known before a first run."""
    networks = sum(arm.experiment is not None for arm in arms)
    items = sum(data.counts().get("test", {}).values())
    return outlook(seeds, items, networks * (networks - 1) // 2, looks=looks) if kind.headline.counts else None


def _make_arms(choice: Any, data: AbstractData, specs: Sequence[Spec], asked: Asked) -> list[Arm]:
    refuse_idle_settings(asked.settings, specs, asked.allow_modules)
    arms = [
        make_arm(
            Question(asked.task, choice, data),
            spec,
            device=asked.device,
            augment=asked.augment,
            settings=asked.settings,
            allow_modules=asked.allow_modules,
        )
        for spec in specs
    ]
    if all(arm.experiment is None for arm in arms):
        raise UsageProblem(
            "networks-none-left",
            "no network can take these data",
            where=[f"{arm.facts.label}: {arm.facts.failure}" for arm in arms],
            help="enlarge the images with --size 32, or name other networks with --networks",
        )
    return arms


def _experiment_of(folder: ComparisonFolder, facts: ArmFacts, allow_modules: Collection[str]) -> Any:
    return None if facts.failure else folder.arm(facts, allow_modules)


def aside(asked: Asked) -> float:
    """The share of a budget in time that is kept for what follows the training."""
    return SHARE if asked.sensitivity else 0.0
