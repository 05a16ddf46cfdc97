"""TEXT: the family of texts."""

from typing import Any

from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.data.family import Family
from neocog.data.text_data import TextData, as_test, divided, text_like
from neocog.data.text_read import KNOWN, SUFFIXES, RawText, TextChoice, as_text, read_text

IN_MEMORY = "in memory"


def _open(choice: TextChoice, *, download: bool, keep: bool, largest: int, progress: AbstractProgress) -> TextData:
    return divided(read_text(choice), choice)


def _labelled(
    choice: TextChoice, like: TextData, *, download: bool, keep: bool, progress: AbstractProgress
) -> TextData:
    return as_test(read_text(choice), choice, like)


def _given(data: Any) -> TextData:
    if isinstance(data, TextData):
        return data
    if isinstance(data, bytes):
        choice = TextChoice(name=IN_MEMORY)
        return divided(as_text(data, choice, IN_MEMORY), choice)
    raise UsageProblem(
        "data-kind", f"{type(data).__name__} is no text", help="give a name, a path, the bytes of a text or a TextData"
    )


def from_text(text: str, choice: TextChoice | None = None) -> TextData:
    """A text in memory, ready to train on.

    Raises:
        DataProblem: ``text-too-short``.
    """
    choice = choice or TextChoice(name=IN_MEMORY)
    return divided(RawText(text.encode() if choice.level == "bytes" else text), choice)


def _claims(name: str) -> bool:
    return name in KNOWN or name.lower().endswith(SUFFIXES)


TEXT = Family(
    choice=TextChoice, open=_open, like=text_like, labelled=_labelled, given=_given, claims=_claims, known=KNOWN
)
