"""Tiny Shakespeare: one LSTM layer, within twelve minutes on two cores.

The first 90 % of the text are learnt, the last 10 % are the validation part, on which the checkpoint is chosen too, as
it is elsewhere (nanoGPT). Each window of 64 characters is scored by itself after the 128 before it.
"""

import argparse
import json
import sys
from pathlib import Path

from neocog.cli.progress import LineProgress
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.rules import Between
from neocog.runs.train import train

FILE = "text/tinyshakespeare.txt"
STATED: dict[str, float | None] = {"nats_per_character": 1.537, "bits_per_character": 2.218, "train_seconds": 423.0}
GOALS = {"nats_per_character": Between(0, 1.60), "train_seconds": Between(0, 720)}
NETWORK = "recurrent[cell=lstm,width=384,layers=1,embedding=64,dropout=0.125]"
PROMPT = "ROMEO:"


def recipe(
    root: Path | None,
    into: Path,
    *,
    budget: str = "steps=1900",
    network: str = NETWORK,
    progress: AbstractProgress | None = None,
) -> dict[str, float]:
    """Train, score the last tenth, and write a sample.

    Args:
        root: the folder that holds ``text/tinyshakespeare.txt``.
        into: where the run and ``sample.txt`` are written.
        budget: time, epochs or steps.
        network: what is trained.
        progress: told of steps and scores.
    """
    predictor = train(
        (root or Path()) / FILE,
        network,
        task="language",
        budget=budget,
        into=into / "run",
        settings={"descent.rate": 3e-3, "descent.clip": 1.0, "plan.batch_size": 64, "plan.evaluations": 5},
        progress=progress or Silent(),
        window=64,
        val=0.1,
        test=0.0,
    )
    (answer,) = predictor.predict(PROMPT, length=500, temperature=0.8)
    (into / "sample.txt").write_text(answer["text"], encoding="utf-8")
    return {**predictor.facts["val_scores"], "train_seconds": predictor.facts["train_seconds"]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds text/tinyshakespeare.txt")
    parser.add_argument("--into", type=Path, default=Path("runs/shakespeare"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into, progress=LineProgress(sys.stderr)), indent=2))
