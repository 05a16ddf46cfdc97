"""Clean scores: what each network reaches on the test items that did not leak, and what becomes of the verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neocog.measures.intervals import arm_interval
from neocog.measures.sentences import verdict_sentence
from neocog.measures.verdict import Interval, Verdict, verdicts
from neocog.runs.comparison import ArmResult, Comparison
from neocog.runs.deciding import decided_by

FEWEST = 10  # clean test items, below which nothing is scored


@dataclass(frozen=True)
class CleanScore:
    """One network's headline on all test items, and on those without a copy elsewhere."""

    label: str
    all_items: float
    clean: float
    interval: Interval


@dataclass(frozen=True)
class CleanScores:
    """Scores and verdicts without the leaked test items.

    ``shown`` names every network with its clean score; ``changed`` are sentences on answers that differ.
    """

    items: int
    scores: tuple[CleanScore, ...]
    verdicts: tuple[Verdict, ...]
    changed: tuple[str, ...]
    shown: str


def clean_scores(comparison: Comparison, leaked: Sequence[int]) -> CleanScores | None:
    """The comparison again, without some test items; None where nothing leaked or too little is left.

    Args:
        comparison: with its runs' records.
        leaked: rows of the test part.
    """
    items = sum(comparison.data.counts.get("test", {}).values())
    stays = np.setdiff1d(np.arange(items), np.asarray(leaked, np.int64))
    ranked = [arm for arm in comparison.ranked if _by_item(arm, items)]
    if not leaked or len(stays) < FEWEST or not ranked:
        return None
    name, scoring = comparison.headline.name, decided_by(comparison)
    sign = 1 if comparison.headline.higher_is_better else -1
    rows, signed = [], {}
    for arm in ranked:
        records = [{key: values[stays] for key, values in seed.record.items()} for seed in arm.finished]
        scores = np.stack([scoring.items(record) for record in records])
        everything = float(np.mean([seed.scores[name] for seed in arm.finished]))
        clean = float(np.mean([scoring.whole(record) for record in records]))
        rows.append(CleanScore(arm.label, everything, clean, arm_interval(scores)))
        signed[arm.label] = sign * scores
    found: tuple[Verdict, ...] = ()
    if len(signed) > 1:
        found = tuple(verdicts(signed, margin=comparison.margin, unit=comparison.headline.unit, looks=comparison.looks))
    shown = ", ".join(f"{each.label} {comparison.headline.show(each.clean)}" for each in rows)
    shown = f"{comparison.headline.title}: {shown}"
    return CleanScores(len(stays), tuple(rows), found, _changed(comparison.verdicts, found), shown)


def _by_item(arm: ArmResult, items: int) -> bool:
    """Whether the records of a network have a row per test item."""
    return all(len(values) == items for seed in arm.finished for values in seed.record.values())


def _changed(before: Sequence[Verdict], after: Sequence[Verdict]) -> tuple[str, ...]:
    new = {frozenset((verdict.a, verdict.b)): verdict for verdict in after}
    said = []
    for verdict in before:
        other = new.get(frozenset((verdict.a, verdict.b)))
        if other is not None and _answer(other) != _answer(verdict):
            said.append(
                f"With all test items: {verdict_sentence(verdict)} Without the leaked: {verdict_sentence(other)}"
            )
    return tuple(said)


def _answer(verdict: Verdict) -> str:
    """Which label is better, "tie" or "unknown", whatever the order of the pair."""
    return {"a": verdict.a, "b": verdict.b}.get(verdict.answer, verdict.answer)
