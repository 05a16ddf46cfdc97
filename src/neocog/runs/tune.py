"""tune: the learning rate of each network of a comparison, by short trials inside its budget.

Source: successive halving, Jamieson and Talwalkar 2016, arXiv:1502.07943, algorithm 1. There the better half goes on
with what it has learned; here each round begins anew, with twice the steps, because the schedule spans all the steps of
a run, so that a run cut in half is another run.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import torch

from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.core.seeds import stream
from neocog.data.family import AbstractData
from neocog.fit.descent import OPTIMIZERS
from neocog.fit.history import Outcome, Row
from neocog.fit.loop import fit
from neocog.fit.plan import Plan
from neocog.runs.allot import refuse_too_small, reserve, timed, too_small, try_out, with_share
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget
from neocog.runs.build import build, predictions
from neocog.runs.experiment import Experiment
from neocog.runs.halving import SHARE, best_first, first_in_time, first_of_steps, rates_around, rounds, smallest_time
from neocog.runs.trial import Trial
from neocog.runs.tuning import Tried, TunedArm, Tuning, keep_tuning, tuned_sentence
from neocog.tasks.task import Headline

SEED = 1000
"""The first that no comparison can have."""
_RATE = "descent.rate"


class _OutOfTime(Exception):
    """The time for trials has ended."""


def keep_tuned(folder: Path, rates: int, arms: Sequence[Arm]) -> None:
    """Write down what was tried for these arms, if anything was."""
    tuned = tuple(arm.tuned for arm in arms if arm.tuned is not None)
    if tuned:
        keep_tuning(folder, Tuning(rates, SEED, SHARE, tuned))


@dataclass(frozen=True)
class Tuner:
    """Tries ``rates`` learning rates for each network, and judges them by the headline on validation; 0 tries none."""

    rates: int
    headline: Headline
    data: AbstractData
    progress: AbstractProgress
    allow_modules: Collection[str] = ()

    def in_time(self, arms: Sequence[Arm], budget: Budget, seeds: int, *, started: float) -> tuple[list[Arm], float]:
        """Steps for a budget in time, after trials that take their share of it; also a run's share, in seconds.

        Raises:
            UsageProblem: ``budget-too-small``, with the smallest that works.
        """
        data, progress, trusted = self.data, self.progress, self.allow_modules
        if not self.rates:
            return timed(arms, budget, seeds, data, started=started, progress=progress, allow_modules=trusted)
        arms, trials = try_out(arms, budget.amount, data, progress=progress, allow_modules=trusted)
        spent = perf_counter() - started + reserve(trials)
        needed = max(smallest_time(each, self.rates, seeds) for each in trials.values())
        if (budget.amount - spent) / len(trials) < needed:
            raise too_small(budget, len(trials), seeds, spent + needed * len(trials))
        arms = self.in_shares(arms, trials, (budget.amount - spent) / len(trials), seeds)
        spent = perf_counter() - started + reserve(trials)
        share = (budget.amount - spent) / (len(trials) * seeds)
        refuse_too_small(budget, trials, share, spent, seeds)
        return [with_share(arm, trials, share) for arm in arms], share

    def in_shares(self, arms: Sequence[Arm], trials: Mapping[str, Trial], seconds: float, seeds: int) -> list[Arm]:
        """The arms tuned, each in its share of the ``seconds`` that a network has for everything."""
        return [
            arm
            if arm.experiment is None or not self.rates
            else self._tuned(arm, first_in_time(trials[arm.facts.label], self.rates, seconds, seeds), SHARE * seconds)
            for arm in arms
        ]

    def on_top(self, arms: Sequence[Arm], seeds: int) -> list[Arm]:
        """The arms tuned, where the budget is an amount of training for each run, to which trials do not count."""
        return [
            arm
            if arm.experiment is None or not self.rates
            else self._tuned(arm, first_of_steps(self.rates, arm.experiment.plan.steps, seeds), math.inf)
            for arm in arms
        ]

    def _tuned(self, arm: Arm, first: int, seconds: float) -> Arm:
        """The arm with the best of the rates; ``first`` is the number of steps of the first round."""
        assert arm.experiment is not None
        descent = arm.experiment.descent
        usual = OPTIMIZERS[descent.optimizer].rate if descent.rate is None else descent.rate
        if _RATE in arm.facts.settings:
            tuned = TunedArm(arm.facts.label, usual, usual)
        else:
            tuned = self._halved(arm, usual, max(1, first), perf_counter() + seconds)
        self.progress.say(tuned_sentence(tuned))
        found = {_RATE: f"{tuned.chosen:.3g}, tuned"} if tuned.trials else {}
        facts = replace(arm.facts, settings={**arm.facts.settings, **found})
        return Arm(facts, replace(arm.experiment, descent=replace(descent, rate=tuned.chosen)), tuned)

    def _halved(self, arm: Arm, usual: float, first: int, until: float) -> TunedArm:
        label, begun, note, sign = arm.facts.label, perf_counter(), "", 1 if self.headline.higher_is_better else -1
        left, tried = rates_around(usual, self.rates), list[Tried]()
        self.progress.start(f"{label}: learning rates", sum(rounds(self.rates)), "trials")
        for number, size in enumerate(rounds(self.rates)):
            steps, scores = first * 2**number, dict[float, float]()
            try:
                for rate in left:
                    scores[rate] = self._score(_with(arm.seeded(SEED), rate, steps), sign, until)
                    self.progress.advance(sum(rounds(self.rates)[:number]) + len(scores), f"rate {rate:.3g}")
            except _OutOfTime:
                note = f"The time for trials ended in round {number + 1}, which does not count."
                break
            best = best_first(scores, usual)
            left = best[: -(-size // 2)]
            shown = {rate: sign * score if math.isfinite(score) else None for rate, score in scores.items()}
            tried += [Tried(rate, steps, shown[rate], rate in left) for rate in best]
        self.progress.end()
        if tried and all(trial.score is None for trial in tried):
            left, note = [usual], "No rate gave a score."
        return TunedArm(label, usual, left[0], tuple(tried), perf_counter() - begun, note)

    def _score(self, experiment: Experiment, sign: int, until: float) -> float:
        """The validation score of a short run, the higher the better; minus infinity where there is none.

        Raises:
            _OutOfTime: it would go on after ``until``.
        """
        cuda = [torch.device("cuda")] if experiment.engine.device == "cuda" else []
        try:
            with experiment.engine.active(), torch.random.fork_rng(devices=cuda):
                score = sign * self._trained(experiment, until)
        except (_OutOfTime, UsageProblem):
            raise
        except Exception:  # out of memory, a weight that is no number, a class of the user's own: it is not chosen
            return -math.inf
        return score if math.isfinite(score) else -math.inf

    def _trained(self, experiment: Experiment, until: float) -> float:
        parts = build(experiment, self.data, self.allow_modules)
        torch.manual_seed(stream(experiment.plan.seed, "training"))
        plan = Plan(experiment.plan.steps, experiment.plan.seed, evaluate_every=experiment.plan.steps)

        def cut_off(row: Row) -> Outcome | None:
            return Outcome.OUT_OF_TIME if perf_counter() > until and not row.scores else None

        history = fit(
            parts.learner,
            parts.source,
            plan,
            evaluate=lambda network: parts.task.scores(predictions(parts.task, parts.seen(network), parts.val())),
            observers=[cut_off],
        )
        if history.outcome is Outcome.OUT_OF_TIME:
            raise _OutOfTime
        return history.rows[-1].scores[self.headline.name] if history.outcome is Outcome.DONE else -math.inf


def _with(experiment: Experiment, rate: float, steps: int) -> Experiment:
    """A trial: that rate, so many steps."""
    descent, plan = replace(experiment.descent, rate=rate), replace(experiment.plan, steps=steps)
    return replace(experiment, descent=descent, plan=plan)
