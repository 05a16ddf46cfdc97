"""Text from files: decoded, and refused where it is no text."""

import hashlib
import sysconfig
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from neocog.core.errors import DataProblem, StorageProblem, UsageProblem
from neocog.core.options import near
from neocog.core.rules import AtLeast, Between, OneOf
from neocog.data.text_vocabulary import LEVELS, UNKNOWN

STDLIB = "stdlib"
KNOWN = {STDLIB: "the sources of the Python standard library, about 4.7 million characters; no download"}
SUFFIXES = (".txt", ".text", ".md", ".rst")
MOST_BYTES = 2**30
MOST_CONTROL = 0.02  # of the characters of a text
UNCHANGED = "no file was changed; training has not started"
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_PLAIN_CONTROLS = "\n\r\t\f\v\x1b\x08"


@dataclass(frozen=True, kw_only=True)
class TextChoice:
    """Which text, read and divided how: the beginning is train, then comes val, and the end is test."""

    name: Annotated[str, "A text file, or stdlib."] = STDLIB
    level: Annotated[str, OneOf(*LEVELS), "What one token is."] = "characters"
    encoding: Annotated[str, OneOf("utf-8", "utf-16", "latin-1", "cp1252"), "How characters are written."] = "utf-8"
    window: Annotated[int, Between(1, 65536), "Tokens of a window: as far back as gradients go."] = 128
    context: Annotated[int, Between(1, 65536), "Tokens before a scored window that it is scored after."] = 128
    most: Annotated[int | None, AtLeast(1), "Tokens that are read; none: all."] = None
    val: Annotated[float, Between(0, 0.9, open_low=True), "Share kept for choosing, before the test part."] = 0.05
    test: Annotated[float, Between(0, 0.9), "Share at the end kept for the final score."] = 0.1


@dataclass(frozen=True)
class RawText:
    """A text as it was read: characters, or bytes at the level of bytes."""

    text: str | bytes
    notes: tuple[str, ...] = ()

    def fingerprint(self, choice: TextChoice) -> str:
        """A SHA-256 over the text and how it is divided."""
        data = self.text if isinstance(self.text, bytes) else self.text.encode("utf-8", "surrogatepass")
        how = f"{choice.level} {choice.window} {choice.context} {choice.val!r} {choice.test!r}\n"
        return hashlib.sha256(how.encode() + data).hexdigest()


def read_text(choice: TextChoice) -> RawText:
    """The text that a choice names.

    Raises:
        UsageProblem: ``data-missing``, or it names a folder.
        DataProblem: ``data-empty``; ``text-not-text`` with the first byte that is none.
        StorageProblem: the file cannot be read.
    """
    if choice.name == STDLIB:
        return _stdlib(choice)
    path = Path(choice.name).expanduser()
    if path.is_dir():
        raise UsageProblem(
            "text-folder", f"{path} is a folder, not a text", where=str(path), help="name one text file, or `stdlib`"
        )
    if not path.is_file():
        siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        meant = near(path.name, siblings) or near(choice.name, KNOWN)
        raise UsageProblem(
            "data-missing",
            f"there is no text file {path}",
            where=str(path),
            help=f"did you mean `{meant}`?" if meant else "check the path, or use the built-in text `stdlib`",
        )
    try:
        size = path.stat().st_size
        data = b"" if size > MOST_BYTES else path.read_bytes()
    except OSError as problem:
        raise StorageProblem("data-file-unreadable", f"{path} cannot be read", where=str(problem.strerror)) from problem
    if size > MOST_BYTES:
        raise DataProblem(
            "text-too-long",
            f"{path.name} has {size:,} bytes, more than the {MOST_BYTES:,} that are read",
            where=str(path),
            note=UNCHANGED,
            help="give a part of it",
        )
    return as_text(data, choice, str(path))


def as_text(data: bytes, choice: TextChoice, where: str) -> RawText:
    """Bytes as the text that they are, or a problem that says why they are none."""
    if not data:
        raise DataProblem("data-empty", f"{where} is empty", where=where, note=UNCHANGED, help="give a text")
    if choice.level == "bytes":
        return RawText(data)
    encoding = next((each for mark, each in _BOMS.items() if data.startswith(mark)), choice.encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise not_text(
            where, f"byte {problem.start:,} is 0x{data[problem.start]:02x}, which is no {encoding}: {problem.reason}"
        ) from problem
    if "\0" in text:
        raise not_text(where, f"character {text.index(chr(0)):,} is a zero, which texts do not hold")
    controls = [place for place, each in enumerate(text) if each < " " and each not in _PLAIN_CONTROLS]
    if len(controls) > MOST_CONTROL * len(text):
        raise not_text(where, f"{len(controls):,} of {len(text):,} characters are control characters")
    notes = []
    if encoding != choice.encoding:
        notes.append(f"The file says that it is {encoding.removesuffix('-sig')}.")
    if "\r" in text:
        notes.append(f"{text.count(chr(13)):,} carriage returns were read as ends of lines.")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace(UNKNOWN, "").strip():
        raise DataProblem(
            "data-empty", f"{where} holds nothing to read", where=where, note=UNCHANGED, help="give a text"
        )
    return RawText(text, tuple(notes))


def not_text(where: str, why: str) -> DataProblem:
    """What is no text, and what to do."""
    return DataProblem(
        "text-not-text",
        f"{Path(where).name} is no text: {why}",
        where=where,
        note=UNCHANGED,
        help="name how it is written with --set data.encoding=latin-1 (or utf-16, cp1252), "
        "or take it as it is with --set data.level=bytes",
    )


def _stdlib(choice: TextChoice) -> RawText:
    """The modules of the standard library that are one file each, in the order of their names."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    found: list[str] = []
    for path in sorted(folder.glob("*.py")):
        with tokenize.open(path) as file:
            found.append(file.read())
    if not found:
        raise UsageProblem(
            "data-not-here",
            "this Python came without the sources of its standard library",
            where=str(folder),
            help="name a text file instead",
        )
    text = "".join(found)
    note = f"The standard library of Python {sysconfig.get_python_version()}: {len(found)} modules; others differ."
    return RawText(text.encode() if choice.level == "bytes" else text, (note,))
