"""cli/main: exit codes, words, and nothing but words."""

import json
import os
import signal
import sys
from subprocess import PIPE, Popen, run

import pytest

from neocog.cli import main as entry
from neocog.core.errors import DataProblem, FolderInUse, Problem, StorageProblem, TrainingProblem, UsageProblem


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Any command line raises what is put in here."""
    raised: list[BaseException] = []

    def fail(arguments: object) -> None:
        raise raised[0]

    monkeypatch.setattr(entry, "_dispatch", fail)
    return raised


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (UsageProblem("u", "w"), 2),
        (DataProblem("d", "w"), 65),
        (TrainingProblem("t", "w"), 69),
        (Problem("p", "w"), 70),
        (FolderInUse("f", "w"), 73),
        (StorageProblem("s", "w"), 74),
    ],
)
def test_problems(
    failing: list[BaseException], problem: Problem, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(problem)
    assert entry.run(["compare"]) == code
    said = capsys.readouterr()
    assert said.err == f"{problem}\n" and said.out == ""
    assert entry.run(["compare", "--json"]) == code
    assert json.loads(capsys.readouterr().err) == problem.as_json()


def test_our_fault_says_so_and_hides_the_traceback(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    assert entry.run(["compare"]) == 70
    said = capsys.readouterr().err
    assert said.startswith("error[our-fault]") and "our fault" in said and "Traceback" not in said
    assert "--debug" in said and "tracker" not in said, "no place to send it to is known"
    assert entry.run(["compare", "--debug"]) == 70
    said = capsys.readouterr().err
    assert "Traceback" in said and "ZeroDivisionError" in said


def test_debug_through_the_environment(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.append(DataProblem("d", "w"))
    monkeypatch.setenv("NEOCOG_DEBUG", "1")
    assert entry.run(["compare"]) == 65
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("interrupt", "code"), [(KeyboardInterrupt(), 130), (entry.Terminated(), 143)])
def test_signals(failing: list[BaseException], interrupt: KeyboardInterrupt, code: int) -> None:
    failing.append(interrupt)
    assert entry.run(["train"]) == code


def test_a_run_that_was_saved_says_how_to_go_on(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt = entry.Terminated("saved")
    interrupt.signal = int(signal.SIGTERM)  # type: ignore[attr-defined]
    interrupt.help = "go on with `neocog resume runs/a`"  # type: ignore[attr-defined]
    failing.append(interrupt)
    assert entry.run(["train"]) == 143
    assert "neocog resume runs/a" in capsys.readouterr().err


def test_front_page_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    pages = []
    for arguments in ([], ["--help"], ["-h"]):
        assert entry.run(arguments) == 0
        pages.append(capsys.readouterr().out)
    assert pages[0] == pages[1] == pages[2] and "compare" in pages[0]
    assert max(map(len, pages[0].splitlines())) <= 100
    assert entry.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("neocog ")


def test_a_closed_pipe_is_quiet() -> None:
    read, write = os.pipe()
    os.close(read)
    with Popen([sys.executable, "-m", "neocog", "--help"], stdout=write, stderr=PIPE) as process:
        os.close(write)
        assert process.stderr is not None
        said = process.stderr.read()
    assert said == b"" and process.returncode == 141


def test_the_module_is_the_command() -> None:
    done = run([sys.executable, "-m", "neocog", "compar"], capture_output=True, text=True)
    assert done.returncode == 2 and "did you mean `neocog compare`?" in done.stderr and done.stdout == ""
