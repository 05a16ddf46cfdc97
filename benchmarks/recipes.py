"""Repeat the recipes, and put what each reaches beside what it states and what it is to reach.

``python benchmarks/recipes.py --root FOLDER [NAME ...]`` runs those that are named, or all, one after another on an
otherwise idle machine; FOLDER holds the data that ``recipes/`` names. The exit status is 1 where a goal is missed.
"""

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

RECIPES = Path(__file__).resolve().parents[1] / "recipes"


def main() -> None:
    """Run them, print a table for each, and say whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = sorted(path.stem for path in RECIPES.glob("*.py"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all where none is named")
    parser.add_argument("--root", type=Path, help="the folder of the data")
    parser.add_argument("--into", type=Path, help="where the runs are kept; a folder that goes when it is left out")
    parser.add_argument("--json", type=Path, help="write everything to this file")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(known))
    if unknown:
        parser.error(f"no recipe is called {', '.join(unknown)}; there are {', '.join(known)}")
    told = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name in chosen.names or known:
            module = load(name)
            began = time.perf_counter()
            found = module.recipe(chosen.root, (chosen.into or Path(temporary)) / name)
            told[name] = rows(module, found)
            print(f"\n{name}, {time.perf_counter() - began:,.0f} s in all")
            print(table(told[name]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps({"date": time.strftime("%Y-%m-%d"), "recipes": told}, indent=1))
    missed = [name for name, figures in told.items() if any(each["met"] is False for each in figures)]
    sys.exit(f"\ngoals missed: {', '.join(missed)}" if missed else 0)


def load(name: str) -> ModuleType:
    """A recipe's file as a module."""
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", RECIPES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(module: ModuleType, found: dict[str, float]) -> list[dict[str, object]]:
    """Each figure that a recipe states or has a goal for: what it reached now, what it states, whether that is met.

    A figure that did not come out is a goal missed.
    """
    goals = getattr(module, "GOALS", {})
    return [
        {
            "figure": figure,
            "found": found.get(figure),
            "stated": module.STATED.get(figure),
            "goal": str(goals[figure]) if figure in goals else None,
            "met": goals[figure].holds(found.get(figure)) if figure in goals else None,
        }
        for figure in {**module.STATED, **goals}
    ]


def table(figures: list[dict[str, object]]) -> str:
    """The rows as text."""
    lines = [f"  {'figure':40s} {'found':>12s} {'stated':>12s}   goal"]
    for each in figures:
        verdict = "" if each["met"] is None else f"{each['goal']}: {'met' if each['met'] else 'MISSED'}"
        lines.append(f"  {each['figure']:40s} {_number(each['found']):>12s} {_number(each['stated']):>12s}   {verdict}")
    return "\n".join(lines)


def _number(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, (int, float)) else "-"


if __name__ == "__main__":
    main()
