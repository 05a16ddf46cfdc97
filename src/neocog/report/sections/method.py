"""How the comparison was made: data, parts, budget, settings, versions, files left out."""

from collections.abc import Mapping

from neocog.figures.figure import Table
from neocog.figures.numbers import compact, count, seconds
from neocog.measures.outlook import outlook_sentences
from neocog.measures.quantities import size
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import plural
from neocog.runs.comparison import Comparison, SeedResult
from neocog.runs.learned import flops_sentence

MOST_SKIPPED = 60


def section(evidence: Evidence) -> Section:
    """Everything needed to judge the comparison or to make it again."""
    comparison = evidence.comparison
    skipped = list(comparison.data.skipped.items())
    words = f"{plural(len(skipped), 'file')} left out"
    html = rendered(
        "method.html",
        facts=_facts(comparison),
        notes=[*comparison.data.notes, *comparison.notes],
        counts=_counts(comparison),
        settings=_settings(comparison),
        runs=_runs(comparison),
        skipped=skipped[:MOST_SKIPPED],
        skipped_words=words + (f"; the first {MOST_SKIPPED} of them" if len(skipped) > MOST_SKIPPED else ""),
    )
    return Section("method", "How the comparison was made", html)


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    data = comparison.data
    unit = comparison.verdicts[0].unit if comparison.verdicts else "points"
    parts = ", ".join(f"{part} {count(sum(classes.values()))}" for part, classes in data.counts.items())
    facts = [
        ("Data", f"{data.name}: {plural(len(data.classes), 'class', 'classes')}, items of {data.takes}"),
        ("Items in each part", parts),
        ("Files left out", plural(len(data.skipped), "file") if data.skipped else "none"),
        ("Fingerprint of the data", data.fingerprint),
        ("Budget", f"{comparison.budget}; the whole took {seconds(comparison.seconds)}"),
        ("Budget in FLOPs", flops_sentence(comparison)),
        ("Seeds", f"{comparison.seeds} per network"),
        ("Margin of a tie", size(comparison.margin, unit)),
        ("Looks", _looks(comparison)),
        (
            "What it could settle",
            outlook_sentences(comparison.outlook, comparison.margin) if comparison.outlook else "",
        ),
        ("Run folders", str(comparison.folder)),
    ]
    facts = [fact for fact in facts if fact[1]]
    return facts + [(name, text) for name, text in comparison.made.items() if name not in dict(facts)]


def _looks(comparison: Comparison) -> str:
    looks = comparison.looks
    return f"this is number {looks.taken}; the chance of a wrong answer is shared among {looks.planned}"


def _counts(comparison: Comparison) -> Table:
    counts = comparison.data.counts
    rows = [(name, *(count(part.get(name, 0)) for part in counts.values())) for name in comparison.data.classes]
    total = ("all", *(count(sum(part.values())) for part in counts.values()))
    return Table(("class", *counts), [*rows, total])


def _settings(comparison: Comparison) -> Table:
    rows = [
        (
            arm.label,
            arm.network,
            _options(arm.settings),
            count(arm.steps) if arm.steps else "–",
            compact(arm.training_flops) if arm.training_flops else "–",
        )
        for arm in comparison.arms
    ]
    return Table(("label", "network", "settings other than the defaults", "steps", "training FLOPs of a run"), rows)


def _options(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in settings.items()) or "none"


def _runs(comparison: Comparison) -> Table:
    name = comparison.headline.name
    columns = ("network", "seed", "validation", "test", "steps", "best step", "training", "outcome")
    rows = [(arm.label, *_run(seed, name)) for arm in comparison.arms for seed in arm.seeds]
    return Table(columns, rows)


def _run(seed: SeedResult, name: str) -> tuple[str, ...]:
    show, nothing = measure(name).show, float("nan")
    return (
        str(seed.seed),
        show(seed.val_scores.get(name, nothing)),
        show(seed.scores.get(name, nothing)),
        count(seed.steps),
        count(seed.best_step),
        seconds(seed.train_seconds),
        seed.reason or seed.outcome.value,
    )
