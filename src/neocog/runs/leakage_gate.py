"""The leakage gate: before training, the person is told what the parts share; nothing is stopped or changed."""

from pathlib import Path
from time import perf_counter
from typing import Any

from neocog.core.progress import AbstractProgress
from neocog.data.family import AbstractData
from neocog.data.images import ImageData
from neocog.runs.budget import Budget
from neocog.runs.leakage import SECONDS, SHARE, Leakage, gave_up, load_leakage, look_for_copies, write_leakage
from neocog.runs.leakage_words import repair_command, warnings_of


def gate(
    data: AbstractData,
    choice: Any,
    folder: Path,
    *,
    budget: Budget | None,
    keep: bool,
    progress: AbstractProgress,
    verb: str = "compare",
) -> Leakage | None:
    """Say what is known of the data, and what copies of test images the others hold; None for data without images.

    Equal images are always looked for. Look-alikes get at most a twentieth of a budget in time, or 60 s.

    Args:
        data: opened.
        choice: how they were chosen.
        folder: what its leakage.json tells already is not looked for again, unless it was given up for want of time.
        budget: of the training that follows.
        verb: of the command that is proposed.
        keep: whether what is found may be kept with the decoded images.
        progress: told of it.
    """
    for note in data.notes:
        progress.say(note)
    if not isinstance(data, ImageData):
        return None
    known = load_leakage(folder)
    if known is not None and not gave_up(known):
        return known
    seconds = budget.amount * SHARE if budget is not None and budget.timed else SECONDS
    progress.start("Looking for copies", 100, "%")
    try:
        until = perf_counter() + seconds
        found = look_for_copies(data, choice, keep=keep, until=until, tick=lambda done: progress.advance(100 * done))
    finally:
        progress.end()
    for line in warnings_of(found, repair_command(found, choice, verb)):
        progress.say(line)
    return found


def keep_findings(folder: Path, found: Leakage | None) -> None:
    """Write leakage.json, where there is something to write."""
    if found is not None:
        write_leakage(folder, found)
