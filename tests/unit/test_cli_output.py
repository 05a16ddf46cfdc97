"""cli/output: results on the standard output, everything else on the error stream."""

import json
from pathlib import Path

import numpy as np
import pytest

from neocog.cli.output import Output, count, dumps, percent, size
from neocog.cli.shared import OutputFlags


def test_a_person_gets_text_and_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(OutputFlags())
    out.note("a note")
    out.say("a result \x1b[2J")
    out.document({"a": 1})
    out.table("title", ("name", "value>"), [("[bold]x", "1")])
    said = capsys.readouterr()
    assert said.err == "a note\n"
    assert said.out.startswith("a result \\x1b[2J\n") and "[bold]x" in said.out and "{" not in said.out


def test_a_machine_gets_the_document_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(OutputFlags(json=True))
    out.note("a note")
    out.say("a result")
    out.table("title", ("name",), [("x",)])
    out.document({"a": Path("b"), "c": (np.float64(0.5), float("nan")), "d": np.arange(2), 3: {"e"}})
    said = capsys.readouterr()
    assert json.loads(said.out) == {"a": "b", "c": [0.5, None], "d": [0, 1], "3": ["e"]}
    assert said.err == "a note\n"


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(OutputFlags(quiet=True))
    out.note("a note")
    out.progress().say("progress")
    out.say("a result")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("a result\n", "")


def test_names_that_are_no_unicode_survive_json() -> None:
    assert json.loads(dumps({"file": "\udcff"})) == {"file": "\udcff"}
    assert "\n" not in dumps({"file": "a\nb"})


def test_numbers_in_words() -> None:
    assert [count(n) for n in (0, 999, 12_345, 1_234_567, 2.5e9)] == ["0", "999", "12,345", "1.23 M", "2.5 G"]
    assert [size(n) for n in (12, 1500, 12.9e6, 3e9)] == ["12 bytes", "1.5 kB", "12.9 MB", "3.0 GB"]
    assert percent(0.93214) == "93.21 %"
