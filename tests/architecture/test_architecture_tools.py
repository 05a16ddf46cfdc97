"""ruff, mypy and import-linter are content, and each of them would notice."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from source_tree import PACKAGE, ROOT

BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN / command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)


def assert_clean(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    assert_clean(run("ruff", "check", "--no-cache", "."))


def test_ruff_would_format_nothing() -> None:
    assert_clean(run("ruff", "format", "--no-cache", "--check", "."))


def test_mypy_finds_nothing() -> None:
    assert_clean(run("mypy"))


def test_the_layers_hold() -> None:
    assert_clean(run("lint-imports", "--no-cache"))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('def f() -> None:\n    """Do."""\n    import json\n\n    json\n', "PLC0415"),
        ("def f() -> None:\n    return None\n", "D103"),
        ("print(1)\n", "T201"),
    ],
)
def test_ruff_would_notice(body: str, rule: str) -> None:
    command = [BIN / "ruff", "check", "--no-cache", "--stdin-filename", "src/neocog/core/planted.py", "-"]
    code = f'"""Planted."""\n\n\n{body}'
    done = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert rule in done.stdout


def test_mypy_would_notice(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("def f(x):\n    return x\n")
    done = run(
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
        str(tmp_path / "planted.py"),
    )
    assert "no-untyped-def" in done.stdout


def test_import_linter_would_notice_an_upward_arrow(tmp_path: Path) -> None:
    """A small package of the same folders, in which core imports fit."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = settings["contracts"][0]["layers"]
    folders = [name.strip(" ()").removeprefix("neocog.") for row in layers for name in row.split("|")]
    for folder in folders:
        (tmp_path / "neocog" / folder).mkdir(parents=True)
        (tmp_path / "neocog" / folder / "__init__.py").touch()
    (tmp_path / "neocog" / "__init__.py").touch()
    for exception in settings["contracts"][0]["ignore_imports"]:
        importer, imported = (tmp_path / f"{name.replace('.', '/')}.py" for name in exception.split(" -> "))
        importer.write_text(f"import {exception.split(' -> ')[1]}\n")
        imported.touch()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    good = run("lint-imports", "--no-cache", cwd=tmp_path)
    (tmp_path / "neocog" / "core" / "__init__.py").write_text("import neocog.fit\n")
    bad = run("lint-imports", "--no-cache", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert bad.returncode == 1
    assert "neocog.core -> neocog.fit" in bad.stdout


def test_every_folder_has_its_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    named = {name.strip(" ()") for row in settings["contracts"][0]["layers"] for name in row.split("|")}
    folders = {f"neocog.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")}
    assert folders <= named
