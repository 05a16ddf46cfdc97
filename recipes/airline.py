"""Airline passengers: the last 36 of 144 months, 12 ahead at every month; a series too short for networks to shine.

The table says what they reach beside the seasonal naive method, the last value and a linear autoregression. Three of
four networks are better than the first two and none is better than the third; with 25 forecasts and no more than 18
months before them to correct by, intervals cover less than the 90 % that was asked for.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.runs.train import train

FILE = "timeseries/airline_passengers.csv"
NETWORKS = ("linear", "mlp[widths=64,dropout=0.25]", "recurrent[cell=gru,width=32,dropout=0.25]", "causal-cnn")
SCORES = ("mase", "mae", "smape", "coverage", "coverage_uncorrected")
STATED: dict[str, float | None] = {
    "linear_mase": 1.1063,
    "mlp_mase": 0.9975,
    "recurrent_mase": 1.6785,
    "causal-cnn_mase": 1.0380,
    "mase_seasonal_naive": 1.3633,
    "mase_last_value": 2.6231,
    "mase_linear_autoregression": 0.7216,
    "linear_coverage": 0.753,
    "mlp_coverage": 0.873,
    "recurrent_coverage": 0.737,
    "causal-cnn_coverage": 0.813,
}


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=600",
    networks: tuple[str, ...] = NETWORKS,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Train every network on the first 90 months, choose on 18, and score the last 36.

    Args:
        root: the folder that holds ``timeseries/airline_passengers.csv``.
        into: where the runs are written.
        budget: time, epochs or steps of each network.
        networks: what is trained.
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
            progress=progress or Silent(),
            horizon=12,
            lookback=24,
            rows=(90, 18, 36),
        ).facts["test_scores"]
        found |= {f"{name}_{score}": scores[score] for score in SCORES}
        found |= {name: value for name, value in scores.items() if name.startswith("mase_")}
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds timeseries/airline_passengers.csv")
    parser.add_argument("--into", type=Path, default=Path("runs/airline"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
