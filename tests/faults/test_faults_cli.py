"""What a person mistypes at the command line: exact code, exact exit code, no traceback, nothing changed."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from neocog.cli.main import run

Neocog = Callable[..., tuple[int, str, str]]


@pytest.fixture
def neocog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Neocog:
    """Run a command line in an empty folder: exit code, standard output, error stream."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


MISTYPED = [
    (("compar", "digits"), "verb-unknown", "did you mean `neocog compare`?"),
    (("photos/",), "verb-unknown", "did you mean `neocog compare photos/`?"),
    (("--versoin",), "verb-unknown", "did you mean `neocog --version`?"),
    (("compare", "digits", "--budgte", "9s"), "flag-unknown", "did you mean `--budget`?"),
    (("train", "--depth", "20"), "flag-unknown", "--set"),
    (("compare", "--seeds", "many"), "flag-value", "whole number"),
    (("compare", "--margin", "small"), "flag-value", "a number"),
    (("compare", "--budget"), "argument-missing", "neocog compare --help"),
    (("compare", "digits", "mnist"), "argument-unexpected", "mnist"),
    (("predict",), "argument-missing", "neocog predict --help"),
    (("compare", "--budget", "0"), "budget-malformed", "--budget 0"),
    (("compare", "--budget", "0s"), "budget-zero", "90s"),
    (("compare", "--budget", "epochs=0"), "budget-zero", "90s"),
    (("compare", "--budget", "soon"), "budget-malformed", "epochs=5"),
    (("compare", "--seeds", "0"), "seeds-range", "1 to 1000"),
    (("compare", "--margin", "-1"), "margin-range", "margin"),
    (("compare", "--margin", "100"), "margin-range", "margin"),
    (("compare", "--networks", "mpl"), "name-unknown", "did you mean `mlp`?"),
    (("compare", "--networks", "resnet[depth=20"), "name-malformed", "resnet[depth=20]"),
    (("compare", "--networks", "mlp,mlp"), "networks-twice", "mlp"),
    (("compare", "--networks", "resnet[dept=20]"), "option-unknown", "did you mean `depth`?"),
    (("compare", "--networks", "resnet[depth=9999]"), "option-value", "8 to 110"),
    (("compare", "--set", "network.dept=20"), "option-unknown", "neocog options NETWORK"),
    (("compare", "--set", "network.depth"), "setting-malformed", "--set network.depth=20"),
    (("compare", "--set", "decsent.rate=1"), "setting-unknown", "did you mean `descent.rate`?"),
    (("compare", "--set", "descent.rat=1"), "option-unknown", "did you mean `rate`?"),
    (("compare", "--set", "descent.rate=-1"), "option-value", "above 0"),
    (("compare", "--set", "descent.optimizer=adm"), "option-value", "did you mean `adam`?"),
    (("compare", "--set", "data.labl_column=x"), "option-unknown", "did you mean `label_column`?"),
    (("compare", "--size", "0"), "option-value", "4 to 1024"),
    (("compare", "--device", "gpu"), "flag-value", "cuda"),
    (("compare", "--device", "cudda"), "flag-value", "did you mean `cuda`?"),
    (("compare", "--augment", "rotaton=15"), "option-unknown", "did you mean `rotation`?"),
    (("compare", "--augment", "rotation"), "name-malformed", ""),
    (("check", "digitz"), "data-missing", "did you mean `digits`?"),
    (("check", "no/such/folder"), "data-missing", "no/such/folder"),
    (("compare", "digitz", "--budget", "9s"), "data-missing", "did you mean `digits`?"),
    (("train", "digits", "--network", "resnt"), "name-unknown", "did you mean `resnet`?"),
    (("train", "digits", "--network", "no_such_module_x:Net"), "module-not-found", "no_such_module_x"),
    (("train", "digits", "--seed", "-1"), "option-value", "at least 0"),
    (("lr-find", "digits", "--steps", "0"), "option-value", "10 to 100000"),
    (("summary", "resnt"), "name-unknown", "did you mean `resnet`?"),
    (("summary", "mlp", "--set", "descent.rate=1"), "setting-without-effect", "data."),
    (("options", "resnt"), "name-unknown", "did you mean `resnet`?"),
    (("resume", "runs/none"), "run-missing", "neocog train"),
    (("evaluate", "runs/none", "digits"), "run-missing", "neocog train"),
    (("predict", "runs/none", "image.png"), "run-missing", "neocog train"),
    (("report", "runs/none"), "comparison-missing", "neocog compare"),
]


@pytest.mark.parametrize(("arguments", "code", "hint"), MISTYPED, ids=[" ".join(a) for a, _, _ in MISTYPED])
def test_mistyped(neocog: Neocog, tmp_path: Path, arguments: tuple[str, ...], code: str, hint: str) -> None:
    exit_code, out, err = neocog(*arguments)
    assert exit_code == 2, err
    assert f"error[{code}]" in err and hint in err, err
    assert out == "" and "Traceback" not in err and 'File "' not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "code", "hint"), MISTYPED[::5], ids=[" ".join(a) for a, _, _ in MISTYPED[::5]])
def test_machines_get_the_same_fields(neocog: Neocog, arguments: tuple[str, ...], code: str, hint: str) -> None:
    exit_code, out, err = neocog(*arguments, "--json")
    problem = json.loads(err.splitlines()[-1])
    assert exit_code == 2 and out == ""
    assert problem["code"] == code and problem["exit_code"] == 2
    assert set(problem) >= {"code", "what", "where", "note", "help", "exit_code"}


def test_several_mistakes_are_told_at_once(neocog: Neocog) -> None:
    exit_code, _, err = neocog("compare", "--set", "descent.rat=1", "--set", "descent.clip=-1")
    assert exit_code == 2 and err.count("error[") == 2


def test_debug_shows_where(neocog: Neocog) -> None:
    exit_code, _, err = neocog("compare", "--budget", "0s", "--debug")
    assert exit_code == 2 and "Traceback" in err and "error[budget-zero]" in err


def test_names_cannot_control_the_terminal(neocog: Neocog) -> None:
    exit_code, _, err = neocog("check", "evil\x1b[2J\u202egpj")
    assert exit_code == 2 and "\x1b" not in err and "\u202e" not in err


def test_our_own_fault_is_told_apart(neocog: Neocog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a planted fault gives 70 and says that it is ours."""
    import neocog.cli.networks as command

    def fail(flags: object) -> None:
        raise KeyError("planted")

    monkeypatch.setattr(command, "Output", fail)
    exit_code, out, err = neocog("networks")
    assert exit_code == 70 and "our fault" in err and "Traceback" not in err and out == ""


def test_help_commands_exist() -> None:
    """Every `neocog ...` command that a message of the command line names has a verb and flags that exist."""
    from neocog.cli.app import build
    from neocog.cli.verbs import NAMES

    source = "\n".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "src").rglob("*.py"))
    commands = set(re.findall(r"`neocog ([a-z-]+)([^`]*)`", source))
    assert commands
    for verb, rest in commands:
        assert verb.startswith("--") or verb in NAMES, verb
        if verb in NAMES:
            known = {n for argument in build()[verb].assemble_argument_collection() for n in argument.names}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known | {"--help"}, (verb, rest)
