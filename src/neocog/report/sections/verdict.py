"""The verdict in words: which network to use, how sure that is, what it costs."""

from neocog.figures.numbers import compact, count, seconds
from neocog.figures.numbers import interval as between
from neocog.measures.quantities import quantity, size
from neocog.measures.ranks import standing
from neocog.measures.sentences import advice, whole
from neocog.measures.verdict import Verdict
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.sections.leakage import leakage_answer
from neocog.report.sections.limits import main_limits
from neocog.report.words import item_count, plural, ratio, training_seconds
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.controls import load_controls
from neocog.runs.sensitivity import load_sensitivity

Fact = tuple[str, str, str]
WORTH_IT = 1.25  # times cheaper, before a cheaper network is pointed out


def section(evidence: Evidence) -> Section:
    """The first screen."""
    comparison = evidence.comparison
    chosen = comparison.chosen
    if chosen is None:
        return Section("verdict", "No network has a result", rendered("verdict.html", **_nothing(comparison)))
    beaten_by = standing(chosen.label, comparison.verdicts).beaten_by
    title = f"No clear choice: {chosen.label} or {beaten_by[0]}" if beaten_by else f"Use {chosen.label}"
    html = rendered(
        "verdict.html",
        sentence=_lead(comparison, chosen),
        facts=_facts(comparison, chosen),
        answers=[pair for pair in _answers(evidence, chosen) if pair[1]],
    )
    return Section("verdict", title, html)


def _nothing(comparison: Comparison) -> dict[str, object]:
    return {
        "sentence": "Every network failed; the reasons are below.",
        "facts": [],
        "answers": [("What happened", [f"{arm.label}: {arm.failure}" for arm in comparison.failed])],
    }


def _facts(comparison: Comparison, chosen: ArmResult) -> list[Fact]:
    assert chosen.interval is not None
    shown = measure(comparison.headline.name)
    interval = chosen.interval
    ends = between(interval.low, interval.high, shown.show)
    items = plural(item_count(comparison), "test item")
    facts = [
        (
            f"Its {shown.title} on {items}",
            shown.show(interval.mean),
            f"95 % interval {ends}, for new seeds and new items like these",
        )
    ]
    facts += _ahead(comparison, chosen)
    batch = f"; {count(chosen.throughput)} per second in batches of 64" if chosen.throughput > 0 else ""
    facts.append(("It answers in", seconds(chosen.latency_ms / 1000), f"for one item{batch}"))
    size_words = f"{compact(chosen.parameters)} parameters, {compact(chosen.macs)} multiply-adds per item"
    facts.append(("It was trained for", seconds(training_seconds(chosen)), f"per run; it has {size_words}"))
    return facts


def _lead(comparison: Comparison, chosen: ArmResult) -> str:
    if not comparison.verdicts:
        return f"Only {chosen.label} has a result: there is nothing to compare it with."
    return advice(chosen.label, comparison.verdicts)


def _ahead(comparison: Comparison, chosen: ArmResult) -> list[Fact]:
    """The difference to the best of the others, with its interval and its answer."""
    rival = next((arm.label for arm in comparison.ranked if arm.label != chosen.label), "")
    found = next((v for v in comparison.verdicts if {v.a, v.b} == {chosen.label, rival}), None)
    if found is None:
        return []
    sign = 1 if found.a == chosen.label else -1
    low, high = sorted((sign * found.low, sign * found.high))
    amount, ends = quantity(sign * found.difference, low, high, found.unit).split(" (")
    first = comparison.ranked[0].label == chosen.label
    name = f"Its lead over {rival}, the runner-up" if first else f"Against {rival}, first on the test part"
    return [(name, amount, f"{ends.rstrip(')')}: {_answer(found, chosen.label)}")]


def _answer(found: Verdict, label: str) -> str:
    if found.answer in ("a", "b"):
        return "it is better" if (found.a if found.answer == "a" else found.b) == label else "it is worse"
    return "a tie within the margin" if found.answer == "tie" else "cannot be told apart yet"


