"""Was the test clean? Copies of test items among the others, side by side, and the scores without them."""

from neocog.figures.figure import Figure, Picture, Table
from neocog.figures.gallery import gallery
from neocog.figures.numbers import interval as between
from neocog.measures.quantities import POINTS
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.runs.clean_scores import CleanScores, clean_scores
from neocog.runs.comparison import Comparison
from neocog.runs.leakage import CopyPair, Leakage, load_leakage
from neocog.runs.leakage_words import answer_sentence, clean_sentences, further_sentences, repair_sentence

NAMED = 10


def section(evidence: Evidence) -> Section | None:
    """The answer first; then what was found, the scores on clean items, and pairs to look at."""
    comparison = evidence.comparison
    leakage = load_leakage(comparison.folder)
    if leakage is None:
        return None
    clean = clean_scores(comparison, leakage.leaked())
    words = [answer_sentence(leakage), *further_sentences(leakage), *clean_sentences(clean, leakage)]
    words += repair_sentence(leakage)
    drawn = _pairs(leakage)
    html = rendered(
        "leakage.html",
        words=words,
        scores=_scores(comparison, clean) if clean else None,
        drawn=drawn,
        lines=_not_shown(leakage),
    )
    return Section("leakage", "Was the test clean?", html, drawn)


def leakage_answer(comparison: Comparison) -> list[str]:
    """The answer for the first screen, where it was looked into."""
    leakage = load_leakage(comparison.folder)
    if leakage is None:
        return []
    return [answer_sentence(leakage), *clean_sentences(clean_scores(comparison, leakage.leaked()), leakage)[1:]]


def _scores(comparison: Comparison, clean: CleanScores) -> Table:
    shown = measure(comparison.headline.name)
    rows = [
        (
            each.label,
            shown.show(each.all_items),
            shown.show(each.clean),
            between(each.interval.low, each.interval.high, shown.show),
            _change(each.clean - each.all_items, comparison),
        )
        for each in clean.scores
    ]
    return Table(("network", f"{shown.title}, all", "clean", "95 % interval, clean", "change"), rows)


def _change(amount: float, comparison: Comparison) -> str:
    return f"{100 * amount:+.2f} points" if comparison.headline.unit == POINTS else f"{amount:+.4g}"


def _pairs(leakage: Leakage) -> list[Figure]:
    pictures = []
    for pair in leakage.pairs:
        held = [leakage.pictures.get(f"{item.part}/{item.row}") for item in (pair.a, pair.b)]
        if held[0] is not None and held[1] is not None:
            pictures += [Picture(held[0], _caption(pair, "a")), Picture(held[1], _caption(pair, "b"))]
    if not pictures:
        return []
    found = f"{len(pictures) // 2} of {leakage.found:,} pairs of copies, each beside its other half, the worst first."
    return [gallery("leakage-pairs", "Copies, side by side", pictures, columns=4, finding=found)]


def _caption(pair: CopyPair, side: str) -> str:
    item = pair.a if side == "a" else pair.b
    how = "equal" if pair.equal else f"alike by {pair.likeness:.2f}"
    return f"{item.part}, {item.label}: {item.name}" + (f" ({how})" if side == "b" else "")


def _not_shown(leakage: Leakage) -> list[str]:
    if leakage.found <= len(leakage.pairs):
        return []
    return [f"leakage.json in the folder of this comparison names {len(leakage.pairs):,} of {leakage.found:,} pairs."]
