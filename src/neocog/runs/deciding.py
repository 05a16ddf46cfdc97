"""The score that decides a comparison: the task's headline, or another that was asked for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import near
from neocog.data.family import AbstractData
from neocog.runs.comparison import Comparison, SeedResult
from neocog.runs.folder import RunFolder
from neocog.runs.setup import Task
from neocog.tasks.task import Headline, Scoring


def named_score(kind: type[Task], name: str | None) -> str | None:
    """A score as a comparison keeps it: empty for the headline, None where none is named.

    Raises:
        UsageProblem: ``score-unknown``.
    """
    if name is None:
        return None
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    usual = kind.headline.name.replace("_", "-")
    if plain in ("", usual):
        return ""
    if plain not in kind.other_scores:
        known = [usual, *kind.other_scores]
        meant = near(plain, known)
        raise UsageProblem(
            "score-unknown",
            f"`{name}` is no score that this task can be decided by",
            where=f"--score {name}   known: {', '.join(known)}",
            help=f"did you mean `{meant}`?" if meant else f"leave it out: {usual} decides",
        )
    return plain


def deciding(kind: type[Task], name: str | None) -> Headline:
    """The headline of the score of that name."""
    return kind.other_scores[name].headline if name else kind.headline


def refuse_besides(score: str | None, asked_for: Mapping[str, Any]) -> None:
    """Refuse, with a score of one's own, what is measured by the headline of the task.

    Raises:
        UsageProblem: ``score-besides``.
    """
    given = [name for name, value in asked_for.items() if value]
    if score and given:
        raise UsageProblem(
            "score-besides",
            f"{' and '.join(given)} go by the usual score of the task, not by {score}",
            where=[f"--score {score}", *(f"--{name}" for name in given)],
            help="leave --score out, or compare twice, each time into a folder of its own",
        )


def decided_by(comparison: Comparison) -> Scoring:
    """The score that a comparison was decided by."""
    others = comparison.task.other_scores.values()
    return next((each for each in others if each.headline == comparison.headline), scoring_of(comparison.task, ""))


def scoring_of(task: Task, name: str) -> Scoring:
    """The score of that name, of a task that is there."""
    if name:
        return task.other_scores[name]
    return Scoring(task.headline, task.item_scores, lambda record: task.scores(record)[task.headline.name])


def refuse_few(kind: type[Task], name: str | None, data: AbstractData) -> None:
    """Refuse data on which the score, or its error, would not be known, before anything is trained.

    Raises:
        DataProblem: ``score-too-few-items``.
    """
    least = kind.other_scores[name].least if name else 1
    few = [f"{label}: {n}" for label, n in data.counts().get("test", {}).items() if 0 < n < least]
    if few:
        raise DataProblem(
            "score-too-few-items",
            f"{name} needs at least {least} test items of each class",
            where=few,
            note="nothing was trained",
            help="keep more for the test part (--set data.test=0.3), or decide by another --score",
        )


def with_score(seed: SeedResult, run: RunFolder, scoring: Scoring) -> SeedResult:
    """A finished run with the deciding score among its scores; those that are there are kept."""
    name = scoring.headline.name
    if not seed.scores or name in seed.scores:
        return seed
    test = {**seed.scores, name: scoring.whole(seed.record)}
    return replace(seed, scores=test, val_scores={**seed.val_scores, name: scoring.whole(run.record("val"))})