def _answers(evidence: Evidence, chosen: ArmResult) -> list[tuple[str, list[str]]]:
    comparison = evidence.comparison
    failed = [f"{arm.label} has no result: {arm.failure}" for arm in comparison.failed]
    controls = load_controls(comparison.folder)
    return [
        ("Why this one, and how sure is that?", _sureness(comparison, chosen)),
        ("Would a cheaper one do?", _cheaper(comparison, chosen)),
        ("Does this data need a CNN?", [controls.sentence] if controls else []),
        ("Where does it fail?", [f"{figure.title}: {figure.alt}" for figure in evidence.figures[:1]]),
        ("Was the test clean?", leakage_answer(comparison)),
        ("What breaks it?", _breaking(comparison, chosen)),
        ("What was not tested?", [*failed, *main_limits(comparison)]),
    ]


def _breaking(comparison: Comparison, chosen: ArmResult) -> list[str]:
    found = load_sensitivity(comparison.folder)
    return [network.sentence for network in found.networks if network.label == chosen.label] if found else []


def _sureness(comparison: Comparison, chosen: ArmResult) -> list[str]:
    if not comparison.verdicts:
        return []
    against = [v for v in comparison.verdicts if chosen.label in (v.a, v.b)]
    unit = comparison.verdicts[0].unit
    pairs = plural(len(comparison.verdicts), "comparison")
    chance = f"{100 * comparison.verdicts[0].alpha:.3g} %"
    rule = (
        f"The network is chosen on the validation part; the test part, used once, says how good it is. With {pairs}, "
        f"the chance that any “beats” is wrong is held to {chance}{_looks(comparison)}. "
        f"“Tie” means that two are surely less than {size(comparison.margin, unit)} apart."
    )
    return [*(whole(v) for v in against), rule]


def _looks(comparison: Comparison) -> str:
    looks = comparison.looks
    if looks.taken > looks.planned or looks.planned == 1:
        return " for one look" if looks.taken > 1 else ""
    return f", shared among {looks.planned} looks: this is number {looks.taken}"


def _cheaper(comparison: Comparison, chosen: ArmResult) -> list[str]:
    """The networks that it does not beat and that cost less in something."""
    place = standing(chosen.label, comparison.verdicts)
    arms = {arm.label: arm for arm in comparison.ranked}
    lines = []
    for words, labels in (
        ("ties with it", place.ties),
        ("cannot be told apart from it", place.unknown),
        ("beats it", place.beaten_by),
    ):
        for label in labels:
            savings = _savings(chosen, arms[label])
            if savings:
                lines.append(f"{label} {words}{_risk(comparison, chosen, label)}; it has {savings}.")
    if not lines and place.beats and len(place.beats) == len(arms) - 1:
        lines.append("No: it beats every other network.")
    elif not lines and len(arms) > 1:
        lines.append("No: of the networks that it does not beat, none is clearly cheaper.")
    return lines


def _risk(comparison: Comparison, chosen: ArmResult, label: str) -> str:
    """How much worse the other one may be, by the interval of the pair."""
    for found in comparison.verdicts:
        if {found.a, found.b} == {chosen.label, label}:
            worse = found.high if found.a == chosen.label else -found.low
            return f" but may be up to {size(worse, found.unit)} worse" if worse > 0 else ""
    return ""


def _savings(chosen: ArmResult, other: ArmResult) -> str:
    costs = (
        (chosen.parameters, other.parameters, "fewer parameters"),
        (chosen.macs, other.macs, "fewer multiply-adds"),
        (chosen.latency_ms, other.latency_ms, "less time per answer"),
    )
    return ", ".join(
        f"{ratio(mine, its)} times {words}" for mine, its, words in costs if its > 0 and mine / its >= WORTH_IT
    )
