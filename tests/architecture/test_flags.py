"""Few flags per verb: what belongs to a component goes through --set."""

import pytest

from neocog.cli.app import build
from neocog.cli.verbs import NAMES

FLAGS = {
    "check": 14,
    "compare": 22,
    "report": 5,
    "train": 19,
    "resume": 5,
    "reproduce": 6,
    "evaluate": 11,
    "predict": 6,
    "lr-find": 16,
    "summary": 13,
    "networks": 4,
    "datasets": 3,
    "options": 3,
    "cache": 4,
    "doctor": 3,
}
"""Those of how to read DATA, how to train and how to speak are shared, and declared once."""

SHARED = {
    "--json": "Print one JSON document",
    "--quiet": "No progress",
    "--debug": "Show a traceback",
}


def flags(verb: str) -> dict[str, str]:
    """The flags of a verb, each by its first name, with its help."""
    arguments = build()[verb].assemble_argument_collection(parse_docstring=True)
    named = [a for a in arguments if a.parse and a.field_info.is_keyword and not a.field_info.is_positional_only]
    return {argument.name: argument.parameter.help or "" for argument in named if argument.show}


def test_every_verb_is_pinned() -> None:
    assert set(FLAGS) == set(NAMES)


@pytest.mark.parametrize("verb", NAMES)
def test_number_of_flags(verb: str) -> None:
    assert len(flags(verb)) == FLAGS[verb], sorted(flags(verb))


@pytest.mark.parametrize("verb", NAMES)
def test_every_flag_is_explained_and_the_shared_ones_are_the_same(verb: str) -> None:
    found = flags(verb)
    assert all(found.values()), [name for name, help in found.items() if not help]
    for name, help in SHARED.items():
        assert found[name].startswith(help)


def test_a_flag_more_would_be_noticed() -> None:
    app = build()

    def more(*, one: int = 1, two: int = 2) -> None: ...

    app.command(more, name="more")
    assert len(app["more"].assemble_argument_collection()) == 2
