"""What `compare` and `check` say of leakage."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from neocog.cli.output import Output

if TYPE_CHECKING:
    from pathlib import Path

    from neocog.data.images import ImageData
    from neocog.runs.comparison import Comparison
    from neocog.runs.leakage import Leakage

MOST_PAIRS = 24


def leakage_json(comparison: "Comparison") -> dict[str, Any]:
    """The key ``leakage`` of `compare --json`; nothing where it was not looked into."""
    from neocog.runs.clean_scores import clean_scores
    from neocog.runs.leakage import load_leakage
    from neocog.runs.leakage_words import answer_sentence, clean_sentences, further_sentences

    leakage = load_leakage(comparison.folder)
    if leakage is None:
        return {}
    clean = clean_scores(comparison, leakage.leaked())
    said = [answer_sentence(leakage), *further_sentences(leakage), *clean_sentences(clean, leakage)]
    without = None if clean is None else {"items": clean.items, "scores": [asdict(each) for each in clean.scores]}
    return {"leakage": {**leakage.as_json(), "sentences": said, "without": without}}


def leakage_lines(comparison: "Comparison") -> list[str]:
    """The line of the terminal: only what a person must know, so nothing where the test part was clean."""
    from neocog.runs.clean_scores import clean_scores
    from neocog.runs.leakage import load_leakage
    from neocog.runs.leakage_words import answer_sentence, clean_sentences

    leakage = load_leakage(comparison.folder)
    if leakage is None or not leakage.leaked():
        return []
    said = [answer_sentence(leakage), *clean_sentences(clean_scores(comparison, leakage.leaked()), leakage)]
    return [f"Was the test clean? {' '.join(said)}"]


def looked_for(out: Output, data: "ImageData", choice: Any, *, keep: bool) -> "Leakage":
    """Copies in opened data, with progress and without a limit of time."""
    from neocog.runs.leakage import look_for_copies

    progress = out.progress()
    progress.start("Looking for copies", 100, "%")
    try:
        return look_for_copies(data, choice, keep=keep, tick=lambda done: progress.advance(100 * done))
    finally:
        progress.end()


def say_leakage(out: Output, leakage: "Leakage", choice: Any) -> None:
    """What `check` says."""
    from neocog.runs.leakage_words import answer_sentence, further_sentences, pair_words, repair_command

    out.say(f"Is the test clean? {answer_sentence(leakage)}")
    for line in further_sentences(leakage):
        out.say(line)
    for pair in leakage.pairs[:3]:
        out.say(f"  {pair_words(pair)}")
    command = repair_command(leakage, choice, "compare")
    if command:
        out.say(f"To divide anew: {command}")


def draw_pairs(data: "ImageData", leakage: "Leakage", into: "Path") -> dict[str, "Path"]:
    """A picture of pairs of copies side by side, the worst first; nothing where there is none."""
    from neocog.core.durable import write_durably
    from neocog.figures.contact_sheet import contact_sheet

    shown = leakage.pairs[:MOST_PAIRS]
    if not shown:
        return {}
    images, labels = [], []
    for pair in shown:
        for item, how in ((pair.a, ""), (pair.b, "equal " if pair.equal else f"{pair.likeness:.2f} ")):
            images.append(data.part(item.part).images[item.row])
            labels.append(f"{how}{item.part} {item.label}: {_end(item.name)}")
    title = f"{data.name}: {len(shown):,} of {leakage.found:,} pairs of copies, side by side, the worst first"
    sheet = contact_sheet(images, labels, columns=4, tile=220, title=title, top=data.preparation.top)
    write_durably(into, sheet)
    return {"copies": into}


def _end(name: str) -> str:
    parts: Sequence[str] = name.rsplit("/", 1)
    return parts[-1]
