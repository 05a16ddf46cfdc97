"""``neocog compare --folds``: its flags, and what it says in the end."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.going_on import says_how_to_go_on
from neocog.cli.output import Output, count
from neocog.cli.progress import duration
from neocog.core.errors import UsageProblem

if TYPE_CHECKING:
    from neocog.runs.folds import FoldArm, FoldComparison


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FoldFlags:
    """Cross-validation, for data too few to keep a test part."""

    folds: Annotated[
        int | None,
        Parameter(help="Cross-validation, for small data: each of so many folds is the test part once; 5 is usual."),
    ] = None
    repeats: Annotated[int | None, Parameter(help="How often the items are divided into folds anew; 2 by default.")] = (
        None
    )


IDLE = {
    "seeds": "each fold is trained with a seed of its own; for more runs give --repeats",
    "looks": "a comparison by folds is answered once",
    "score": "folds are judged by the usual score of the task",
    "sizes": "compare by sizes and by folds one after the other",
    "tune": "learning rates are tried where there is one split",
    "match": "name networks of equal size yourself, such as mlp[widths=128]",
    "controls": "controls are made where there is one split",
    "sensitivity": "it is measured where there is one split",
}


def by_folds(flags: FoldFlags, others: Mapping[str, Any], into: str | None) -> bool:
    """Whether folds are asked for, or the folder that is gone on with has them.

    Raises:
        UsageProblem: ``folds-without-effect``: a flag that means nothing together with folds.
    """
    from neocog.runs.folds import has_folds

    if flags == FoldFlags() and not (into and has_folds(into)):
        return False
    idle = {name: value for name, value in others.items() if value is not None}
    if idle:
        raise UsageProblem(
            "folds-without-effect",
            f"{' and '.join(f'--{name}' for name in idle)} cannot go together with folds",
            where=[f"--{name} {value}" for name, value in idle.items()],
            help="; ".join(IDLE[name] for name in idle),
        )
    return True


def run_folds(out: Output, data: str | None, networks: str | None, asked_for: Mapping[str, Any]) -> None:
    """Compare fold by fold, and show what came out."""
    from neocog.runs.compare_folds import compare_folds

    asked = {name: value for name, value in asked_for.items() if name not in IDLE}
    with says_how_to_go_on(lambda run: f"compare --into {shlex.quote(str(run.parents[3]))}"):
        found = compare_folds(data, networks, **asked)
    show_folds(out, found)


def show_folds(out: Output, found: "FoldComparison", into: Path | None = None) -> None:
    """Write the report; show the leaderboard, the answers, and what they hold for."""
    from neocog.measures.folds import WHAT_IT_HOLDS_FOR
    from neocog.measures.sentences import advice, ranks_sentence
    from neocog.report.folds import answer_lines, divided, to_use, write_folds

    report = write_folds(found, into or found.folder / "report.html")
    out.document(as_json(found, report))
    for note in found.notes:
        out.say(note)
    title = f"{found.headline.title}>"
    columns = ("network", title, "95 % interval>", "parameters>", "training>", "ms/item>", "MACs>")
    out.table("", columns, [_row(arm, found) for arm in found.ranked])
    for arm in found.failed:
        out.say(f"{arm.label}: no result. {arm.failure}")
    out.say(divided(found))
    for line in answer_lines(found):
        out.say(line)
    if found.verdicts:
        out.say(WHAT_IT_HOLDS_FOR)
    if len(found.verdicts) > 1:
        out.say(ranks_sentence(found.verdicts))
    out.say()
    out.say(f"Report: {report}")
    if found.chosen is not None:
        out.say(to_use(found))
        if found.verdicts:
            out.say(advice(found.chosen.label, found.verdicts))
    out.say(found.sentence or "There is only one network with a result, so there is nothing to compare.")


def as_json(found: "FoldComparison", report: Path) -> dict[str, Any]:
    """The one document: accuracies and differences are fractions."""
    from neocog.measures.folds import WHAT_IT_HOLDS_FOR
    from neocog.measures.ranks import ranks
    from neocog.measures.sentences import verdict_sentence

    chosen, data = found.chosen, found.data
    return {
        "data": {"name": data.name, "image": data.takes, "classes": data.classes, "items": found.items},
        "folds": found.plan.folds,
        "repeats": found.repeats,
        "planned_repeats": found.plan.repeats,
        "budget": found.budget,
        "seconds": found.plan.seconds,
        "margin": found.margin,
        "leaderboard": found.leaderboard(),
        "failed": [{"network": arm.network, "label": arm.label, "reason": arm.failure} for arm in found.failed],
        "verdicts": [
            {
                **{name: value for name, value in asdict(verdict).items() if name in _SHOWN},
                "error": verdict.items_error,
                "sentence": verdict_sentence(verdict),
            }
            for verdict in found.verdicts
        ],
        "holds_for": WHAT_IT_HOLDS_FOR if found.verdicts else "",
        "ranks": ranks(found.verdicts),
        "best": chosen.label if chosen else None,
        "sentence": found.sentence,
        "notes": found.notes,
        "report": report,
    }


_SHOWN = ("a", "b", "difference", "low", "high", "answer", "p_beats", "p_tie", "notes")


def _row(arm: "FoldArm", found: "FoldComparison") -> tuple[str, ...]:
    from math import isfinite

    assert arm.interval is not None
    show = found.headline.show
    ends = f"{show(arm.interval.low)} to {show(arm.interval.high)}" if isfinite(arm.interval.low) else "not known"
    cost = (count(arm.parameters), duration(arm.train_seconds), f"{arm.latency_ms:.2f}", count(arm.macs))
    return (arm.label, show(arm.interval.mean), ends, *cost)
