"""Environments: catch, those of gymnasium, and sources that act in them."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from neocog.core.errors import DataProblem, MissingExtra, UsageProblem
from neocog.core.progress import Silent
from neocog.core.shapes import Image, Table
from neocog.data.environment_catch import Catch
from neocog.data.environment_data import EnvironmentData
from neocog.data.environment_family import ENVIRONMENTS, EnvironmentChoice
from neocog.data.environment_source import EpisodeSource, RolloutSource
from neocog.data.family import Batching


def opened(name: str = "catch", **options: Any) -> EnvironmentData:
    choice = EnvironmentChoice(name=name, **options)
    data = ENVIRONMENTS.open(choice, download=False, keep=False, largest=64, progress=Silent())
    assert isinstance(data, EnvironmentData)
    return data


def places(board: np.ndarray) -> set[tuple[int, int]]:
    return {(int(row), int(column)) for row, column in zip(*np.nonzero(board[0]))}


def test_an_episode_of_catch_by_hand() -> None:
    game = Catch()
    first = game.restart([5])
    assert first.shape == (1, 1, 10, 5)
    (row, column), paddle = sorted(places(first[0]))
    assert row == 0 and paddle == (9, 2)
    for move in range(1, 10):
        aim = int(np.sign(column - paddle[1])) + 1 if move <= abs(column - paddle[1]) else 1
        moved = game.move(np.array([aim]))
        assert moved.rewards[0] == (1.0 if move == 9 else 0.0)
        assert bool(moved.ended[0]) is (move == 9) and not moved.cut[0]
        assert (move, column) in places(moved.finals[0])
    assert places(moved.finals[0]) == {(9, column)}
    assert {row for row, _ in places(moved.observations[0])} == {0, 9}


def test_a_ball_that_is_missed_costs_one_and_walls_hold() -> None:
    game = Catch()
    for seed in range(30):
        (_, column), _ = sorted(places(game.restart([seed])[0]))
        away = 0 if column >= 2 else 2
        for _ in range(9):
            moved = game.move(np.array([away]))
        assert (9, 0 if away == 0 else 4) in places(moved.finals[0])
        assert moved.rewards[0] == -1.0


def test_columns_are_drawn_evenly_and_by_seed() -> None:
    game = Catch()
    columns = game.restart(range(5000))[:, 0, 0].argmax(1)
    assert np.bincount(columns, minlength=5).min() > 900
    assert np.array_equal(columns[:7], game.restart(range(7))[:, 0, 0].argmax(1))


def test_copies_depend_on_their_own_seed_and_actions_only() -> None:
    together, alone = Catch(), Catch()
    together.restart([3, 4, 5])
    alone.restart([4])
    random = np.random.default_rng(0)
    for _ in range(40):
        actions = random.integers(0, 3, 3)
        many, one = together.move(actions), alone.move(actions[1:2])
        assert np.array_equal(many.observations[1], one.observations[0])
        assert many.rewards[1] == one.rewards[0]


def test_rollouts_are_a_pure_function_of_seed_and_pass() -> None:
    def act(seen: torch.Tensor, draws: torch.Tensor, epoch: int) -> torch.Tensor:
        return (draws[:, 0] * 3).long()

    def rollout(epoch: int, seed: int) -> Any:
        (batch,) = RolloutSource(Catch(), act, Batching(4), moves=20).batches(epoch, seed)
        return batch

    first, again = rollout(2, 7), rollout(2, 7)
    assert first.observations.shape == (4, 20, 1, 10, 5) and first.size == 4
    assert torch.equal(first.observations, again.observations) and torch.equal(first.actions, again.actions)
    assert not torch.equal(first.actions, rollout(3, 7).actions)
    assert not torch.equal(first.actions, rollout(2, 8).actions)
    goes_on = ~first.ended[:, :-1]
    assert torch.equal(first.nexts[:, :-1][goes_on], first.observations[:, 1:][goes_on])
    assert first.ended.sum() == 8 and set(first.rewards[first.ended].tolist()) <= {1.0, -1.0}


def test_episodes_are_the_same_ones_in_every_pass() -> None:
    data = opened(episodes=7)
    source = EpisodeSource(data.seeds("test"), Batching(3))
    assert source.size == 3
    found = [torch.cat([batch.seeds for batch in source.batches(epoch, 0)]).tolist() for epoch in (0, 1)]
    assert found[0] == found[1] == data.seeds("test")
    assert set(data.seeds("val")).isdisjoint(data.seeds("test"))
    assert opened(episodes=7, split_seed=1).seeds("test") != data.seeds("test")


def test_what_a_run_remembers_is_enough_to_play() -> None:
    data = opened(episodes=7)
    like = ENVIRONMENTS.like({"name": data.name, "fingerprint": data.fingerprint, **data.facts()})
    assert isinstance(like, EnvironmentData)
    assert (like.takes, like.actions, like.seeds("test")) == (Image(1, 10, 5), data.actions, data.seeds("test"))
    assert isinstance(like.make(), Catch)
    assert "3 actions (left, stay, right)" in data.line()


def test_names_tell_environments() -> None:
    assert all(ENVIRONMENTS.claims(name) for name in ("catch", "CartPole-v1", "ALE/Pong-v5"))
    assert not any(ENVIRONMENTS.claims(name) for name in ("digits", "photos/cat-v1/x.png", "shop.csv"))
    with pytest.raises(UsageProblem, match="did you mean `catch`") as caught:
        try:
            opened("cach")
        except UsageProblem as problem:
            raise UsageProblem(problem.code, f"{problem.help}") from problem
    assert caught.value.code == "environment-unknown"


def test_an_environment_of_ones_own_is_taken() -> None:
    data = ENVIRONMENTS.given(Catch)
    assert data.takes == Image(1, 10, 5)
    with pytest.raises(UsageProblem) as caught:
        ENVIRONMENTS.given(3)
    assert caught.value.code == "data-kind"


class Box:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


class Discrete:
    def __init__(self, n: int) -> None:
        self.n, self.start = n, 1


class Counting:
    """Ends after five moves, is cut after three where told so, and raises where told so."""

    observation_space, action_space = Box((2,)), Discrete(2)

    def __init__(self, how: str) -> None:
        self.how = how

    def reset(self, seed: int | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.moves = 0
        self.seed = seed if seed is not None else self.seed
        return np.array([self.seed, 0.0]), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        assert action in (1, 2)
        self.moves += 1
        if self.how == "raises" and self.moves == 2:
            raise RuntimeError("the motor is hot")
        value = np.nan if self.how == "blind" else float(self.moves)
        return np.array([self.seed, value]), 1.0, self.moves == 5, self.how == "cut" and self.moves == 3, {}

    def render(self) -> np.ndarray:
        return np.zeros((4, 5, 3), np.uint8)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package in gymnasium's place."""
    found = ModuleType("gymnasium")

    class Unknown(Exception):
        pass

    def make(name: str, render_mode: str) -> Counting:
        if not name.startswith("Counting"):
            raise Unknown(f"{name} is not registered")
        return Counting(name.split("-")[0].removeprefix("Counting").lower())

    found.make, found.registry = make, {"Counting-v1": None}  # type: ignore[attr-defined]
    found.error = SimpleNamespace(Error=Unknown)  # type: ignore[attr-defined]
    found.spaces = SimpleNamespace(Box=Box, Discrete=Discrete)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gymnasium", found)
    monkeypatch.setattr("neocog.data.environment_family.version", lambda name: "1.0")
    return found


