"""Text: a batch of windows, and a whole text divided into train, val and test in its own order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.errors import DataProblem
from neocog.core.shapes import Tokens
from neocog.data.family import PARTS, AbstractData
from neocog.data.text_read import UNCHANGED, RawText, TextChoice
from neocog.data.text_vocabulary import Vocabulary
from neocog.figures.figure import Figure

WINDOWS = "windows"
SHOWN = 12  # characters, of those that are unknown


@dataclass(frozen=True)
class TextBatch(Batch):
    """Windows of a text.

    ``targets`` are the tokens that follow each of the last ones of ``tokens``: all of them in training; where a window
    is scored there are fewer, and the tokens before are context. ``fresh`` marks windows that do not go on where the
    same lane of the batch before ended; ``rows`` are the windows' rows in their part. A prompt that is shorter than
    the longest of its batch begins with -1, and has no targets.
    """

    tokens: Int[Tensor, "n t"]
    targets: Int[Tensor, "n s"]
    fresh: Bool[Tensor, "n"]
    rows: Int[Tensor, "n"]

    @property
    def size(self) -> int:
        """Number of windows."""
        return len(self.rows)


@dataclass(frozen=True)
class TextData(AbstractData):
    """A text, ready to train on.

    ``tokens`` is all of it; ``ends`` are the places where train, val and test end. ``fingerprint`` is a SHA-256 over
    the text and how it is divided.
    """

    name: str
    vocabulary: Vocabulary
    tokens: Int[np.ndarray, "n"]
    ends: tuple[int, int, int]
    window: int
    context: int
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def takes(self) -> Tokens:
        """The shape that a network gets."""
        return Tokens(self.vocabulary.size, self.window)

    def span(self, part: str) -> tuple[int, int]:
        """Where the tokens of a part that can be scored begin and end: at the very beginning there is no context."""
        place = PARTS.index(part)
        begin = self.ends[place - 1] if place else 0
        return max(begin, self.context + 1), self.ends[place]

    def windows(self, part: str) -> int:
        """Whole windows of a part."""
        begin, end = self.span(part)
        return max(0, (end - begin) // self.window)

    def counts(self) -> dict[str, dict[str, int]]:
        """Windows of each part."""
        return {part: {WINDOWS: self.windows(part)} for part in PARTS}

    @property
    def unit(self) -> str:
        """What one token is."""
        return "characters" if self.vocabulary.characters else "bytes"

    def line(self) -> str:
        """Length, vocabulary, windows."""
        of = f"{len(self.vocabulary.characters)} different" if self.vocabulary.characters else "256 possible"
        return f"{len(self.tokens):,} {self.unit}, {of}, in windows of {self.window}"

    def details(self) -> dict[str, Any]:
        """Length, vocabulary and window."""
        return {
            "level": self.unit,
            "tokens": len(self.tokens),
            "vocabulary": self.vocabulary.size,
            "window": self.window,
            "nats_by_frequency": self.nats_by_frequency(),
        }

    def nats_by_frequency(self) -> float:
        """What a token of the test part (or val) costs that is guessed by how often it comes in train."""
        begin, end = self.span("test" if self.windows("test") else "val")
        seen = np.bincount(self.tokens[: self.ends[0]], minlength=self.vocabulary.size) + 1.0
        asked = np.bincount(self.tokens[begin:end], minlength=self.vocabulary.size)
        return float(-(asked * np.log(seen / seen.sum())).sum() / max(1, asked.sum()))

    def figures(self) -> list[Figure]:
        """None."""
        return []

    def facts(self) -> dict[str, Any]:
        """Vocabulary, window and context."""
        return {
            "characters": "".join(self.vocabulary.characters),
            "window": self.window,
            "context": self.context,
        }

    def names(self, part: str) -> Sequence[str]:
        """The places of the windows."""
        begin = self.span(part)[0]
        starts = range(begin, begin + self.windows(part) * self.window, self.window)
        return [f"{self.unit} {start:,} to {start + self.window - 1:,}" for start in starts]

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """None: a text has no look."""
        return {}

    def seen(self) -> dict[str, bytes]:
        """None: a text has no look."""
        return {}


def divided(raw: RawText, choice: TextChoice) -> TextData:
    """A text divided in its own order, with the vocabulary of its train part.

    Raises:
        DataProblem: ``text-too-short``.
    """
    raw = beginning(raw, choice)
    length = len(raw.text)
    ends = (round(length * (1 - choice.val - choice.test)), round(length * (1 - choice.test)), length)
    train = raw.text[: ends[0]]
    vocabulary = Vocabulary.of(train) if isinstance(train, str) else Vocabulary()
    if not train:
        raise too_short(choice, length, ends)
    tokens = tokens_of(raw, vocabulary)
    fingerprint = raw.fingerprint(choice)
    data = TextData(choice.name, vocabulary, tokens, ends, choice.window, choice.context, fingerprint, raw.notes)
    wanted = PARTS if choice.test else PARTS[:2]
    if any(not data.windows(part) for part in wanted):
        raise too_short(choice, length, ends)
    return with_notes(data, raw, ends[0])


def as_test(raw: RawText, choice: TextChoice, like: TextData) -> TextData:
    """A new text, all of it in the part "test", in the tokens of a trained network."""
    raw = beginning(raw, choice)
    length = len(raw.text)
    tokens = tokens_of(raw, like.vocabulary)
    data = TextData(choice.name, like.vocabulary, tokens, (0, 0, length), like.window, like.context, "", raw.notes)
    if not data.windows("test"):
        raise too_short(choice, length, (0, 0, length), window=like.window)
    return with_notes(data, raw, 0)


def text_like(facts: Mapping[str, Any]) -> TextData:
    """The data of a run without its text: vocabulary, window and context."""
    vocabulary = Vocabulary(tuple(facts["characters"]))
    none = np.zeros(0, np.int64)
    window, context = int(facts["window"]), int(facts["context"])
    return TextData(facts["name"], vocabulary, none, (0, 0, 0), window, context, facts["fingerprint"])


def beginning(raw: RawText, choice: TextChoice) -> RawText:
    """As much of a text as was asked for."""
    if choice.most is None or len(raw.text) <= choice.most:
        return raw
    note = f"The first {choice.most:,} of {len(raw.text):,} {choice.level} are read."
    return RawText(raw.text[: choice.most], (*raw.notes, note))


def tokens_of(raw: RawText, vocabulary: Vocabulary) -> Int[np.ndarray, "n"]:
    """The tokens of a text of either level."""
    if isinstance(raw.text, bytes):
        return np.frombuffer(raw.text, np.uint8).astype(np.int64)
    return vocabulary.encode(raw.text)


def with_notes(data: TextData, raw: RawText, train: int) -> TextData:
    """The data with a sentence on the characters after train that are not in the vocabulary."""
    later = raw.text[train:]
    unknown = sorted(set(later) - set(data.vocabulary.characters)) if isinstance(later, str) else []
    if not unknown:
        return data
    shown = " ".join(f"U+{ord(str(each)):04X}" for each in unknown[:SHOWN])
    more = " ..." if len(unknown) > SHOWN else ""
    times = int((data.tokens[train:] == data.vocabulary.unknown).sum())
    note = f"{times:,} characters ({shown}{more}) do not occur in train; they are read, and scored, as one unknown."
    return replace(data, notes=(*data.notes, note))


def too_short(choice: TextChoice, length: int, ends: tuple[int, int, int], window: int | None = None) -> DataProblem:
    """Not one window fits a part."""
    window = window or choice.window
    parts = ", ".join(f"{name} {end - begin:,}" for name, begin, end in zip(PARTS, (0, *ends), ends, strict=False))
    return DataProblem(
        "text-too-short",
        f"{choice.name} has {length:,} {choice.level}, too few for windows of {window}",
        where=f"{choice.name}   {parts}; wanted: more than context and window in train, a window in val and in test",
        note=UNCHANGED,
        help="give more text, or shorter windows with --set data.window=16 --set data.context=16",
    )
