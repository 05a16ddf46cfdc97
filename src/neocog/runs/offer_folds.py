"""What a comparison on few test items is told: folds would tell more, and the command that asks for them."""

import shlex
from dataclasses import asdict
from typing import Any

from neocog.core.options import show
from neocog.measures.folds import small_test_part
from neocog.runs.comparison_folder import ComparisonFacts
from neocog.runs.setup import IN_MEMORY
from neocog.tasks.task import AbstractTask

OFFERED = "--folds 5 --repeats 2"


def offered_folds(facts: ComparisonFacts, task: AbstractTask[Any, Any]) -> str:
    """One sentence where the test part is small and the score counts items; empty elsewhere, and for a fold itself."""
    if not task.headline.counts or facts.choice.get("folds") is not None:
        return ""
    possible = facts.data.test_made and "folds" in facts.choice and not facts.score
    items = sum(facts.data.counts.get("test", {}).values())
    return small_test_part(items, _command(facts, task) if possible else "")


def _command(facts: ComparisonFacts, task: AbstractTask[Any, Any]) -> str:
    """The same question by folds: data, networks, budget and settings as they are."""
    usual, given = asdict(task.family.choice()), facts.choice
    labels = tuple(arm.label for arm in facts.arms)
    words = ["neocog", "compare", "FILE.npz" if given["name"] == IN_MEMORY else str(given["name"])]
    words += ["--networks", ",".join(labels)] if labels != type(task).networks else []
    words += ["--budget", facts.budget]
    options = {f"data.{name}": value for name, value in given.items() if show(value) != show(usual[name])}
    for name, value in {**options, **facts.settings}.items():
        words += ["--set", f"{name}={show(value)}"] if name not in ("data.name", "data.test") else []
    words += ["--augment", facts.augment] if facts.augment != "default" else []
    return f"{shlex.join(words)} {OFFERED}"
