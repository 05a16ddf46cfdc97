"""Files, functions and signatures stay small enough to read."""

import ast
from pathlib import Path

from source_tree import Function, functions, modules, short, tree

FILE_LINES = 400
FUNCTION_LINES = 60
PARAMETERS = 7

FRONT_DOORS = {
    "data/image_source.py: ImageSource.__init__",
    "data/open.py: from_arrays",
    "networks/resnet.py: ResNet.__init__",
    "runs/compare.py: compare",
    "runs/sensitivity.py: sensitivity",
    "runs/compare_folds.py: compare_folds",
    "runs/train.py: train",
    "testing/case.py: case",
}
"""Signatures that a person calls with names; the only ones that may be longer."""


def long_files(paths: list[Path]) -> list[str]:
    return [path.name for path in paths if len(path.read_text("utf-8").splitlines()) > FILE_LINES]


def long_functions(module: ast.Module) -> list[str]:
    return [name for name, node in functions(module) if code_lines(node) > FUNCTION_LINES]


def code_lines(node: Function) -> int:
    """The lines of a function without those of its docstring."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    prose = node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0
    return node.end_lineno - first + 1 - prose


def wide_signatures(module: ast.Module) -> list[str]:
    return [name for name, node in functions(module) if parameters(node) > PARAMETERS]


def parameters(node: Function) -> int:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([argument for argument in named if argument.arg not in ("self", "cls")])


def test_files_are_short() -> None:
    tests = sorted(Path(__file__).parents[1].rglob("*.py"))
    assert long_files(modules() + tests) == []


def test_functions_are_short() -> None:
    assert [f"{short(path)}: {name}" for path in modules() for name in long_functions(tree(path))] == []


def test_signatures_are_narrow_but_for_the_front_doors() -> None:
    """The command line is left out: the number of its flags is pinned in test_flags.py."""
    wide = {
        f"{short(path)}: {name}"
        for path in modules()
        for name in wide_signatures(tree(path))
        if not short(path).startswith("cli/")
    }
    assert wide == FRONT_DOORS


def test_what_is_too_large_would_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text("x = 1\n" * (FILE_LINES + 1))
    assert long_files([path]) == ["planted.py"]
    body = "    x = 1\n" * FUNCTION_LINES
    assert long_functions(ast.parse(f"class A:\n  def f(self):\n{body}")) == ["A.f"]
    assert long_functions(ast.parse(f'def f():\n    """a\n\n\n    b"""\n{body[10:]}')) == []
    assert wide_signatures(ast.parse("def f(a, b, c, d, e, /, g, *, h, i): ...")) == ["f"]
    assert wide_signatures(ast.parse("class A:\n  def f(self, a, b, c, d, e, g, *, h): ...")) == []
