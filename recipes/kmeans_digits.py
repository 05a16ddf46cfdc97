"""k-means on the digits that come with scikit-learn: ours beside scikit-learn's, from the same starts.

Full batch: the inertia after 100 passes differs from that of scikit-learn's Lloyd, begun at the same centroids, by
less than a millionth. Mini-batch: medians over 10 starts beside MiniBatchKMeans with the same batch and passes.
"""

import argparse
import json
import warnings
from pathlib import Path
from statistics import median

import numpy as np
import torch
from sklearn.cluster import KMeans, MiniBatchKMeans

from neocog.core.progress import Silent
from neocog.core.rules import Between
from neocog.core.seeds import stream
from neocog.data.family import Batching
from neocog.learners.centroid_start import drawn_generator, plus_plus
from neocog.runs.predictor import Predictor
from neocog.runs.setup import open_data
from neocog.runs.train import train
from neocog.tasks.cluster import Cluster

STATED: dict[str, float | None] = {
    "worst_relative_difference": 1.6e-9,
    "full_batch_inertia": 22431.4,
    "mini_batch_inertia": 23202.9,
    "mini_batch_inertia_of_scikit_learn": 23072.4,
    "matched_accuracy": 0.745,
}
GOALS = {"worst_relative_difference": Between(0, 1e-6)}
STARTS, PASSES, MINI_PASSES, BATCH = 10, 100, 20, 128


def recipe(root: Path | None, into: Path, *, starts: int = STARTS, passes: int = PASSES) -> dict[str, float]:
    """Train from so many starts each, and compare inertias on the training part."""
    _, data = open_data(Cluster, "digits", {}, device="cpu", download=False, keep=False, progress=Silent())
    task = Cluster.for_data(data, Cluster.usual_descent)
    points = torch.cat([batch.images.flatten(1) for batch in task.still(data, "train", Batching(2000)).batches(0, 0)])
    differences, ours, mini, theirs, matched = [], [], [], [], []
    for seed in range(starts):
        run = _trained(into / f"full-{seed}", seed, passes, "full-batch")
        ours.append(_inertia(run, data))
        lloyd = _lloyd(points, seed, passes)
        differences.append(abs(ours[-1] / lloyd - 1))
        matched.append(run.facts["test_scores"]["matched_accuracy"])
        mini.append(_inertia(_trained(into / f"mini-{seed}", seed, min(MINI_PASSES, passes), "mini-batch"), data))
        theirs.append(_mini(points, seed, min(MINI_PASSES, passes)))
        print(f"start {seed}: {ours[-1]:,.2f} (scikit-learn's {lloyd:,.2f})")
        print(f"    mini-batch {mini[-1]:,.1f} (scikit-learn's {theirs[-1]:,.1f})")
    return {
        "worst_relative_difference": max(differences),
        "full_batch_inertia": median(ours),
        "mini_batch_inertia": median(mini),
        "mini_batch_inertia_of_scikit_learn": median(theirs),
        "matched_accuracy": median(matched),
    }


def _trained(into: Path, seed: int, passes: int, method: str) -> Predictor:
    settings = {"task.method": method, "plan.batch_size": BATCH, "plan.evaluations": 1}
    return train("digits", "kmeans", task="cluster", budget=f"epochs={passes}", seed=seed, into=into, settings=settings)


def _inertia(run: Predictor, data: object) -> float:
    return run.task.scores(run.record(data, "train"))["inertia"]  # type: ignore[arg-type]


def _lloyd(points: torch.Tensor, seed: int, passes: int) -> float:
    """scikit-learn's, from the centroids that the run of this seed began with."""
    with torch.random.fork_rng():
        torch.manual_seed(stream(seed, "training"))
        start = plus_plus(points, 10, drawn_generator()).double().numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(KMeans(10, init=start, n_init=1, max_iter=passes, tol=0.0).fit(_exact(points)).inertia_)


def _mini(points: torch.Tensor, seed: int, passes: int) -> float:
    found = MiniBatchKMeans(10, batch_size=BATCH, max_iter=passes, n_init=1, random_state=seed, max_no_improvement=None)
    return float(found.fit(_exact(points)).inertia_)


def _exact(points: torch.Tensor) -> np.ndarray:
    return points.double().numpy().copy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="not needed: the digits come with scikit-learn")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
