"""Tiny versions of the recipes of clustering: what they promise to give is what they state."""

from pathlib import Path

import numpy as np

from source_tree import recipe_of


def test_k_means_on_digits_is_scikit_learns(tmp_path: Path) -> None:
    module = recipe_of("kmeans_digits")
    found = module.recipe(None, tmp_path, starts=1, passes=3)
    assert found.keys() == module.STATED.keys()
    assert found["worst_relative_difference"] < 1e-6


def test_deep_embedded_clustering_runs_on_digits(tmp_path: Path) -> None:
    module = recipe_of("dec_mnist")
    found = module.recipe(None, tmp_path, seeds=1, budget="epochs=2", name="digits")
    assert found.keys() == module.STATED.keys()


def test_customers_are_divided(tmp_path: Path) -> None:
    module, random = recipe_of("wholesale"), np.random.default_rng(0)
    kinds = np.arange(60) % 3
    spent = np.exp(random.normal(np.array([[7, 8, 9], [9, 6, 7], [6, 9, 6]])[kinds], 0.3))
    rows = [f"{kind % 2},{kind},{a:.0f},{b:.0f},{c:.0f}" for kind, (a, b, c) in zip(kinds, spent, strict=True)]
    (tmp_path / "tabular").mkdir()
    table = tmp_path / "tabular" / "wholesale_customers.csv"
    table.write_text("\n".join(["Channel,Region,Fresh,Milk,Frozen", *rows]))
    found = module.recipe(tmp_path, tmp_path / "into", most=4, seeds=1)
    assert found.keys() == module.STATED.keys()
    assert found["clusters"] == 3
    assert {"plane.svg", "profiles.svg"} <= {path.name for path in (tmp_path / "into").iterdir()}
