"""Learned: how the networks of a comparison came to their scores: what was tried, what it cost, whether they had done.

The sentences are made here, for the terminal, the JSON and the report alike.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from neocog.fit.history import Outcome
from neocog.measures.crossings import Lead, Line, leads, leads_sentence
from neocog.measures.improving import LateGain, late_gain
from neocog.measures.quantities import size
from neocog.runs.budget import Budget, flops_in_words
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.tuning import load_tuning

Spent = Literal["FLOPs", "seconds"]
SPENT: tuple[Spent, ...] = ("FLOPs", "seconds")


def gain_of(arm: ArmResult, comparison: Comparison) -> LateGain | None:
    """What an arm's last looks gained; None where that cannot be told."""
    sign, name = _sign(comparison), comparison.headline.name
    done = [seed for seed in arm.finished if seed.outcome is Outcome.DONE]
    curves = [[sign * row.scores[name] for row in seed.history if name in row.scores] for seed in done]
    return late_gain(curves, comparison.margin)


def still_improving(comparison: Comparison) -> dict[str, str]:
    """The networks that were, each with a sentence."""
    unit = comparison.verdicts[0].unit if comparison.verdicts else comparison.headline.unit
    found = {}
    for arm in comparison.ranked:
        late = gain_of(arm, comparison)
        if late is not None and late.improving:
            found[arm.label] = (
                f"{arm.label} was still improving when its training ended: by {size(late.gain, unit)} on validation "
                f"over the last fifth of its looks (standard error {size(late.error, unit)}). More training may help."
            )
    return found


def score_lines(comparison: Comparison, spent: Spent) -> dict[str, Line]:
    """Of each network, what its runs had spent at each look, and their mean validation score.

    Seconds are of training, in the mean over seeds. A network whose FLOPs were not counted has no line of them.
    """
    name, found = comparison.headline.name, dict[str, Line]()
    for arm in comparison.ranked:
        runs = [{row.step: row for row in seed.history if name in row.scores and row.step} for seed in arm.finished]
        steps = sorted(set.intersection(*(set(run) for run in runs))) if runs else []
        if not steps or (spent == "FLOPs" and not arm.training_flops):
            continue
        ys = [float(np.mean([run[step].scores[name] for run in runs])) for step in steps]
        seconds = [float(np.mean([run[step].seconds for run in runs])) for step in steps]
        flops = [step / arm.planned_steps * arm.training_flops for step in steps] if arm.planned_steps else []
        found[arm.label] = (flops if spent == "FLOPs" else seconds, ys)
    return {label: line for label, line in found.items() if line[0]}


def leads_of(comparison: Comparison, spent: Spent) -> list[Lead]:
    """Who leads on validation, as a run goes on."""
    sign = _sign(comparison)
    lines = {label: (xs, [sign * y for y in ys]) for label, (xs, ys) in score_lines(comparison, spent).items()}
    return leads(lines, comparison.margin) if len(lines) > 1 else []


def leads_in_words(comparison: Comparison, spent: Spent) -> str:
    """The same in a sentence; empty where there are fewer than two lines."""
    return leads_sentence(leads_of(comparison, spent), spent)


def flops_sentence(comparison: Comparison) -> str:
    """How much of a budget in FLOPs each network's plan uses; empty for other budgets."""
    if not comparison.budget.startswith("flops="):
        return ""
    whole = Budget.parse(comparison.budget).amount
    used = ", ".join(
        f"{arm.label} {flops_in_words(float(f'{arm.training_flops:.3g}'))} ({100 * arm.training_flops / whole:.1f} %)"
        for arm in comparison.arms
        if arm.training_flops
    )
    return f"Training FLOPs of each run, counted, and their share of the budget: {used}." if used else ""


def learned_in_words(comparison: Comparison) -> list[str]:
    """What the terminal says."""
    tuning = load_tuning(comparison.folder)
    lines = [*(tuning.sentences if tuning else ()), flops_sentence(comparison)]
    return [line for line in (*lines, *still_improving(comparison).values()) if line]


def learned_as_json(comparison: Comparison) -> dict[str, Any]:
    """What ``--json`` holds of it; ``tuning`` only where something was tried."""
    tuning = load_tuning(comparison.folder)
    gains: Mapping[str, LateGain | None] = {arm.label: gain_of(arm, comparison) for arm in comparison.ranked}
    return {
        "training_flops": {arm.label: arm.training_flops or None for arm in comparison.arms},
        "still_improving": {label: asdict(gain) if gain else None for label, gain in gains.items()},
        "leads": {spent: [asdict(lead) for lead in leads_of(comparison, spent)] for spent in SPENT},
        **({"tuning": asdict(tuning)} if tuning else {}),
    }


def _sign(comparison: Comparison) -> int:
    return 1 if comparison.headline.higher_is_better else -1
