"""Blood cells: red and white cells and platelets in microscope images, with the split lists that the data come with.

Data: BCCD (Pascal VOC; 205 images to train on, 87 to choose on, 72 to test on), fitted into 256 x 192 pixels. Two of
its boxes have no area; they are left out and counted.
Network: a ResNet of eight layers whose first convolution has stride 2, with a feature pyramid at strides 4, 8, 16.
``STATED`` is what the recipe reached when it was last run: average precision at an overlap of .5 and over .5:.95 (as
COCO defines it) on the test part, and the seconds of training, on a machine that had other work too. ``sheet.png``
beside the run shows ten test images with the boxes that were found.
"""

import argparse
import json
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from neocog.cli.progress import LineProgress
from neocog.core.durable import write_durably
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import AtLeast, Between
from neocog.data.box_choice import BoxChoice
from neocog.data.box_open import open_boxes
from neocog.figures.contact_sheet import contact_sheet
from neocog.runs.predictor import Predictor
from neocog.runs.train import train

FILE = "bccd/BCCD.zip"
STATED: dict[str, float | None] = {"ap50": 0.918, "ap": 0.598, "train_seconds": 1030.0}
GOALS = {"ap50": AtLeast(0.70), "train_seconds": Between(0, 1500)}
NETWORK = "resnet[depth=8,stem=2,width=24]"
AUGMENT = "shift=0.1,scale=0.3,flip=both,brightness=0.15,contrast=0.15"
SETTINGS = {"plan.average": 0.99, "plan.evaluations": 5, "plan.batch_size": 8}
SHOWN = 10
ENLARGED = 2  # so that words hide less


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=1600",
    network: str = NETWORK,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Train, score the test part once, and draw ten of its images.

    Args:
        root: the folder that holds ``bccd/BCCD.zip``.
        into: where the run and ``sheet.png`` are written.
        budget: steps, epochs, or the time of the whole.
        network: what the detector is built around.
        progress: told of steps and scores.
    """
    data = (root or Path()) / FILE
    run = train(
        str(data),
        network,
        task="boxes",
        budget=budget,
        into=into / "run",
        augment=AUGMENT,
        settings=SETTINGS,
        progress=progress or Silent(),
    )
    write_durably(into / "sheet.png", sheet(run, data))
    return {**run.facts["test_scores"], "train_seconds": run.facts["train_seconds"]}


def sheet(run: Predictor, data: Path) -> bytes:
    """Ten test images, evenly spread, with the boxes that were found."""
    part = open_boxes(BoxChoice(name=str(data))).test
    rows = np.unique(np.linspace(0, len(part) - 1, SHOWN).round().astype(int))
    images, labels = [], []
    for answers in run.answers([part.images[row].repeat(ENLARGED, 0).repeat(ENLARGED, 1) for row in rows]):
        for png, words in zip(answers.pictures.values(), answers.words, strict=True):
            with Pillow.open(BytesIO(png)) as picture:
                images.append(np.asarray(picture.convert("RGB")))
            labels.append(words)
    return contact_sheet(images, labels, columns=4, tile=512)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds bccd/BCCD.zip")
    parser.add_argument("--into", type=Path, default=Path("runs/bccd"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
