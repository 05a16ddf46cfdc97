"""What is said of leakage: the same sentences for the terminal, the JSON and the report."""

import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from neocog.runs.clean_scores import CleanScores
from neocog.runs.leakage import CopyPair, Item, Leakage

IN_MEMORY = "in memory"
SMALL = 48  # pixels of a side, up to which a caution is said
_EXAMPLES = 3
_FLAGS = {"size": "--size", "root": "--root", "skip_bad": "--skip-bad", "ignore_class": "--ignore-class"}


def answer_sentence(leakage: Leakage) -> str:
    """Whether the test part was clean, first thing."""
    test = leakage.items["test"]
    found = len(leakage.leaked())
    if leakage.answer == "no":
        share = 100 * found / max(1, test)
        return (
            f"No: {_images(found)} of the {test:,} in the test part ({share:.2g} %) have a copy in train or val, "
            f"{len(leakage.equal['test']):,} equal in every pixel and {len(leakage.alike['test']):,} nearly so."
        )
    if leakage.near:
        return (
            f"That cannot be told: no test image equals one of train or val in every pixel, but copies that were "
            f"changed (resized, recompressed, cropped) were not looked for: {leakage.near}."
        )
    if leakage.answer == "cannot be told":
        return "That cannot be told: no test image is a copy of one of train or val, but groups may be divided."
    return "Yes: no test image is a copy of one of train or val, neither equal nor nearly so."


def further_sentences(leakage: Leakage) -> list[str]:
    """What else was found, each in a sentence; without the answer and the repair."""
    said = []
    if leakage.leaked() and leakage.near:
        said.append(f"Copies that were changed were not looked for: {leakage.near}.")
    if leakage.size <= SMALL and not leakage.near:
        said.append(
            f"At {leakage.size} pixels a side this was measured on photographs; drawings and characters look alike "
            "sooner, so look at the pairs."
        )
    val = len(leakage.leaked("val"))
    if val:
        said.append(
            f"{_images(val)} of val {_have(val)} a copy in train, so that choices made on val favour learning by heart."
        )
    within = {part: count for part, count in leakage.within.items() if count}
    if within:
        told = ", ".join(f"{count:,} in {part}" for part, count in within.items())
        said.append(f"Images that repeat another one of their own part: {told}. They count double, but leak nothing.")
    if leakage.conflicts:
        said.append(
            f"{leakage.conflicts:,} pair{'s' * (leakage.conflicts != 1)} of copies carry different labels: one of the "
            "two labels must be wrong."
        )
    if leakage.guess is not None:
        divided = leakage.guess.divided
        kept = "none of them is divided between the parts" if not divided else f"{divided:,} are divided between parts"
        said.append(f"{leakage.guess.sentence} Of these groups {kept}.")
    return said


def repair_sentence(leakage: Leakage) -> list[str]:
    """How the data are divided anew; nothing where there is nothing to repair."""
    if not leakage.repair:
        return []
    return [f"To compare on clean parts, add --split-by-group {leakage.repair} to the command, with another folder."]


def clean_sentences(clean: CleanScores | None, leakage: Leakage) -> list[str]:
    """How the scores are to be read; nothing where the test part is clean as far as is known."""
    if not leakage.leaked():
        return []
    if clean is None:
        return ["Too few test items are left without a copy to score the networks on them alone."]
    scored = f"Scored on the {clean.items:,} test items without a copy ({clean.shown})"
    return [f"{scored}:", *clean.changed] if clean.changed else [f"{scored}, no answer changes."]


def warnings_of(leakage: Leakage, command: str) -> list[str]:
    """What is to be said before training; nothing if all is well. It stops nothing."""
    said = []
    across = [pair for pair in leakage.pairs if pair.a.part != pair.b.part]
    if across:
        examples = "; ".join(pair_words(pair) for pair in across[:_EXAMPLES])
        test, val = len(leakage.leaked()), len(leakage.leaked("val"))
        said.append(
            f"warning: the parts share images: {_images(test)} of test and {_images(val)} of val have a copy in an "
            f"earlier part, such as {examples}"
        )
    if leakage.guess is not None and leakage.guess.divided and not leakage.grouped:
        said.append(
            f"warning: groups may be divided: {leakage.guess.sentence} {leakage.guess.divided:,} of them are in more "
            "than one part."
        )
    if leakage.near:
        said.append(f"Copies that were changed (resized, recompressed, cropped) were not looked for: {leakage.near}.")
    if said and command:
        said.append(f"To divide anew: {command}")
    return said


def pair_words(pair: CopyPair) -> str:
    """A pair in words."""
    how = "=" if pair.equal else f"~ ({pair.likeness:.2f})"
    labels = f"; labelled {pair.a.label} and {pair.b.label}" if pair.conflict else ""
    return f"{_named(pair.a)} {how} {_named(pair.b)}{labels}"


def _named(item: Item) -> str:
    """A name with its part, unless the name begins with that."""
    return item.name if item.name.startswith(f"{item.part}/") else f"{item.part}: {item.name}"


def repair_command(leakage: Leakage, choice: Any, verb: str, more: Sequence[str] = ()) -> str:
    """The command that divides these data so that no group is divided; empty where nothing is to be repaired."""
    if not leakage.repair:
        return ""
    if choice.name == IN_MEMORY:
        return f"give from_arrays(..., choice=DataChoice(group_column={leakage.repair!r}))"
    words = ["neocog", verb, choice.name, *more]
    for field in fields(choice):
        value = getattr(choice, field.name)
        if field.name in ("name", "group_column") or value in (field.default, None, ()):
            continue
        flag = _FLAGS.get(field.name)
        if isinstance(value, tuple) and flag:
            words += [text for each in value for text in (flag, str(each))]
        elif flag:
            words += [flag] if value is True else [flag, str(value)]
        else:
            text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
            words += ["--set", f"data.{field.name}={text.lower() if isinstance(value, bool) else text}"]
    return shlex.join([*words, "--split-by-group", leakage.repair])


def _images(count: int) -> str:
    return f"{count:,} image{'s' * (count != 1)}"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
