"""Finding digits in scenes: a detector that is to be trained in five minutes on two processor cores.

Data: the built-in *digit scenes* (3,000 to train on, 500 to choose on, 500 to test on; no digit is in two parts).
Network: a ResNet of eight layers whose first convolution has stride 2, with a feature pyramid at strides 4, 8, 16.
``STATED`` is what the recipe reached when it was last run: average precision at an overlap of .5 and over .5:.95 (as
COCO defines it) on the test part, and the seconds of training on two otherwise idle cores.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import AtLeast, Between
from neocog.runs.train import train

STATED: dict[str, float | None] = {"ap50": 0.964, "ap": 0.813, "train_seconds": 160.0}
GOALS = {"ap50": AtLeast(0.95), "train_seconds": Between(0, 300)}
NETWORK = "resnet[depth=8,stem=2,width=24]"
SETTINGS = {"plan.average": 0.995, "plan.evaluations": 4, "plan.batch_size": 8}


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=1000",
    network: str = NETWORK,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Train, and score the test part once.

    Args:
        root: not used: the data are made.
        into: where the run is written.
        budget: steps, epochs, or the time of the whole.
        network: what the detector is built around.
        progress: told of steps and scores.
    """
    run = train(
        "digit-scenes",
        network,
        task="boxes",
        budget=budget,
        into=into / "run",
        augment="none",
        settings=SETTINGS,
        progress=progress or Silent(),
    )
    return {**run.facts["test_scores"], "train_seconds": run.facts["train_seconds"]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="not used: the data are made")
    parser.add_argument("--into", type=Path, default=Path("runs/digit-scenes"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
