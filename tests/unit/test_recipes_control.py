"""Tiny versions of the recipes of control: what they promise to give is what they state."""

import importlib.util
from pathlib import Path
from types import ModuleType

from source_tree import ROOT


def recipe_of(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", ROOT / "recipes" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_catch_is_played_and_filmed(tmp_path: Path) -> None:
    module = recipe_of("catch")
    found = module.recipe(None, tmp_path, seeds=1, share=0.02, network="mlp[widths=16]")
    assert found.keys() == module.STATED.keys()
    assert {"ppo-episode-0.gif", "dqn-episode-0.png"} <= {path.name for path in tmp_path.iterdir()}


def test_cartpole_states_what_it_gives() -> None:
    module = recipe_of("cartpole")
    assert set(module.STATED) >= {"mean_return", "moves_per_second"}
