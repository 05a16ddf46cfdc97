"""Customer segments: 440 wholesale customers by what they spend in a year, from 2 clusters to 6.

Spending is spread over orders of magnitude, so that columns are scaled as log(1 + x). Channel (hotels and restaurants,
or retail) is known and chooses nothing; it is compared with at the end, and Region is left out. The number of clusters
with the best silhouette on validation is taken. Draws the plane and the profiles of that division.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from neocog.figures.standalone import save
from neocog.runs.predictor import Predictor
from neocog.runs.train import train
from neocog.tasks.task import Samples

STATED: dict[str, float | None] = {
    "clusters": 2.0,
    "silhouette": 0.289,
    "adjusted_rand_with_channel": 0.592,
    "matched_accuracy_with_channel": 0.886,
}
MOST, SEEDS = 6, 5
READING = {"label_column": "Channel", "ignore_columns": ("Region",), "scale": "log", "val": 0.2}


def recipe(root: Path | None, into: Path, *, most: int = MOST, seeds: int = SEEDS) -> dict[str, float]:
    """Divide the customers; ``root`` holds tabular/wholesale_customers.csv."""
    table = (root or Path()) / "tabular" / "wholesale_customers.csv"
    runs: dict[int, list[Predictor]] = {}
    for clusters in range(2, most + 1):
        runs[clusters] = [_trained(table, into, clusters, seed) for seed in range(seeds)]
        print(f"{clusters} clusters: silhouette on validation {_chosen_by(runs[clusters]):.3f}")
    best = max(runs, key=lambda clusters: _chosen_by(runs[clusters]))
    run = max(runs[best], key=lambda each: each.facts["val_scores"]["silhouette"])
    record = run.folder.record("test")
    names = [f"customer {row}" for row in range(len(record["clusters"]))]
    for figure in run.task.figures(Samples(names, {"kmeans": [record]}, {})):
        print(f"{figure.alt}\n-> {save(figure, into / f'{figure.key}.svg')}")
    scores = run.facts["test_scores"]
    return {
        "clusters": float(best),
        "silhouette": scores["silhouette"],
        "adjusted_rand_with_channel": scores["adjusted_rand"],
        "matched_accuracy_with_channel": scores["matched_accuracy"],
    }


def _trained(table: Path, into: Path, clusters: int, seed: int) -> Predictor:
    settings = {"task.clusters": clusters, "plan.evaluations": 1}
    return train(
        str(table), "kmeans", task="cluster", budget="epochs=50", seed=seed, into=into / f"{clusters}-{seed}",
        settings=settings, **READING,
    )  # fmt: skip


def _chosen_by(runs: list[Predictor]) -> float:
    return float(np.mean([run.facts["val_scores"]["silhouette"] for run in runs]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the folder that holds tabular/")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
