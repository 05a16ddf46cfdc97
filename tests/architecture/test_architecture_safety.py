"""Nothing in the package turns bytes into code: by its syntax trees, not by searching text."""

import ast
from collections.abc import Iterator

import pytest

from source_tree import modules, short, tree

FORBIDDEN_MODULES = [
    "cloudpickle",
    "dill",
    "joblib",
    "jsonpickle",
    "marshal",
    "pickle",
    "pickletools",
    "runpy",
    "shelve",
    "torch.hub",
    "yaml",
]
FORBIDDEN_BUILTINS = ["__import__", "compile", "eval", "exec"]
FORBIDDEN_CALLS = [
    "os.popen",
    "os.system",
    "pandas.read_pickle",
    "pd.read_pickle",
    "torch.jit.load",
    "torch.load",
    "torch.save",
]
IMPORT_BY_NAME = {"__init__.py", "core/catalogue.py"}
"""The lazy public names, and ``module:Class`` that the user typed or allowed."""


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def breaches(module: ast.Module) -> Iterator[str]:
    """What the promise forbids, as found in a syntax tree."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name}" for alias in node.names if forbidden(alias.name))
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (f"import {name}" for name in names if forbidden(name) or name in FORBIDDEN_CALLS)
        elif isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_BUILTINS and node.id != "compile":
            yield node.id


def forbidden(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:end]) in FORBIDDEN_MODULES for end in range(1, len(parts) + 1))


def _called(node: ast.Call) -> Iterator[str]:
    if dotted(node.func) in [*FORBIDDEN_CALLS, "compile"]:
        yield dotted(node.func)
    for keyword in node.keywords:
        allowed = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        if keyword.arg in ("allow_pickle", "shell", "trust_remote_code") and not allowed:
            yield f"{keyword.arg}={ast.unparse(keyword.value)}"


def test_no_file_of_the_package_can_run_what_it_reads() -> None:
    assert [f"{short(path)}: {breach}" for path in modules() for breach in breaches(tree(path))] == []


def test_only_two_files_import_by_name() -> None:
    found = {
        short(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "import_module"
    }
    assert found <= IMPORT_BY_NAME


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('a')",
        "from torch import load",
        "import numpy as np\nnp.load('a', allow_pickle=True)",
        "import numpy as np\nnp.load('a', allow_pickle=flag)",
        "eval('1')",
        "run = exec",
        "__import__('os')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "from torch import hub",
        "compile(text, 'a', 'exec')",
    ],
)
def test_a_breach_would_be_noticed(code: str) -> None:
    assert list(breaches(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["network.eval()", "engine = Engine(compile=compile)", "re.compile('a')", "np.load('a', allow_pickle=False)"],
)
def test_what_is_harmless_is_let_be(code: str) -> None:
    assert not list(breaches(ast.parse(code)))
