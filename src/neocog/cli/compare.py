"""``neocog compare``."""

import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.besides import BesidesFlags
from neocog.cli.clock import STARTED
from neocog.cli.data import asked, data_options
from neocog.cli.folds import FoldFlags, by_folds, run_folds
from neocog.cli.going_on import compare_into, says_how_to_go_on
from neocog.cli.leakage import leakage_json, leakage_lines
from neocog.cli.output import Output, count
from neocog.cli.progress import duration
from neocog.cli.settings import settings_from
from neocog.cli.shared import NETWORKS_BY_DEFAULT, DataFlags, LearnFlags, OutputFlags, TrustFlags
from neocog.core.catalogue import Spec, modules_of, parse_list

if TYPE_CHECKING:
    from pathlib import Path

    from neocog.runs.comparison import ArmResult, Comparison
    from neocog.tasks.task import Headline

WIDE = 110  # columns of a terminal that has room for multiply-adds and the scores of all seeds


def compare(
    data: Annotated[str | None, Parameter(help="What to train on; digits by default.")] = None,
    /,
    *,
    networks: Annotated[
        str | None,
        Parameter(
            help=f"Which networks, with options, from weights after an @: mlp,resnet[depth=56],resnet@FILE; "
            f"{NETWORKS_BY_DEFAULT} by default."
        ),
    ] = None,
    budget: Annotated[
        str | None,
        Parameter(
            help="A time for the whole command (90s, 10m), or epochs=5, steps=2000 or flops=1e12; 90s by default."
        ),
    ] = None,
    seeds: Annotated[
        int | None, Parameter(help="Runs of each network, from different initial weights; 3 by default.")
    ] = None,
    margin: Annotated[
        float | None, Parameter(help="A difference of so many points of the score does not matter; 0.5 by default.")
    ] = None,
    looks: Annotated[
        int | None,
        Parameter(help="How often it may be answered, if it goes on with more seeds afterwards; 2 by default."),
    ] = None,
    into: Annotated[str | None, Parameter(help="Folder to write into; one that exists is continued.")] = None,
    sizes: Annotated[
        str | None,
        Parameter(help="Compare with so many training images of each class, one after another: 10,30,100,all."),
    ] = None,
    besides: BesidesFlags = BesidesFlags(),
    folding: FoldFlags = FoldFlags(),
    learning: LearnFlags = LearnFlags(),
    trust: TrustFlags = TrustFlags(),
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Train several networks on DATA under one budget, and say which is better, by how much, and how sure that is."""
    out = Output(output)
    own = {"budget": budget, "seeds": seeds, "looks": looks, "into": into, "progress": out.progress()}
    shared = _shared(data, networks, (margin, besides.by(into)), learning, trust, reading)
    asked_for = {**shared, **asdict(besides), **own}
    if by_folds(folding, {"seeds": seeds, "looks": looks, "sizes": sizes, **besides.named}, into):
        run_folds(out, data, networks, {**asked_for, **asdict(folding)})
        return
    if sizes is not None:
        from neocog.cli.sizes import run_sizes

        run_sizes(out, data, networks, sizes, asked_for)
        return
    from neocog.report.page import write
    from neocog.runs.compare import compare as run_comparison

    with says_how_to_go_on(lambda run: compare_into(run, besides.flags)):
        comparison = run_comparison(data, networks, **asked_for)
    report = write(comparison, comparison.folder / "report.html")
    out.document(as_json(comparison, report))
    show(out, comparison, report)


def _shared(
    data: str | None,
    networks: str | None,
    judged: tuple[float | None, str | None],
    learning: LearnFlags,
    trust: TrustFlags,
    reading: DataFlags,
) -> dict[str, Any]:
    """What `compare` is called with, by the flags that other verbs have too; ``judged`` are margin and score."""
    settings = settings_from(reading.set)
    from neocog.measures.quantities import POINTS
    from neocog.runs.deciding import deciding, named_score

    margin, score = judged
    _, kind = asked(data, learning.task)
    unit = deciding(kind, named_score(kind, score)).unit
    named = [*(parse_list(networks) if networks else ()), *([Spec.parse(learning.task)] if learning.task else ())]
    return {
        "task": learning.task,
        "margin": None if margin is None else margin / (100 if unit == POINTS else 1),
        "device": learning.device,
        "augment": learning.augment,
        "settings": settings,
        "download": reading.download,
        "keep": not reading.no_cache,
        "started": STARTED,
        "allow_modules": (*trust.allow_module, *modules_of(named)),
        **data_options(reading),
    }


def as_json(comparison: "Comparison", report: "Path") -> dict[str, Any]:
    """The one document: accuracies and differences are fractions."""
    from neocog.measures.ranks import ranks
    from neocog.measures.sentences import whole
    from neocog.runs.controls import load_controls
    from neocog.runs.learned import learned_as_json
    from neocog.runs.sensitivity import load_sensitivity

    controls = load_controls(comparison.folder)
    data, best = comparison.data, comparison.chosen
    perturbed = load_sensitivity(comparison.folder)
    return {
        **leakage_json(comparison),
        "data": {
            "name": data.name,
            "image": data.takes,
            "classes": data.classes,
            "counts": data.counts,
            "fingerprint": data.fingerprint,
            "skipped": data.skipped,
        },
        "budget": comparison.budget,
        "seconds": comparison.seconds,
        "seeds": comparison.seeds,
        "margin": comparison.margin,
        "looks": {"planned": comparison.looks.planned, "taken": comparison.looks.taken},
        "outlook": asdict(comparison.outlook) if comparison.outlook else None,
        "leaderboard": comparison.leaderboard(),
        "failed": [{"network": arm.network, "label": arm.label, "reason": arm.failure} for arm in comparison.failed],
        "verdicts": [
            {
                "a": verdict.a,
                "b": verdict.b,
                "difference": verdict.difference,
                "low": verdict.low,
                "high": verdict.high,
                "answer": verdict.answer,
                "p_beats": verdict.p_beats,
                "p_tie": verdict.p_tie,
                "seeds_error": verdict.seeds_error,
                "items_error": verdict.items_error,
                "need": asdict(verdict.need) if verdict.need else None,
                "sentence": whole(verdict),
            }
            for verdict in comparison.verdicts
        ],
        "ranks": ranks(comparison.verdicts),
        "baseline": _baseline_json(comparison),
        **({"match": comparison.match} if comparison.match else {}),
        **({"controls": controls.as_dict()} if controls else {}),
        "best": best.label if best else None,
        "sentence": comparison.sentence,
        "notes": comparison.notes,
        **({"sensitivity": perturbed.as_json()} if perturbed else {}),
        **learned_as_json(comparison),
        "report": report,
        **calibration_of(comparison.folder),
        "runs": [seed.folder for arm in comparison.arms for seed in arm.seeds],
    }


def calibration_of(folder: "Path") -> dict[str, Any]:
    """The key ``calibration``, where `neocog calibrate` was run."""
    from neocog.cli.calibrate import document
    from neocog.runs.calibration import load_calibration

    found = load_calibration(folder)
    return {} if found is None else {"calibration": document(found)}


def show(out: Output, comparison: "Comparison", report: "Path") -> None:
    """Leaderboard, verdicts and the final sentence."""
    from neocog.cli.sensitivity import show_sensitivity
    from neocog.measures.sentences import advice, ranks_sentence, whole
    from neocog.runs.controls import load_controls
    from neocog.runs.learned import learned_in_words
    from neocog.runs.sensitivity import load_sensitivity

    for note in (*comparison.notes, *leakage_lines(comparison)):
        out.say(note)
    headline = comparison.headline
    title = f"{headline.title}>"
    columns = ("network", title, "95 % interval>", "parameters>", "training>", "ms/item>", "MACs>", "per seed")
    shown = len(columns) if shutil.get_terminal_size().columns >= WIDE else len(columns) - 2
    rows = [_row(arm, headline)[:shown] for arm in comparison.ranked]
    out.table("", columns[:shown], [*rows, *(row[:shown] for row in _baseline_row(comparison))])
    if comparison.baseline is not None:
        out.say(f"Majority class: {comparison.baseline.answer}, named each time. A network must do better than that.")
    for line in comparison.match.get("lines", ()):
        out.say(line)
    for arm in comparison.failed:
        out.say(f"{arm.label}: no result. {arm.failure}")
    for line in learned_in_words(comparison):
        out.say(line)
    for verdict in comparison.verdicts:
        out.say(whole(verdict))
    if len(comparison.verdicts) > 1:
        out.say(ranks_sentence(comparison.verdicts))
        out.say()
    controls, perturbed = load_controls(comparison.folder), load_sensitivity(comparison.folder)
    for line in (*controls.lines, *controls.notes) if controls else ():
        out.say(line)
    if perturbed is not None:
        show_sensitivity(out, perturbed)
    out.say(f"Report: {report}")
    if controls:
        out.say(controls.sentence)
    if comparison.chosen is not None and comparison.verdicts:
        out.say(advice(comparison.chosen.label, comparison.verdicts))
    out.say(comparison.sentence or "There is only one network with a result, so there is nothing to compare.")


def _baseline_row(comparison: "Comparison") -> list[tuple[str, ...]]:
    """What is reached without looking, where the task knows it: no network, and in no pair."""
    found, show = comparison.baseline, comparison.headline.show
    if found is None:
        return []
    each = found.interval
    return [("majority class", show(each.mean), f"{show(each.low)} to {show(each.high)}", "0", "-", "-", "-", "-")]


def _baseline_json(comparison: "Comparison") -> dict[str, Any] | None:
    found, name = comparison.baseline, comparison.headline.name
    if found is None:
        return None
    each = found.interval
    return {"label": found.label, "answer": found.answer, name: each.mean, "low": each.low, "high": each.high}


def _row(arm: "ArmResult", headline: "Headline") -> tuple[str, ...]:
    assert arm.interval is not None
    return (
        arm.label,
        headline.show(arm.interval.mean),
        f"{headline.show(arm.interval.low)} to {headline.show(arm.interval.high)}",
        count(arm.parameters),
        duration(sum(seed.train_seconds for seed in arm.finished) / len(arm.finished)),
        f"{arm.latency_ms:.2f}",
        count(arm.macs),
        " ".join(headline.show(seed.scores[headline.name]) for seed in arm.finished),
    )
