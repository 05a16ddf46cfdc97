"""Results: from the folder of a comparison to the Comparison; nothing here trains or reads the data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neocog.core.errors import DataProblem, TrainingProblem
from neocog.fit.history import Outcome
from neocog.measures.cost import macs, parameters
from neocog.measures.intervals import arm_interval
from neocog.measures.sentences import sentence
from neocog.measures.stray_runs import stray_sentence
from neocog.measures.verdict import Verdict, verdicts
from neocog.runs.comparison import ArmResult, Baseline, Comparison, DataSummary, SeedResult
from neocog.runs.comparison_folder import ArmFacts, ComparisonFacts, ComparisonFolder, open_comparison
from neocog.runs.deciding import scoring_of, with_score
from neocog.runs.folder import RunFolder, open_run
from neocog.runs.latency import latencies
from neocog.runs.made import how_made
from neocog.runs.offer_folds import offered_folds
from neocog.runs.predictor import Predictor, task_like
from neocog.tasks.task import AbstractTask, Guessable, Samples, Scoring


def load_comparison(path: str | Path, *, allow_modules: Collection[str] = ()) -> Comparison:
    """Read a comparison, finished or not, from its folder; the samples begin with the chosen network.

    Raises:
        UsageProblem: there is none.
        DataProblem: it, or one of its runs, is damaged.
    """
    folder = open_comparison(path)
    facts = folder.facts()
    task = _task(folder, facts, allow_modules)
    scoring = scoring_of(task, facts.score)
    arms = [_arm(folder, arm, facts.seeds, scoring) for arm in facts.arms]
    sign = 1 if scoring.headline.higher_is_better else -1
    ranked = sorted((arm for arm in arms if arm.interval), key=lambda arm: -sign * arm.interval.mean)  # type: ignore[union-attr]
    scores = {arm.label: runs_by_items(arm, scoring) for arm in ranked}
    found: tuple[Verdict, ...] = ()
    if len(ranked) > 1:
        found = tuple(verdicts(scores, margin=facts.margin, unit=scoring.headline.unit, looks=facts.look))
    names, pictures, saw = folder.pictures()
    records = {arm.label: [seed.record for seed in arm.finished] for arm in ranked}
    result = Comparison(
        folder=folder.path,
        task=task,
        headline=scoring.headline,
        data=facts.data,
        budget=facts.budget,
        seconds=facts.seconds,
        seeds=facts.seeds,
        margin=facts.margin,
        arms=(*ranked, *(arm for arm in arms if not arm.interval)),
        verdicts=found,
        sentence=sentence(found),
        samples=Samples(names, records, pictures),
        saw=saw,
        made=facts.made,
        notes=(
            *_adapted(facts),
            *_without_result(arms),
            *_stray(ranked, scoring, facts.margin),
            *filter(None, [offered_folds(facts, task)]),
        ),
        allow_modules=tuple(allow_modules),
        looks=facts.look,
        outlook=facts.outlook,
        baseline=None if facts.score else _baseline(ranked, task, facts.data),
        match=facts.match,
    )
    chosen = result.chosen
    if chosen is None:
        return result
    first = {chosen.label: records[chosen.label]} | records
    return replace(result, samples=Samples(names, first, pictures))


def load_run(path: str | Path, *, measure: bool = True, allow_modules: Collection[str] = ()) -> Comparison:
    """A single finished run as a comparison of one network, which is how its report is made.

    Args:
        path: the run folder.
        measure: whether the network's latency and multiply-adds are measured, which takes a moment.
        allow_modules: modules outside neocog whose classes the run may name.

    Raises:
        UsageProblem: there is none.
        DataProblem: it has no result, or is damaged.
    """
    run = open_run(path)
    predictor = Predictor(run, allow_modules=allow_modules)
    task, experiment, facts = predictor.task, predictor.experiment, run.facts()["data"]
    name = experiment.network.name
    arm = ArmFacts(name, name, {}, parameters=parameters(predictor.network))
    if measure:
        takes = predictor.like.takes
        time = latencies({name: predictor.network}, takes, experiment.engine.device)[name]
        work = macs(predictor.network, takes)
        arm = replace(arm, macs=work, latency_ms=time.milliseconds, throughput=time.throughput)
    result = _seed(experiment.plan.seed, run)
    if not result.record:
        raise DataProblem(
            "run-without-result",
            "this run has not been scored yet",
            where=str(run.path),
            help=f"go on with `neocog resume {run.path}`",
        )
    names, pictures, saw = ComparisonFolder(run.path).pictures()
    classes = tuple(facts.get("classes", ()))
    arms = (_result(arm, (result,), scoring_of(task, "")),)
    data = DataSummary(
        facts["name"],
        facts["takes"],
        classes,
        facts["counts"],
        tuple(facts["notes"]),
        facts["skipped"],
        facts["fingerprint"],
    )
    return Comparison(
        folder=run.path,
        task=task,
        headline=task.headline,
        data=data,
        budget=f"steps={experiment.plan.steps}",
        seconds=result.train_seconds,
        seeds=1,
        margin=task.headline.margin,
        arms=arms,
        verdicts=(),
        sentence="",
        samples=Samples(names, {arm.label: [result.record]}, pictures),
        saw=saw,
        made=how_made([experiment]),
        allow_modules=tuple(allow_modules),
        baseline=_baseline([each for each in arms if each.interval], task, data),
    )


def _task(folder: ComparisonFolder, facts: ComparisonFacts, allow_modules: Collection[str]) -> AbstractTask[Any, Any]:
    """The task of the first run that was begun; all runs share it."""
    for arm in facts.arms:
        for _, run in folder.runs(arm):
            return task_like(run, allow_modules)[0]
    raise TrainingProblem(
        "comparison-empty",
        "no network of this comparison has run",
        where=[f"{arm.label}: {arm.failure}" for arm in facts.arms] or str(folder.path),
        help="mend what is named, or choose other networks with --networks",
    )


def _arm(folder: ComparisonFolder, arm: ArmFacts, seeds: int, scoring: Scoring) -> ArmResult:
    runs = [(seed, run) for seed, run in folder.runs(arm) if seed < seeds]
    return _result(arm, tuple(with_score(_seed(seed, run), run, scoring) for seed, run in runs), scoring)


def _result(arm: ArmFacts, results: tuple[SeedResult, ...], scoring: Scoring) -> ArmResult:
    finished = [result for result in results if result.outcome.finished and result.scores]
    interval = arm_interval(np.stack([scoring.items(each.record) for each in finished])) if finished else None
    failure = arm.failure or ("" if finished else _reasons(results))
    return ArmResult(
        label=arm.label,
        network=arm.network,
        settings=arm.settings,
        failure=failure,
        steps=max((each.steps for each in results), default=0),
        parameters=arm.parameters,
        macs=arm.macs,
        latency_ms=arm.latency_ms,
        throughput=arm.throughput,
        seeds=results,
        interval=interval,
        scores=_means([each.scores for each in finished]),
        training_flops=arm.training_flops,
        planned_steps=arm.planned_steps,
    )


def _seed(seed: int, run: RunFolder) -> SeedResult:
    facts = run.facts()
    outcome = Outcome[facts["outcome"]]
    rows = run.history()
    return SeedResult(
        seed=seed,
        folder=run.path,
        outcome=outcome,
        reason="" if outcome.finished else str(facts.get("reason") or outcome.value),
        steps=int(facts.get("steps", rows[-1].step if rows else 0)),
        best_step=int(facts.get("best_step", 0)),
        train_seconds=float(facts.get("train_seconds", rows[-1].seconds if rows else 0.0)),
        history=rows,
        scores=facts.get("test_scores", {}) if outcome.finished else {},
        val_scores=facts.get("val_scores", {}) if outcome.finished else {},
        record=run.record("test") if outcome.finished else {},
    )


def _reasons(results: tuple[SeedResult, ...]) -> str:
    return " ".join(dict.fromkeys(each.reason for each in results)) or "It has not been run."


def _adapted(facts: ComparisonFacts) -> tuple[str, ...]:
    """How weights from elsewhere were made to fit."""
    return tuple(f"{arm.label}: {note}" for arm in facts.arms for note in arm.notes)


def _without_result(arms: list[ArmResult]) -> tuple[str, ...]:
    """Runs that do not count, of networks that have others."""
    return tuple(
        f"{arm.label}, seed {seed.seed}, does not count: {seed.reason}"
        for arm in arms
        for seed in arm.seeds
        if arm.finished and seed not in arm.finished
    )


def _stray(arms: list[ArmResult], scoring: Scoring, margin: float) -> list[str]:
    """Runs that came out far from their siblings."""
    said = []
    for arm in arms:
        scores = np.stack([scoring.items(seed.record) for seed in arm.finished])
        seeds = [seed.seed for seed in arm.finished]
        said.append(stray_sentence(arm.label, scores, seeds, margin, scoring.headline.unit))
    return list(filter(None, said))


def _baseline(ranked: Sequence[ArmResult], task: AbstractTask[Any, Any], data: DataSummary) -> Baseline | None:
    """From labels alone: those of any run's record will do."""
    if not ranked or not isinstance(task, Guessable):
        return None
    answer, items = task.majority(ranked[0].finished[0].record, data.counts["train"])
    return Baseline(answer, arm_interval(items[None]))


def runs_by_items(arm: ArmResult, scoring: Scoring) -> np.ndarray:
    """A network's score for each run and test item, the larger the better: what verdicts are inferred from."""
    sign = 1 if scoring.headline.higher_is_better else -1
    return sign * np.stack([scoring.items(seed.record) for seed in arm.finished])


def _means(scores: list[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([each[name] for each in scores])) for name in scores[0]} if scores else {}
