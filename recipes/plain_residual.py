"""Do shortcuts let depth train? A residual network of 56 layers beside its plain twin, on MNIST at 14 x 14 pixels.

Both have the same layers, the same number of steps and three seeds; they differ by the shortcuts alone. ``STATED``:
accuracy on the test part, means over seeds, and the difference with its 95 % interval.

Source: He, Zhang, Ren and Sun 2016, arXiv 1512.03385, figures 1 and 6, whose plain network of 56 layers learns worse
than one of 20.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import Above
from neocog.runs.compare import compare

STATED: dict[str, float | None] = {
    "residual_accuracy": 0.949,
    "plain_accuracy": 0.149,
    "difference": 0.8,
    "difference_low": 0.739,
    "difference_high": 0.86,
}
GOALS = {"difference_low": Above(0)}
DEPTH, WIDTH = 56, 8
RESIDUAL = f"resnet[depth={DEPTH},width={WIDTH}]"
PLAIN = f"resnet[depth={DEPTH},width={WIDTH},shortcut=none]"


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=400",
    seeds: int = 3,
    networks: tuple[str, str] = (RESIDUAL, PLAIN),
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Compare the two, and give both scores and the difference, in fractions.

    Args:
        root: the folder that holds ``mnist``, a folder of the four idx files.
        into: where the comparison is written.
        budget: steps of each run.
        seeds: runs of each network.
        networks: the residual one, and its plain twin.
        progress: told of steps and scores.
    """
    found = compare(
        (root or Path()) / "mnist",
        list(networks),
        budget=budget,
        seeds=seeds,
        into=into / "comparison",
        augment="none",
        settings={"plan.batch_size": 64, "plan.evaluations": 4},
        progress=progress or Silent(),
        size=14,
    )
    found.report(into / "report.html")
    (verdict,) = found.verdicts
    sign = 1 if verdict.a == networks[0] else -1
    low, high = sorted((sign * verdict.low, sign * verdict.high))
    means = {arm.label: arm.interval.mean for arm in found.ranked if arm.interval is not None}
    return {
        "residual_accuracy": means[networks[0]],
        "plain_accuracy": means[networks[1]],
        "difference": sign * verdict.difference,
        "difference_low": low,
        "difference_high": high,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds mnist, a folder of idx files")
    parser.add_argument("--into", type=Path, default=Path("runs/plain-residual"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
