"""ETTh1: the oil temperature of a transformer 24 hours ahead, from 12, 4 and 4 months of hours.

Each network beside the seasonal naive method, the last value and a linear autoregression, at every hour of the last
four months; coverage of the 90 % interval there, and on ``seasons``, whose noise is known. All four networks are below
the first two, and none is below the linear autoregression.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import Between
from neocog.runs.train import train

FILE = "timeseries/ETTh1.csv.gz"
MONTH = 30 * 24
NETWORKS = ("linear", "mlp[widths=128,dropout=0.25]", "recurrent[cell=gru,width=64,dropout=0.25]", "causal-cnn")
SCORES = ("mase", "mae", "smape", "coverage", "coverage_uncorrected")
STATED: dict[str, float | None] = {
    "linear_mase": 0.4755,
    "mlp_mase": 0.4520,
    "recurrent_mase": 0.4625,
    "causal-cnn_mase": 0.4674,
    "mase_seasonal_naive": 0.5975,
    "mase_last_value": 0.5010,
    "mase_linear_autoregression": 0.4477,
    "linear_coverage": 0.901,
    "mlp_coverage": 0.893,
    "recurrent_coverage": 0.896,
    "causal-cnn_coverage": 0.898,
    "seasons_coverage": 0.903,
    "best_over_naive": 0.902,
}
GOALS = {
    "best_over_naive": Between(0, 1, open_high=True),
    **{f"{name.partition('[')[0]}_coverage": Between(0.85, 0.95) for name in NETWORKS},
    "seasons_coverage": Between(0.88, 0.92),
}


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=600",
    networks: tuple[str, ...] = NETWORKS,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Train every network for as many steps, and score each at every origin of the test part.

    Args:
        root: the folder that holds ``timeseries/ETTh1.csv.gz``.
        into: where the runs are written.
        budget: time, epochs or steps of each network.
        networks: what is trained; the last also on ``seasons``.
        progress: told of steps and scores.
    """
    found: dict[str, float] = {}
    for network in networks:
        name = network.partition("[")[0]
        scores = train(
            (root or Path()) / FILE,
            network,
            task="forecast",
            budget=budget,
            into=into / name,
            settings={"plan.evaluations": 10},
            progress=progress or Silent(),
            target=("OT",),
            horizon=24,
            lookback=168,
            rows=(12 * MONTH, 4 * MONTH, 4 * MONTH),
        ).facts["test_scores"]
        found |= {f"{name}_{score}": scores[score] for score in SCORES}
        found |= {name: value for name, value in scores.items() if name.startswith("mase_")}
    known = train("seasons", networks[-1], budget=budget, into=into / "seasons", progress=progress or Silent())
    best = min(found[f"{network.partition('[')[0]}_mase"] for network in networks)
    found["best_over_naive"] = best / min(found["mase_seasonal_naive"], found["mase_last_value"])
    found["seasons_coverage"] = known.facts["test_scores"]["coverage"]
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds timeseries/ETTh1.csv.gz")
    parser.add_argument("--into", type=Path, default=Path("runs/etth1"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
