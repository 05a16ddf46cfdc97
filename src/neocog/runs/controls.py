"""run_controls: does this data need a CNN? The answer of a comparison's controls, trained beside it and kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from neocog.core.catalogue import Spec
from neocog.core.errors import TrainingProblem, UsageProblem
from neocog.measures.cnn_need import ControlNumbers, Shuffled, conclusion, lines
from neocog.measures.intervals import arm_interval
from neocog.measures.verdict import Verdict, verdicts
from neocog.networks.locally_connected import TWINS
from neocog.runs.arms import Arm
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.control_plan import (
    LOCAL,
    MATCHED,
    NEAR,
    PERMUTED,
    SHUFFLED,
    ControlPlan,
    of_size,
    plan_controls,
)
from neocog.runs.control_result import FILE, ControlPair, Controls, ControlScore, load_controls, save_controls
from neocog.runs.control_runs import FOLDER, Bench, train_matched, train_permuted, train_shuffled
from neocog.runs.deciding import scoring_of
from neocog.runs.results import load_comparison, runs_by_items
from neocog.tasks.task import Guessable

__all__ = ["FILE", "FOLDER", "Controls", "load_controls", "plan_controls", "run_controls"]

IN_PLACE, MOVED = "in place", "permuted"


def run_controls(bench: Bench, main: Comparison, arms: Sequence[Arm]) -> Controls:
    """Train the controls of a comparison that is trained already, or what is missing of them, and keep the answer.

    In ``controls/matched`` stand an MLP of the size of each CNN (where the comparison has none) and a locally connected
    network; in ``controls/permuted`` the CNNs and the MLP of the best one's size, on pixels in one random order; in
    ``controls/shuffled`` the best CNN on labels without meaning. Each is a comparison of its own. All have the seeds,
    the settings, the augmentation and, network by network, the steps of the main one: what is permuted is shown in
    another order behind the augmentation, so that nothing else differs.

    Args:
        bench: what they are trained with.
        main: the comparison.
        arms: its networks, as they were resolved.

    Raises:
        UsageProblem: there is nothing to control (`plan_controls`).
        TrainingProblem: ``controls-without-result``, where no CNN has one.
    """
    asked, facts = bench.asked, bench.facts
    plan = plan_controls(arms, bench.question, facts.settings, asked.allow_modules, seeds=facts.seeds)
    best = _best_cnn(main, plan)
    bench.progress.say(f"Controls of {best.label}: does it need to be a CNN?")
    local = _local(bench, best, arms)
    matched = train_matched(bench, [*plan.specs, *([local] if isinstance(local, Spec) else [])])
    by_label = {arm.facts.label: arm for arm in [*matched, *arms]}
    moved = [
        by_label[label] for label in (*plan.cnns, plan.equal[best.label]) if by_label[label].experiment is not None
    ]
    train_permuted(bench, moved)
    train_shuffled(bench, by_label[best.label])
    found = _answer(bench, main, plan, best.label, str(local))
    save_controls(bench.folder.path, found)
    return found


def _best_cnn(main: Comparison, plan: ControlPlan) -> ArmResult:
    """The CNN that is best on validation."""
    best = replace(main, arms=tuple(arm for arm in main.ranked if arm.label in plan.cnns)).chosen
    if best is None:
        raise TrainingProblem(
            "controls-without-result",
            "no convolutional network has a result, so that there is nothing to control",
            where=[f"{arm.label}: {arm.failure}" for arm in main.failed],
            note="the comparison itself is kept",
            help=f"mend what is named, then go on with `neocog compare --into {main.folder} --controls`",
        )
    return best


def _local(bench: Bench, best: ArmResult, arms: Sequence[Arm]) -> Spec | str:
    """The locally connected network of the best CNN's size, or the label of the one that is compared already."""
    for arm in arms:
        if arm.facts.network == LOCAL and abs(arm.facts.parameters - best.parameters) <= NEAR * best.parameters:
            return arm.facts.label
    spec = Spec(LOCAL, {"twin": best.network} if best.network in TWINS else {})
    try:
        return of_size(spec, best.parameters, bench.question, bench.facts.settings, bench.asked.allow_modules)[0]
    except UsageProblem:  # too small images, for instance: it is left out, with its reason
        return spec


@dataclass(frozen=True)
class _Results:
    """What every network reached: in place by label, and permuted by label."""

    main: Comparison
    in_place: Mapping[str, ArmResult]
    moved: Mapping[str, ArmResult]

    def scores(self, label: str, pixels: str) -> np.ndarray:
        arm = (self.in_place if pixels == IN_PLACE else self.moved)[label]
        return runs_by_items(arm, scoring_of(self.main.task, ""))

    def pairs(self, wanted: Sequence[tuple[tuple[str, str], tuple[str, str]]]) -> dict[tuple[str, str], Verdict]:
        """Answers for pairs of (label, pixels), all corrected together; a pair without both results is left out."""
        there = {(label, IN_PLACE) for label in self.in_place} | {(label, MOVED) for label in self.moved}
        asked = [(_name(a), _name(b)) for a, b in wanted if {a, b} <= there]
        named = {_name(each): each for pair in wanted for each in pair if each in there}
        scores = {name: self.scores(*each) for name, each in named.items()}
        if not asked:
            return {}
        unit, looks = self.main.headline.unit, self.main.looks
        found = verdicts(scores, margin=self.main.margin, unit=unit, looks=looks, pairs=asked)
        return {(verdict.a, verdict.b): verdict for verdict in found}


