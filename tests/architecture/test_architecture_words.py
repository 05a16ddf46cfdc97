"""Names stay where they belong: tasks' names in tasks/, cli/ and docs; nothing of one machine anywhere."""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from neocog.tasks.classify import Classify
from source_tree import ROOT, committed, functions, modules, short, tree

# Brackets keep these patterns from finding themselves.
OF_ONE_MACHINE = re.compile(
    r"py[p]i\.org|py[t]honhosted|registry\.n[p]mjs|(?<![\w.])/w[o]rk/|/f[a]rm/|/r[o]ot/|/t[m]p/|/h[o]me/\w|/U[s]ers/\w"
)


# Field terms that are also names of tasks ("boxes") may be used where arithmetic lives, but never as a name to act on.
ARITHMETIC = ("nn/", "measures/", "figures/", "networks/", "data/")


def mentions(module: ast.Module, tasks: Mapping[str, type], *, arithmetic: bool = False) -> set[str]:
    """Imports of a task's module, uses of its class, and (but for ``arithmetic``) its name as a string."""
    classes = {kind.__name__ for kind in tasks.values()}
    found = set()
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module=str(name)) if name.startswith("neocog.tasks.") and name != "neocog.tasks.task":
                found.add(name)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.ClassDef(name=name) if name in classes:
                found.add(name)
            case ast.Constant(value=str(text)) if text in tasks and not arithmetic:
                found.add(text)
    return found


def test_no_task_is_named_outside_tasks_and_the_command_line() -> None:
    from neocog.tasks import TASKS

    assert TASKS
    found = {
        f"{short(path)}: {name}"
        for path in modules()
        if not short(path).startswith(("tasks/", "cli/"))
        for name in mentions(tree(path), TASKS, arithmetic=short(path).startswith(ARITHMETIC))
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "if task == 'classify': ...",
        "from neocog.tasks.classify import anything",
        "class Classify: ...",
        "x.Classify()",
    ],
)
def test_a_task_s_name_would_be_noticed(code: str) -> None:
    assert mentions(ast.parse(code), {"classify": Classify})


@pytest.mark.parametrize("code", ['"""Used to classify images."""', "from neocog.measures import classification"])
def test_prose_and_other_words_are_let_be(code: str) -> None:
    assert not mentions(ast.parse(code), {"classify": Classify})


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
