"""`neocog --help` answers at once because it imports next to nothing; benchmarks/help_time.py measures the time."""

import sys
from subprocess import run

import pytest

HEAVY = ("torch", "numpy", "PIL", "sklearn", "scipy", "torchvision", "safetensors", "jinja2")
CODE = """
import sys
from neocog.cli.main import run
code = run({arguments})
print(",".join(sorted(set({heavy}) & set(sys.modules))), file=sys.stderr)
sys.exit(code)
"""


def imported_by(arguments: list[str]) -> tuple[int, str]:
    done = run([sys.executable, "-c", CODE.format(arguments=arguments, heavy=HEAVY)], capture_output=True, text=True)
    return done.returncode, done.stderr.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--help"], [], ["--version"], ["compare", "--help"], ["train", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(arguments) == (0, "")


@pytest.mark.parametrize("arguments", [["compar"], ["compare", "--budgte", "9s"], ["compare", "--seeds", "many"]])
def test_a_misspelt_command_line_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(arguments) == (2, "")


def test_the_front_page_does_without_the_command_line_library() -> None:
    look = "sys.exit(len({'cyclopts', 'rich'} & set(sys.modules)))"
    code = f"import sys; from neocog.cli.main import run; run(['--help']); {look}"
    assert run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_what_is_imported_would_be_noticed() -> None:
    code, heavy = imported_by(["networks"])
    assert code == 0 and "torch" in heavy
