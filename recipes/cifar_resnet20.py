"""A published ResNet-20 for CIFAR-10, converted and scored on 5,000 CIFAR-10 test images stored as JPEG.

The weights are Y. Idelbayev's (91.7 % on clean CIFAR-10). Their file is a pickle, which neocog does not read: the
script that neocog prints for this is run in a process of its own, and what it writes is loaded by the names that
``resnet`` declares as published. The test images were compressed with loss (quality about 75, colour subsampled),
so that scores are not those of clean CIFAR-10. Nothing is trained.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from neocog.core.rules import Between
from neocog.data.readers.tensors import CONVERSION
from neocog.runs.train import train

STATED: dict[str, float | None] = {"accuracy": 0.8102, "test_images": 5000.0}
GOALS = {"accuracy": Between(0.77, 0.83)}
WEIGHTS = "cifar10_resnet20-12fca82f.th"


def recipe(root: Path | None, into: Path) -> dict[str, float]:
    """Convert, load, score."""
    folder = root or Path()
    into.mkdir(parents=True, exist_ok=True)
    (into / "convert.py").write_text(CONVERSION, "utf-8")
    converted = into / "cifar10_resnet20.safetensors"
    subprocess.run(
        [sys.executable, str(into / "convert.py"), str(folder / "weights" / WEIGHTS), str(converted)], check=True
    )
    run = train(
        str(folder / "cifar10" / "cifar10_jpeg_20k_5k.zip"),
        "resnet[depth=20,shortcut=A]",
        start=converted,
        budget="steps=0",
        augment="none",
        into=into / "run",
    )
    items = sum(run.facts["data"]["counts"]["test"].values())
    print(f"{100 * run.facts['test_scores']['accuracy']:.2f} % of {items:,} test images")
    return {"accuracy": run.facts["test_scores"]["accuracy"], "test_images": float(items)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds weights/ and cifar10/")
    parser.add_argument("--into", type=Path, default=Path("runs/cifar-resnet20"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
