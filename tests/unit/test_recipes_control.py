"""Tiny versions of the recipes of control: what they promise to give is what they state."""

from pathlib import Path

from source_tree import recipe_of


def test_catch_is_played_and_filmed(tmp_path: Path) -> None:
    module = recipe_of("catch")
    found = module.recipe(None, tmp_path, seeds=1, share=0.02, network="mlp[widths=16]")
    assert found.keys() == module.STATED.keys()
    assert {"ppo-episode-0.gif", "dqn-episode-0.png"} <= {path.name for path in tmp_path.iterdir()}


def test_cartpole_is_trained_in_gymnasium(tmp_path: Path) -> None:
    module = recipe_of("cartpole")
    found = module.recipe(None, tmp_path, steps=1, moves=20)
    assert {"mean_return", "moves_per_second"} <= found.keys() <= module.STATED.keys()
    assert 1 <= found["mean_return"] <= 500
