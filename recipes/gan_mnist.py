"""MNIST drawn by a GAN: twenty minutes on two cores, no GPU.

A class-conditional generator of two stages against a discriminator of the same size. Each test image has a draw of its
own, with noise and a class by chance: 10,000 draws, judged in the features of a small classifier that learnt from
other training images than the draws are compared with. ``real_distance`` is what 10,000 real images get there, and
``gaussian_distance`` what images drawn from a Gaussian per class get.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import AtLeast, Between
from neocog.runs.train import train

FOLDER = "mnist"
STATED: dict[str, float | None] = {
    "frechet_distance": 0.2678,
    "real_distance": 0.08982,
    "gaussian_distance": 7.65,
    "smallest_class_share": 0.0867,
    "drawn_as_asked": 0.9761,
    "nearest_training_image": 0.05387,
    "nearest_of_test_images": 0.04474,
    "distance_over_real": 2.981,
    "distance_over_gaussian": 0.035,
    "nearest_over_test_images": 1.204,
    "train_seconds": 916.3,
}
GOALS = {
    "distance_over_real": Between(0, 10),
    "distance_over_gaussian": Between(0, 0.25),
    "nearest_over_test_images": AtLeast(1.0),
    "smallest_class_share": AtLeast(0.03),
    "train_seconds": Between(0, 1200),
}
SETTINGS = {"plan.evaluations": 10}


def recipe(
    root: Path | None, into: Path, *, budget: str = "19m", progress: AbstractProgress | None = None
) -> dict[str, float]:
    """Train, score 10,000 draws, and write a grid and a strip of draws.

    Args:
        root: the folder that holds ``mnist``, a folder of the four idx files.
        into: where the run and ``samples.png`` are written.
        budget: time, epochs or steps.
        progress: told of steps and scores.
    """
    predictor = train(
        (root or Path()) / FOLDER,
        "gan",
        task="generate",
        budget=budget,
        into=into / "run",
        settings=SETTINGS,
        progress=progress or Silent(),
    )
    (answers,) = predictor.answers(predictor.task.items(()), samples=100)
    for name in ("samples.png", "interpolation.png"):
        (into / name).write_bytes(answers.pictures[name])
    scores = predictor.facts["test_scores"]
    return {
        **scores,
        "distance_over_real": scores["frechet_distance"] / scores["real_distance"],
        "distance_over_gaussian": scores["frechet_distance"] / scores["gaussian_distance"],
        "nearest_over_test_images": scores["nearest_training_image"] / scores["nearest_of_test_images"],
        "train_seconds": predictor.facts["train_seconds"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds mnist, a folder of idx files")
    parser.add_argument("--into", type=Path, default=Path("runs/gan-mnist"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
