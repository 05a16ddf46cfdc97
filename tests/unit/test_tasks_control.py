"""Control through the front doors: train, resume, predict, evaluate, compare."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from neocog.core.errors import UsageProblem
from neocog.core.shapes import Image
from neocog.data.environment_catch import Catch
from neocog.data.environment_data import EnvironmentData
from neocog.data.family import Batching
from neocog.fit.descent import Descent
from neocog.runs.compare import compare
from neocog.runs.predictor import Predictor
from neocog.runs.train import evaluate, train
from neocog.tasks.control import Control

NETWORK = "mlp[widths=32]"
FEW = {"task.moves": 9, "plan.batch_size": 4, "plan.evaluations": 2}


def trained(folder: Path, seed: int = 0, **settings: Any) -> Predictor:
    own = {**FEW, **settings}
    return train("catch", NETWORK, budget="steps=4", seed=seed, into=folder, settings=own, episodes=10)


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_a_run_is_trained_judged_and_played(tmp_path: Path, algorithm: str) -> None:
    run = trained(tmp_path / "run", **{"task.algorithm": algorithm})
    scores = run.facts["test_scores"]
    assert -1 <= scores["worst_return"] <= scores["mean_return"] <= 1
    assert scores["return_low"] <= scores["mean_return"] <= scores["return_high"]
    assert scores["mean_length"] == 9
    assert len(run.folder.record("test")["returns"]) == 10
    answers = next(run.answers(run.task.items(["7", "8"])))
    assert [each["seed"] for each in answers.values] == [7, 8]
    assert all(each["return"] in (-1.0, 1.0) and each["length"] == 9 for each in answers.values)
    assert set(answers.pictures) == {"episode-7.png", "episode-7.gif"}
    film = Pillow.open(BytesIO(answers.pictures["episode-7.gif"]))
    assert film.format == "GIF"
    assert next(run.answers([7], frames="0")).pictures == {}
    assert len(run.predict()) == 1
    again = evaluate(tmp_path / "run", "catch", episodes=6, split_seed=3)
    assert again["items"] == 6


def test_the_same_seed_gives_the_same_policy(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run = trained(tmp_path / name, seed)
        weights = b"".join(value.numpy().tobytes() for value in run.network.state_dict().values())
        digests.append(hashlib.sha256(weights).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_seeds_of_episodes_are_whole_numbers() -> None:
    task = Control.for_data(data(), Descent())
    assert task.items(()) == [0] and task.items("5") == [5] and task.items([1, "2"]) == [1, 2]
    with pytest.raises(UsageProblem) as caught:
        task.items(["1", "photo.png"])
    assert (caught.value.code, caught.value.where) == ("episode-no-seed", ("photo.png",))


def data(episodes: int = 50) -> EnvironmentData:
    return EnvironmentData("catch", Image(1, 10, 5), Catch.actions, Catch, episodes, 5, 0, "tiny")


class Aiming(torch.nn.Module):
    """Goes to where the ball is."""

    def forward(self, boards: torch.Tensor) -> torch.Tensor:
        ball = boards[:, 0, :9].amax(1).argmax(1)
        paddle = boards[:, 0, 9].argmax(1)
        return torch.nn.functional.one_hot((ball - paddle).sign() + 1, 3).float()


def test_a_policy_that_knows_the_game_gets_all_and_its_mirror_nothing() -> None:
    task = Control.for_data(data(), Descent())
    (batch,) = task.still(data(), "test", Batching(50)).batches(0, 0)
    played = task.predict(Aiming(), batch)
    assert played.returns.tolist() == [1.0] * 50
    assert (played.actions.sum(1) == 9).all()

    class Fleeing(Aiming):
        def forward(self, boards: torch.Tensor) -> torch.Tensor:
            return super().forward(boards).flip(1)

    assert task.predict(Fleeing(), batch).returns.mean() < 0


def test_exploring_falls_from_pass_to_pass() -> None:
    task = Control.for_data(data(), Descent(), algorithm="dqn", explore=10, random=0.1)
    boards = torch.from_numpy(Catch().restart(range(4000)))
    draws = torch.rand(4000, 2, generator=torch.Generator().manual_seed(0))
    best = Aiming()(boards).argmax(1)
    chosen = [task._explored(Aiming(), boards, draws, epoch) for epoch in (0, 5, 10, 99)]
    shares = [(each != best).float().mean().item() for each in chosen]
    assert shares == pytest.approx([2 / 3, 0.55 * 2 / 3, 0.1 * 2 / 3, 0.1 * 2 / 3], abs=0.03)


def test_a_policy_is_drawn_from_with_its_probabilities() -> None:
    task = Control.for_data(data(), Descent())

    class Fixed(torch.nn.Module):
        def forward(self, boards: torch.Tensor) -> torch.Tensor:
            return torch.tensor([0.2, 0.5, 0.3, 99.0]).log().expand(len(boards), 4)

    draws = torch.rand(20_000, 2, generator=torch.Generator().manual_seed(0))
    actions = task._explored(Fixed(), torch.zeros(20_000, 1, 10, 5), draws, 0)
    np.testing.assert_allclose(np.bincount(actions.numpy()) / 20_000, [0.2, 0.5, 0.3], atol=0.01)


def test_networks_are_compared_and_drawn(tmp_path: Path) -> None:
    found = compare(
        "catch", [NETWORK, "simple-cnn[maps=2,width=8]"], budget="steps=2", seeds=2, into=tmp_path / "c", settings=FEW
    )
    assert len(found.arms) == 2
    text = Path(found.report(tmp_path / "report.html")).read_text("utf-8")
    assert "How evenly each network plays" in text
