"""OnFeatures: train the head of a frozen body on what the body gave once."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.fit.learner import AbstractLearner, Stateful

B = TypeVar("B", bound=Batch)


class HeadAlone(nn.Module):
    """A network's head, for batches that hold what its body gives; its weights are the network's own."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.head: Any = network.head

    def features(self, items: Tensor) -> dict[str, Tensor]:
        """What it is given: a body without layers, of which nothing is frozen."""
        return {"given": items}

    def forward(self, features: Tensor) -> Tensor:
        """What the network would say of the items."""
        return self.head(features)


class OnFeatures(AbstractLearner[B]):
    """Another learner, given the head alone; ``network`` and the checkpoints are of the whole network.

    Args:
        network: its head is trained, its body is let be.
        learner: ``learner(head)`` makes what moves the head.
    """

    def __init__(self, network: nn.Module, learner: Callable[[nn.Module], AbstractLearner[B]]) -> None:
        self.network = network
        self._inner = learner(HeadAlone(network))

    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """One update of the head."""
        return self._inner.step(batch, progress)

    def parts(self) -> Mapping[str, Stateful]:
        """The inner learner's parts, with the whole network in the place of the head."""
        return {**self._inner.parts(), "network": self.network}
