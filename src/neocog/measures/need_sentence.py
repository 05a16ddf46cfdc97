"""What would settle an open pair, in words."""

import math

from neocog.measures.need import Amount, Need
from neocog.measures.verdict import Verdict

ITEMS_FIGURES = 2


def need_sentence(verdict: Verdict) -> str:
    """Such as ``About 4 (2 to 12) more seeds of each would settle it.``; empty where nothing is open or can be said."""
    if verdict.answer != "unknown":
        return ""
    if 1 in verdict.runs:
        return "How much more would settle it can be said after two runs of each."
    return f"{_said(verdict.need)}." if verdict.need is not None else ""


def _said(need: Need) -> str:
    if not need.possible:
        return "Four times as many more seeds and six times as many more test items are not likely to settle it"
    seeds = f"{_amount(need.seeds)} more {_noun(need.seeds, 'seed')} of each" if need.seeds else ""
    items = f"{_amount(need.items)} more {_noun(need.items, 'test item')}" if need.items else ""
    if seeds and items:
        return f"About {seeds}, together with about {items}, would settle it"
    return f"About {seeds or items} would settle it"


def _amount(amount: Amount | None) -> str:
    assert amount is not None
    low, about = _rounded(amount.low), _rounded(amount.about)
    if amount.high is None:
        return f"{about} ({low} or more)"
    high = _rounded(amount.high)
    return about if low == high else f"{about} ({low} to {high})"


def _noun(amount: Amount | None, one: str) -> str:
    assert amount is not None
    return one if amount.about == amount.high == 1 else f"{one}s"


def _rounded(number: int) -> str:
    """Two figures suffice for what is only about right."""
    digits = max(0, math.floor(math.log10(number)) + 1 - ITEMS_FIGURES)
    return f"{round(number, -digits):,}"
