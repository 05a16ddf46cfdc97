"""The matrix of verdicts: who beats whom, by how much, and what cannot be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from neocog.figures.figure import Figure, Table
from neocog.figures.numbers import points
from neocog.figures.svg import BOLD, TEXT, WIDTH, clean, drawing, element, label, width_of

TOP = 8.0
WORDS = {"a": "beats", "b": "loses", "tie": "tie", "unknown": "unclear"}
SIGNS = {"a": "▲", "b": "▼", "tie": "=", "unknown": "?"}
COLOURS = {"a": "r2", "b": "w1", "tie": "r1", "unknown": "r0"}
TURNED = {"a": "b", "b": "a"}

Show = Callable[[float], str]


@dataclass(frozen=True)
class PairVerdict:
    """One pair: ``difference`` is a's score less b's; ``answer`` is a, b (who beats the other), tie or unknown."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    answer: str


def verdict_matrix(
    key: str,
    title: str,
    names: Sequence[str],
    pairs: Sequence[PairVerdict],
    *,
    finding: str = "",
    show: Show = points,
    unit: str = "points",
) -> Figure:
    """Each row says how its network does against the network of each column, with the difference in points.

    Args:
        key: unique name on the page.
        title: what one should see.
        names: networks in order, best first.
        pairs: the answers, each pair once, either way round.
        finding: the words for those who cannot see it; by default every answer in words.
        show: writes a difference.
        unit: of the differences.
    """
    widest = max((width_of(clean(name), TEXT * BOLD) for name in names), default=0.0)
    left, head = min(112.0, 14 + widest), TOP + min(124.0, 10 + widest)
    across = (WIDTH - left - 2) / max(1, len(names))
    down = max(36.0, min(across, 46.0))
    known = {(p.a, p.b): (p.answer, p.difference) for p in pairs}
    known |= {(p.b, p.a): (TURNED.get(p.answer, p.answer), -p.difference) for p in pairs}
    parts: list[str] = []
    for i, name in enumerate(names):
        parts.append(label(name, left + (i + 0.5) * across + 4, head - 6, room=head - TOP, turned=True))
        parts.append(label(name, left - 8, head + (i + 0.5) * down + 4, anchor="end", kind="strong", room=left - 10))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if (a, b) in known:
                place = (left + j * across, head + i * down, across, down)
                parts.append(_cell(place, *known[a, b], show))
    bottom = head + down * len(names)
    legend = f"each row against each column, in {unit}"
    legend += "" if _has_room(across, "unknown") else "; ? is unclear"
    parts.append(label(legend, 2, bottom + 18, kind="quiet"))
    alt = finding or " ".join(sentence(pair, show) for pair in pairs)
    rows = [(_answer(p), *map(show, (p.difference, p.low, p.high))) for p in map(_better_first, pairs)]
    table = Table(("answer", f"the first less the second, {unit}", "low", "high"), rows)
    return Figure(key, title, drawing(*parts, height=bottom + 24, alt=alt), alt, table)


def sentence(pair: PairVerdict, show: Show = points) -> str:
    """The answer for one pair in words, with its numbers."""
    pair = _better_first(pair)
    numbers = f"{show(pair.difference)} points ({show(pair.low)} to {show(pair.high)})"
    return f"{_answer(pair)}: {numbers}."


def _better_first(pair: PairVerdict) -> PairVerdict:
    if pair.difference >= 0:
        return pair
    answer = TURNED.get(pair.answer, pair.answer)
    return PairVerdict(pair.b, pair.a, -pair.difference, -pair.high, -pair.low, answer)


def _answer(pair: PairVerdict) -> str:
    said = {
        "a": f"{pair.a} beats {pair.b}",
        "b": f"{pair.b} beats {pair.a}",
        "tie": f"{pair.a} and {pair.b} tie",
    }
    return said.get(pair.answer, f"{pair.a} and {pair.b} cannot be told apart yet")


def _has_room(width: float, answer: str) -> bool:
    return width_of(WORDS[answer], TEXT * BOLD) <= width


def _cell(place: tuple[float, float, float, float], answer: str, difference: float, show: Show) -> Markup:
    x, y, width, height = place
    middle = x + width / 2
    word = WORDS[answer] if _has_room(width, answer) else SIGNS[answer]
    return element(
        "g",
        element("rect", class_=f"cell {COLOURS[answer]}", x=x, y=y, width=width, height=height, rx=3.0),
        label(word, middle, y + height / 2 - 3, anchor="middle", kind="strong" if answer in "ab" else "quiet"),
        label(show(difference), middle, y + height / 2 + 12, anchor="middle", kind="value"),
    )
