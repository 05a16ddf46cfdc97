"""A finished run in words."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neocog.cli.output import Output, percent
from neocog.cli.progress import duration

if TYPE_CHECKING:
    from neocog.runs.predictor import Predictor

SHARES = ("accuracy", "balanced_accuracy", "macro_f1", "calibration_error")


def show_run(out: Output, predictor: "Predictor") -> None:
    """The scores of a run, and what to do with it."""
    from neocog.fit.history import Outcome

    facts, folder = predictor.facts, predictor.folder.path
    outcome = Outcome[facts["outcome"]]
    scores = facts.get("test_scores", {})
    out.document(
        {
            "run": folder,
            "network": str(predictor.experiment.network),
            "outcome": outcome.name.lower().replace("_", "-"),
            "reason": facts.get("reason", outcome.value),
            "steps": facts.get("steps"),
            "best_step": facts.get("best_step"),
            "train_seconds": facts.get("train_seconds"),
            "test_scores": scores,
            "val_scores": facts.get("val_scores", {}),
        }
    )
    out.say(outcome.value)
    if scores:
        out.say(f"Test part, scored once by the weights of step {facts['best_step']:,} (best on validation):")
        show_scores(out, scores)
        out.say(f"{facts['steps']:,} steps in {duration(facts['train_seconds'])}.")
    out.say(f"Use it: neocog predict {folder}{_wanted(predictor)}")


def _wanted(predictor: "Predictor") -> str:
    """What `predict` needs besides the run: nothing where the task answers of itself."""
    from neocog.core.errors import Problem

    with suppress(Problem):
        if predictor.task.items(()):
            return ""
    return f" {predictor.task.input.upper()}..."


def show_scores(out: Output, scores: Mapping[str, Any]) -> None:
    """Scores, one per line."""
    rows = [
        (name.replace("_", " "), percent(value) if name in SHARES else f"{value:.4f}") for name, value in scores.items()
    ]
    out.table("", ("score", "value>"), rows)
