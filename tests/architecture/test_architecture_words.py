"""Names stay where they belong: tasks' names in tasks/, cli/ and docs; nothing of one machine anywhere."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from source_tree import ROOT, committed, functions, modules, short, tree

# Brackets keep these patterns from finding themselves.
OF_ONE_MACHINE = re.compile(
    r"py[p]i\.org|py[t]honhosted|registry\.n[p]mjs|(?<![\w.])/w[o]rk/|/f[a]rm/|/r[o]ot/|/t[m]p/|/h[o]me/\w|/U[s]ers/\w"
)


def words(text: str) -> set[str]:
    """The words of an identifier or a name: ``classify_rows`` and ``ClassifyRows`` have ``classify`` and ``rows``."""
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower().replace("-", "_").split("_"))


def names(module: ast.Module) -> Iterator[str]:
    """Identifiers, imported modules and the strings that are one word: not prose, not docstrings."""
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases):
                yield from (part for alias in aliases for part in alias.name.split("."))
            case ast.ImportFrom(module=str(name), names=aliases):
                yield from [*name.split("."), *(alias.name for alias in aliases)]
            case ast.Constant(value=str(text)) if re.fullmatch(r"[\w-]+", text):
                yield text


def mentions(module: ast.Module, tasks: Iterable[str]) -> set[str]:
    return {name for name in names(module) for task in tasks if words(task) <= words(name)}


def test_no_task_is_named_outside_tasks_and_the_command_line() -> None:
    from neocog.tasks import TASKS

    assert TASKS
    found = {
        f"{short(path)}: {name}"
        for path in modules()
        if not short(path).startswith(("tasks/", "cli/"))
        for name in mentions(tree(path), TASKS)
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "if task == 'classify': ...",
        "from neocog.tasks.classify import Classify",
        "def classify_rows(): ...",
        "x.Classify()",
    ],
)
def test_a_task_s_name_would_be_noticed(code: str) -> None:
    assert mentions(ast.parse(code), ["classify"])


@pytest.mark.parametrize("code", ['"""Used to classify images."""', "from neocog.measures import classification"])
def test_prose_and_other_words_are_let_be(code: str) -> None:
    assert not mentions(ast.parse(code), ["classify"])


def test_fit_is_one_short_loop_that_knows_no_task() -> None:
    from neocog.tasks import TASKS

    loop = tree(ROOT / "src" / "neocog" / "fit" / "loop.py")
    (fit,) = (node for name, node in functions(loop) if name == "fit")
    assert fit.end_lineno - fit.lineno + 1 < 60
    text = ast.unparse(loop).lower()
    stems = {task[:7] for task in TASKS} | {"classif", "image", "label", "neocog.tasks"}
    assert [stem for stem in stems if stem in text] == []


def lines_of_one_machine(paths: Iterable[Path]) -> list[str]:
    found = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.name}:{i}" for i, line in enumerate(text.splitlines(), 1) if OF_ONE_MACHINE.search(line)]
    return found


def test_no_committed_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    assert lines_of_one_machine(committed()) == []


@pytest.mark.parametrize("line", ["see /wor" + "k/main", "from https://py" + "pi.org/simple", "open('/tm" + "p/x')"])
def test_a_machine_s_path_would_be_noticed(tmp_path: Path, line: str) -> None:
    (tmp_path / "planted.md").write_text(f"fine\n{line}\n")
    assert lines_of_one_machine([tmp_path / "planted.md"]) == ["planted.md:2"]