def test_copies_of_gymnasium_restart_one_by_one(package: ModuleType) -> None:
    data = opened("CountingCut-v1")
    assert (data.takes, data.actions) == (Table(2), ("action 0", "action 1"))
    copies = data.make()
    assert copies.restart([10, 20]).tolist() == [[10, 0], [20, 0]]
    told = [copies.move(np.array([0, 1])) for _ in range(3)]
    assert told[1].observations.tolist() == [[10, 2], [20, 2]]
    assert told[2].cut.all() and not told[2].ended.any()
    assert told[2].finals.tolist() == [[10, 3], [20, 3]] and told[2].observations.tolist() == [[10, 0], [20, 0]]
    assert copies.picture().shape == (4, 5, 3)  # type: ignore[union-attr]


def test_an_environment_that_raises_is_named(package: ModuleType) -> None:
    copies = opened("CountingRaises-v1").make()
    copies.restart([1])
    copies.move(np.array([0]))
    with pytest.raises(DataProblem) as caught:
        copies.move(np.array([0]))
    assert caught.value.code == "environment-raised"
    assert "RuntimeError: the motor is hot" in caught.value.what


def test_what_is_no_number_and_what_is_not_known_are_named(package: ModuleType) -> None:
    copies = opened("CountingBlind-v1").make()
    copies.restart([1])
    with pytest.raises(DataProblem) as blind:
        copies.move(np.array([0]))
    assert blind.value.code == "environment-not-finite"
    with pytest.raises(UsageProblem) as unknown:
        opened("Conting-v1")
    assert unknown.value.code == "environment-unknown" and "`Counting-v1`" in unknown.value.help


def test_other_spaces_are_refused(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counting, "action_space", Box((3,)))
    with pytest.raises(UsageProblem) as caught:
        opened("Counting-v1")
    assert caught.value.code == "environment-unsuitable"


def test_without_gymnasium_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(MissingExtra) as caught:
        opened("CartPole-v1")
    assert "neocog[control]" in caught.value.help