def _answer(bench: Bench, main: Comparison, plan: ControlPlan, cnn: str, local: str) -> Controls:
    modules = bench.asked.allow_modules
    results = _Results(
        main,
        {arm.label: arm for arm in (*_ranked(bench, MATCHED, modules), *main.ranked)},
        {arm.label: arm for arm in _ranked(bench, PERMUTED, modules)},
    )
    mlp = plan.equal[cnn]
    equal = [((each, IN_PLACE), (plan.equal[each], IN_PLACE)) for each in plan.cnns]
    moved = [((each, IN_PLACE), (each, MOVED)) for each in (*plan.cnns, mlp)]
    sharing = ((cnn, IN_PLACE), (local, IN_PLACE))
    found = results.pairs([*equal, *moved, sharing])
    numbers = {
        each: ControlNumbers(
            each, equal=found.get((each, plan.equal[each])), moved=found.get((each, _name((each, MOVED))))
        )
        for each in plan.cnns
    }
    numbers[cnn] = replace(
        numbers[cnn],
        dense_moved=found.get((mlp, _name((mlp, MOVED)))),
        local=found.get((cnn, local)),
        shuffled=_shuffled(bench, main, cnn, modules),
    )
    need, sentence = conclusion(numbers[cnn])
    others = [f"{each}. {line}" for each in plan.cnns if each != cnn for line in lines(numbers[each])]
    shuffled = numbers[cnn].shuffled
    return Controls(
        need=need,
        sentence=sentence,
        lines=(*lines(numbers[cnn]), *others),
        notes=_notes(bench, results, plan, cnn, local),
        cnn=cnn,
        mlp=mlp,
        seeds=bench.facts.seeds,
        at_chance=None if shuffled is None else shuffled.at_chance,
        shares=plan.parts,
        scores=_scores(results, [*plan.cnns, mlp]),
        pairs=tuple(ControlPair(v.a, v.b, v.difference, v.low, v.high, v.answer) for v in found.values()),
    )


def _name(each: tuple[str, str]) -> str:
    label, pixels = each
    return label if pixels == IN_PLACE else f"{label}, pixels permuted"


def _ranked(bench: Bench, control: str, modules: Collection[str]) -> Sequence[ArmResult]:
    place = bench.place(control)
    if not any(place.runs(arm) for arm in place.facts().arms):  # the budget ended before, or there was nothing to train
        return ()
    return load_comparison(place.path, allow_modules=modules).ranked


def _shuffled(bench: Bench, main: Comparison, cnn: str, modules: Collection[str]) -> Shuffled | None:
    arm = next((each for each in _ranked(bench, SHUFFLED, modules) if each.label == cnn), None)
    if arm is None or arm.interval is None or not isinstance(main.task, Guessable):
        return None
    beyond = arm_interval(np.stack([main.task.beyond_chance(seed.record) for seed in arm.finished]))
    return Shuffled(cnn, arm.interval, beyond, main.headline.unit)


def _scores(results: _Results, labels: Sequence[str]) -> tuple[ControlScore, ...]:
    found = []
    name = results.main.headline.name
    for label in dict.fromkeys(labels):
        for pixels, arms in ((IN_PLACE, results.in_place), (MOVED, results.moved)):
            arm = arms.get(label)
            if arm is not None and arm.interval is not None:
                each, seeds = arm.interval, tuple(seed.scores[name] for seed in arm.finished)
                found.append(ControlScore(label, pixels, each.mean, each.low, each.high, seeds))
    return tuple(found)


def _notes(bench: Bench, results: _Results, plan: ControlPlan, cnn: str, local: str) -> tuple[str, ...]:
    parameters = {label: arm.parameters for label, arm in results.in_place.items()}
    sized = [
        f"{label} with {parameters[label]:,} parameters stands beside {each} with {parameters[each]:,}."
        for each, label in (*plan.equal.items(), (cnn, local))
        if label in parameters and each in parameters
    ]
    wanted = [(label, MATCHED) for label in (*plan.equal.values(), local) if label not in parameters]
    wanted += [(label, PERMUTED) for label in (*plan.cnns, plan.equal[cnn]) if label not in results.moved]
    missing = [f"{label} has no result in {FOLDER}/{control}." for label, control in dict.fromkeys(wanted)]
    how = (
        "All were trained with the steps, seeds, settings and augmentation of the comparison; the pixels are permuted "
        "behind the augmentation, so that only their places differ.",
        plan.sentence,
    )
    short = bench.facts.seeds
    unfinished = [
        f"{arm.label} has {len(arm.finished)} of {short} runs in {FOLDER}/{PERMUTED}."
        for arm in results.moved.values()
        if len(arm.finished) < short
    ]
    return (*sized, *missing, *unfinished, *how)
