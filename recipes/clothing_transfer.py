"""Clothing, from 1,000 photographs: ImageNet's MobileNetV2 as it is (probe), fine-tuned, and from scratch.

The probe: what the frozen body gives for each photograph, computed once, and scikit-learn's logistic regression on it;
its C is the one that is best on the validation part. The fine-tuned network and the one from scratch are arms of one
comparison, with three seeds, the same steps, and the same augmentation; their test accuracies have the comparison's
intervals. In these weights batch norm is folded into the convolutions, and what is left of it does not describe the
activations; fine-tuning therefore keeps its statistics as they are (``descent.freeze_norms``).

The probe's figures in ``STATED`` are from a run on the data folder's ``clothing_small`` with its ``weights``, on two
cores; the comparison has not been run to its end yet.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from neocog.cli.progress import LineProgress
from neocog.core.catalogue import Spec
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import AtLeast, Between
from neocog.data.family import Batching
from neocog.data.feature_source import FeatureSource
from neocog.data.image_source import ImageSource
from neocog.runs.build import begin_network, build_task
from neocog.runs.compare import compare
from neocog.runs.features import Body
from neocog.runs.setup import Question, open_data, resolve, task_for
from neocog.runs.weights import as_expected

STATED: dict[str, float | None] = {
    "probe_accuracy": 0.8172,
    "probe_c": 0.001,
    "probe_seconds": 69.0,
    "fine_tuned_accuracy": None,
    "fine_tuned_low": None,
    "fine_tuned_high": None,
    "scratch_accuracy": None,
    "scratch_low": None,
    "scratch_high": None,
}
GOALS = {"probe_accuracy": AtLeast(0.81), "probe_seconds": Between(0, 180)}
DATA, WEIGHTS, NETWORK = "clothing_small/clothing_small_160.zip", "imagenet_mobilenet_v2_fp16.npz", "mobilenet-v2"
SIZE, STRENGTHS = 160, (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
AUGMENT = "flip=horizontal,shift=0.05,scale=0.1"
FINE = {"descent.rate": "0.0003", "descent.layer_decay": "0.9", "descent.freeze_norms": "true"}


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "epochs=15",
    seeds: int = 3,
    size: int = SIZE,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Probe, then compare fine-tuning with beginning from scratch.

    Args:
        root: folder that holds ``clothing_small`` and ``weights``.
        into: where the comparison goes.
        budget: of each run of the comparison.
        seeds: runs of each.
        size: pixels of the longer side.
        progress: told of steps and scores.
    """
    data, weights = str((root or Path()) / DATA), (root or Path()) / "weights" / WEIGHTS
    found = probe(data, Spec(NETWORK, start=str(weights)), size)
    print(f"probe: {100 * found['probe_accuracy']:.1f} %, C = {found['probe_c']}, {found['probe_seconds']:.0f} s")
    fine = Spec(NETWORK, FINE, str(weights))
    result = compare(
        data,
        [Spec(NETWORK), fine],
        budget=budget,
        seeds=seeds,
        augment=AUGMENT,
        into=into,
        size=size,
        progress=progress or Silent(),
    )
    print(result.sentence)
    for name, label in (("fine_tuned", str(fine)), ("scratch", NETWORK)):
        interval = next(arm.interval for arm in result.arms if arm.label == label)
        assert interval is not None
        found |= {f"{name}_accuracy": interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return found


def probe(data: str, spec: Spec, size: int, strengths: Sequence[float] = STRENGTHS) -> dict[str, float]:
    """Features of every part, and the logistic regression whose C is best on the validation part, on the test part."""
    begun = perf_counter()
    (x, y), (x_val, y_val), (x_test, y_test) = features(data, spec, size)
    centre, spread = x.mean(0), x.std(0) + 1e-6
    models = [LogisticRegression(C=c, max_iter=2000).fit((x - centre) / spread, y) for c in strengths]
    scores = [model.score((x_val - centre) / spread, y_val) for model in models]
    best = int(np.argmax(scores))
    return {
        "probe_accuracy": float(models[best].score((x_test - centre) / spread, y_test)),
        "probe_c": float(strengths[best]),
        "probe_seconds": perf_counter() - begun,
    }


def features(data: str, spec: Spec, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the body gives for the images of each part, a row each, and their classes; each image is seen once."""
    named, kind = task_for(data, None)
    options: dict[str, Any] = {"size": size}
    choice, opened = open_data(kind, data, options, device="cpu", download=False, keep=True, progress=Silent())
    experiment = resolve(Question(named, choice, opened), spec, device="cpu", augment="none", settings={})
    prepared = as_expected(opened, experiment.start)
    task = build_task(experiment, prepared)
    network, _ = begin_network(experiment, prepared, task)
    found = []
    with experiment.engine.active():
        for part in ("train", "val", "test"):
            still = task.still(prepared, part, Batching(1000, channels_last=bool(experiment.engine.channels_last)))
            assert isinstance(still, ImageSource)
            batches = list(FeatureSource(still, Body(network)).batches(0, 0))  # type: ignore[arg-type]
            rows = torch.cat([batch.images.flatten(1).float() for batch in batches]).numpy()
            found.append((rows, torch.cat([batch.labels for batch in batches]).numpy()))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds clothing_small/ and weights/")
    parser.add_argument("--into", type=Path, default=Path("runs/clothing-transfer"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
