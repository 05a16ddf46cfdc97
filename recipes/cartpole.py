"""CartPole-v1 by PPO; beside stable-baselines3 on the same number of moves, where that is installed.

Needs the extra `control` (gymnasium). Returns are means over 100 greedy episodes; moves per second count training.
``STATED`` was taken with one thread each, one after the other, on a machine that had other work too.
"""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np

from neocog.core.rules import AtLeast
from neocog.runs.train import train

STATED: dict[str, float | None] = {
    "mean_return": 500.0,
    "moves_per_second": 6608.0,
    "mean_return_of_stable_baselines3": 500.0,
    "moves_per_second_of_stable_baselines3": 1041.0,
}
GOALS = {"mean_return": AtLeast(475)}
STEPS, COPIES, MOVES = 120, 8, 500
NETWORK = "mlp[widths=64+64]"
EPISODES = 100


def recipe(root: Path | None, into: Path, *, steps: int = STEPS, moves: int = MOVES, seed: int = 0) -> dict[str, float]:
    """Train once, and once more with stable-baselines3."""
    settings = {"task.moves": moves, "plan.batch_size": COPIES, "plan.evaluations": 10}
    run = train("CartPole-v1", NETWORK, budget=f"steps={steps}", seed=seed, into=into / "ppo", settings=settings)
    in_all = steps * COPIES * moves
    found = {
        "mean_return": run.facts["test_scores"]["mean_return"],
        "moves_per_second": in_all / run.facts["train_seconds"],
    }
    print(f"neocog: {found}")
    if find_spec("stable_baselines3") is None:
        print("stable-baselines3 is not installed: nothing to compare with")
        return found
    return {**found, **_stable_baselines(in_all, seed)}


def _stable_baselines(moves: int, seed: int) -> dict[str, float]:
    """Its PPO with its defaults (an MLP of 64 + 64), in as many copies."""
    from stable_baselines3 import PPO  # noqa: PLC0415
    from stable_baselines3.common.env_util import make_vec_env  # noqa: PLC0415
    from stable_baselines3.common.evaluation import evaluate_policy  # noqa: PLC0415

    model = PPO("MlpPolicy", make_vec_env("CartPole-v1", COPIES, seed=seed), seed=seed, device="cpu", verbose=0)
    begun = perf_counter()
    model.learn(moves)
    seconds = perf_counter() - begun
    returns, _ = evaluate_policy(
        model, make_vec_env("CartPole-v1", 1, seed=seed + 1), EPISODES, return_episode_rewards=True
    )
    found = {
        "mean_return_of_stable_baselines3": float(np.mean(returns)),
        "moves_per_second_of_stable_baselines3": moves / seconds,
    }
    print(f"stable-baselines3: {found}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="not needed: gymnasium brings CartPole")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
