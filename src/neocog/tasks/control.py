"""Control: what should be done next, where every action changes what is seen?"""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import AtLeast, Between, OneOf
from neocog.core.shapes import Vector
from neocog.data.augment import Augmentation
from neocog.data.environment_data import EnvironmentData, EpisodeBatch, RolloutBatch
from neocog.data.environment_family import ENVIRONMENTS
from neocog.data.environment_source import EpisodeSource, RolloutSource
from neocog.data.family import Batching, Family
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.deep_q import DeepQ, ValueOptions
from neocog.learners.proximal_policy import PolicyOptions, ProximalPolicy
from neocog.measures.intervals import arm_interval
from neocog.tasks.control_figures import control_figures, film, strip
from neocog.tasks.task import AbstractMeter, AbstractTask, Answers, Headline, Record, Samples

LONGEST = 10_000  # moves after which an episode that is judged is over, whatever the environment says
_LARGEST_SEED = 2**31 - 1


class Played(NamedTuple):
    """Episodes that were played greedily: their returns, their lengths, and how often each action was taken."""

    returns: Float[Tensor, "n"]
    lengths: Int[Tensor, "n"]
    actions: Int[Tensor, "n a"]


@dataclass(frozen=True)
class Control(AbstractTask[Any, Played]):
    """Choose actions in an environment, so that rewards add up.

    Args:
        data: the environment.
        descent: of the updates.
    """

    headline: ClassVar[Headline] = Headline("mean_return", unit="", margin=0.05)
    family: ClassVar[Family] = ENVIRONMENTS
    usual_data: ClassVar[str] = "catch"
    networks: ClassVar[tuple[str, ...]] = ("mlp", "simple-cnn")
    network: ClassVar[str] = "mlp"
    usual_descent: ClassVar[Descent] = Descent(optimizer="adam", rate=1e-3, schedule="linear", clip=0.5)
    usual_batch: ClassVar[int | None] = 16
    evaluation_batch: ClassVar[int] = 100
    input: ClassVar[str] = "episode"

    data: EnvironmentData = field(repr=False, compare=False)
    descent: Descent
    _: KW_ONLY
    algorithm: Annotated[str, OneOf("ppo", "dqn"), "How it learns: from its policy, or from values of actions."] = "ppo"
    moves: Annotated[int, AtLeast(1), "Moves of each copy in a pass; longer episodes do not end in training."] = 128
    discount: Annotated[float, Between(0, 1), "Of rewards, per move."] = 0.99
    trace: Annotated[float, Between(0, 1), "PPO: lambda of the advantages."] = 0.95
    clip: Annotated[float, Between(0, 1, open_low=True), "PPO: change of a probability that still counts."] = 0.2
    entropy: Annotated[float, AtLeast(0), "PPO: weight of the policy's entropy."] = 0.01
    passes: Annotated[int, AtLeast(1), "PPO: passes over the moves of a step."] = 4
    minibatch: Annotated[int, AtLeast(1), "Moves per update."] = 256
    memory: Annotated[int, AtLeast(1), "DQN: moves that are remembered."] = 20_000
    reuse: Annotated[float, AtLeast(0), "DQN: how often a move is learnt from, on average."] = 8.0
    target: Annotated[int, AtLeast(1), "DQN: updates between two copies into the target network."] = 200
    explore: Annotated[int, AtLeast(1), "DQN: passes in which the share of random actions falls from 1."] = 60
    random: Annotated[float, Between(0, 1), "DQN: share of random actions after these passes."] = 0.05

    @classmethod
    def for_data(cls, data: EnvironmentData, descent: Descent, **options: Any) -> "Control":
        """The task in this environment."""
        return cls(data, descent, **options)

    def gives(self, data: EnvironmentData) -> Vector:
        """PPO: a logit per action, and the value of what is seen. DQN: a value per action."""
        return Vector(len(data.actions) + (self.algorithm == "ppo"))

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself."""
        return network

    def source(
        self, data: EnvironmentData, network: nn.Module, batching: Batching, augmentation: Augmentation
    ) -> RolloutSource:
        """Moves played with the network."""

        def act(seen: Tensor, draws: Tensor, epoch: int) -> Tensor:
            return self._explored(network, seen, draws, epoch)

        return RolloutSource(data.make(), act, batching, moves=self.moves)

    def still(self, data: EnvironmentData, part: str, batching: Batching) -> EpisodeSource:
        """The episodes of a part."""
        return EpisodeSource(data.seeds(part), batching)

    def learner(self, network: nn.Module) -> AbstractLearner[RolloutBatch]:
        """PPO or DQN."""
        if self.algorithm == "dqn":
            values = ValueOptions(self.discount, self.memory, self.minibatch, self.reuse, self.target)
            return DeepQ(network, descent=self.descent, options=values)
        policy = PolicyOptions(
            self.discount, self.trace, self.clip, self.entropy, passes=self.passes, minibatch=self.minibatch
        )
        return ProximalPolicy(network, descent=self.descent, options=policy)

    def predict(self, network: nn.Module, batch: EpisodeBatch) -> Played:
        """Play these episodes to their ends, always with the action that seems best."""
        environments, device = self.data.make(), batch.seeds.device
        seen = environments.restart(batch.seeds.tolist())
        returns = np.zeros(batch.size)
        lengths = np.zeros(batch.size, np.int64)
        taken = np.zeros((batch.size, len(self.data.actions)), np.int64)
        playing = np.ones(batch.size, dtype=bool)
        for _ in range(LONGEST):
            actions = self._values(network, torch.from_numpy(seen).to(device)).argmax(1).cpu().numpy()
            moved = environments.move(actions)
            returns += moved.rewards * playing
            lengths += playing
            taken[np.flatnonzero(playing), actions[playing]] += 1
            playing &= ~(moved.ended | moved.cut)
            if not playing.any():
                break
            seen = moved.observations
        return Played(torch.from_numpy(returns), torch.from_numpy(lengths), torch.from_numpy(taken))

    def meter(self) -> "ControlMeter":
        """Collects returns."""
        return ControlMeter()

    def scores(self, record: Record) -> dict[str, float]:
        """Mean return with a 95 % interval over episodes, the worst return, and the mean length."""
        returns = record["returns"]
        found = arm_interval(returns[None]) if len(returns) > 1 else None
        mean = float(returns.mean())
        return {
            "mean_return": mean,
            "return_low": found.low if found else mean,
            "return_high": found.high if found else mean,
            "worst_return": float(returns.min()),
            "mean_length": float(record["lengths"].mean()),
        }

    def item_scores(self, record: Record) -> np.ndarray:
        """The return of each episode."""
        return record["returns"]

    def items(self, given: Any) -> Sequence[Any]:
        """Seeds of episodes: whole numbers, as numbers or texts; without any, one episode of seed 0."""
        seeds: list[int] = []
        wrong: list[str] = []
        for item in [given] if isinstance(given, str | int) else given:
            text = str(item).strip()
            if text.isdigit():
                seeds.append(int(text) % _LARGEST_SEED)
            else:
                wrong.append(text)
        if wrong:
            raise UsageProblem(
                "episode-no-seed",
                "episodes are named by their seeds, which are whole numbers",
                where=wrong,
                help="give numbers such as 0 1 2, or nothing",
            )
        return seeds or [0]

    def inputs(self, data: EnvironmentData, items: Sequence[Any], device: str) -> EpisodeBatch:
        """The seeds."""
        return EpisodeBatch(torch.tensor(list(items), dtype=torch.int64, device=device))

    def answer(
        self,
        network: nn.Module,
        batch: EpisodeBatch,
        *,
        frames: Annotated[int, Between(0, 400), "Pictures of the first episode in its strip; 0 draws nothing."] = 12,
    ) -> Answers:
        """``return`` and ``length`` of each episode; a strip (PNG) and a film (GIF) of the first."""
        played = self.predict(network, batch)
        values = [
            {"seed": seed, "return": gain, "length": length}
            for seed, gain, length in zip(
                batch.seeds.tolist(), played.returns.tolist(), played.lengths.tolist(), strict=True
            )
        ]
        words = [f"return {each['return']:g} in {each['length']:,} moves" for each in values]
        shown = list(self._filmed(network, batch)) if frames else []
        if not shown:
            return Answers(values, words)
        name = f"episode-{values[0]['seed']}"
        return Answers(values, words, {f"{name}.png": strip(shown, frames), f"{name}.gif": film(shown)})

    def figures(self, samples: Samples) -> list[Figure]:
        """The returns of every network's episodes, in order."""
        return control_figures(samples)

    def _values(self, network: nn.Module, seen: Tensor) -> Float[Tensor, "n a"]:
        with torch.autocast(seen.device.type, enabled=False):
            return network(seen)[:, : len(self.data.actions)]

    def _explored(self, network: nn.Module, seen: Tensor, draws: Tensor, epoch: int) -> Tensor:
        """PPO draws from its policy; DQN takes the best action, or any with a share that falls from pass to pass."""
        network.eval()
        with torch.no_grad():
            values = self._values(network, seen)
        if self.algorithm == "ppo":
            edges = values.softmax(1).cumsum(1)
            return (draws[:, :1] * edges[:, -1:] >= edges[:, :-1]).sum(1)
        share = max(self.random, 1.0 - (1.0 - self.random) * epoch / self.explore)
        at_random = (draws[:, 1] * values.shape[1]).long().clamp(max=values.shape[1] - 1)
        return torch.where(draws[:, 0] < share, at_random, values.argmax(1))

    def _filmed(self, network: nn.Module, batch: EpisodeBatch) -> Iterator[tuple[np.ndarray, float]]:
        """Picture and return so far, before the first move and after each, of the first episode."""
        environments = self.data.make()
        seen = environments.restart(batch.seeds[:1].tolist())
        total = 0.0
        for _ in range(LONGEST):
            picture = environments.picture()
            if picture is None:
                return
            yield picture, total
            actions = self._values(network, torch.from_numpy(seen).to(batch.seeds.device)).argmax(1).cpu().numpy()
            moved = environments.move(actions)
            total += float(moved.rewards[0])
            if moved.ended[0] or moved.cut[0]:
                yield picture, total  # the next episode has begun: its last look, with what came of it
                return
            seen = moved.observations


class ControlMeter(AbstractMeter[Played, Any]):
    """Returns, lengths and actions of all episodes seen, in order."""

    def __init__(self) -> None:
        self._played: list[Played] = []

    def update(self, prediction: Played, batch: Any) -> None:
        """Take in one batch."""
        self._played.append(prediction)

    def record(self) -> Record:
        """``returns``, ``lengths``, and ``actions``: how often each was taken."""
        return {name: torch.cat([getattr(each, name) for each in self._played]).numpy() for name in Played._fields}
