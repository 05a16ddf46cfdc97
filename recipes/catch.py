"""catch (10x5 board, pixels in, three actions), learnt by PPO and by DQN; the mean return of 100 greedy episodes.

``STATED``: the worst of three seeds, and the seconds of the slowest command. With a third of its steps DQN was at .52
from one of the seeds.
"""

import argparse
import json
from pathlib import Path
from time import perf_counter

from neocog.core.durable import write_durably
from neocog.core.rules import AtLeast, Between
from neocog.runs.train import train

STATED: dict[str, float | None] = {
    "worst_return_of_ppo": 1.0,
    "worst_return_of_dqn": 1.0,
    "seconds_of_ppo": 15.0,
    "seconds_of_dqn": 28.3,
}
GOALS = {
    **{f"worst_return_of_{name}": AtLeast(0.95) for name in ("ppo", "dqn")},
    **{f"seconds_of_{name}": Between(0, 300) for name in ("ppo", "dqn")},
}
SEEDS = 3
STEPS = {"ppo": 60, "dqn": 300}
SETTINGS = {
    "ppo": {"task.algorithm": "ppo", "task.moves": 36},
    "dqn": {"task.algorithm": "dqn", "task.moves": 9},
}


def recipe(
    root: Path | None, into: Path, *, seeds: int = SEEDS, share: float = 1.0, network: str = "mlp"
) -> dict[str, float]:
    """Train each algorithm from every seed; the worst seed's mean return, and the seconds of the slowest command."""
    found: dict[str, float] = {}
    for algorithm, settings in SETTINGS.items():
        returns, seconds = [], []
        for seed in range(seeds):
            begun = perf_counter()
            steps = max(1, round(share * STEPS[algorithm]))
            folder = into / f"{algorithm}-{seed}"
            run = train("catch", network, budget=f"steps={steps}", seed=seed, into=folder, settings=settings)
            seconds.append(perf_counter() - begun)
            returns.append(run.facts["test_scores"]["mean_return"])
            print(f"{algorithm}, seed {seed}: mean return {returns[-1]:.2f} in {seconds[-1]:.1f} s")
        for name, picture in next(run.answers(run.task.items(()))).pictures.items():
            write_durably(into / f"{algorithm}-{name}", picture)
        found[f"worst_return_of_{algorithm}"] = min(returns)
        found[f"seconds_of_{algorithm}"] = max(seconds)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="not needed: catch is built in")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
