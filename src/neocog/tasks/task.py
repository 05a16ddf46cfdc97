"""AbstractTask: what is asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.one_loss import OneLoss

B = TypeVar("B", bound=Batch)
P = TypeVar("P")
Record = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Headline:
    """The score that decides: its name among ``scores()``, and which way is better."""

    name: str
    higher_is_better: bool = True


class Loss(NamedTuple):
    """``total`` is lowered; ``parts`` are written down."""

    total: Tensor
    parts: Mapping[str, Tensor]


@dataclass(frozen=True)
class Samples:
    """What a task draws its figures from: the items of one part, and what several trained networks said of them.

    ``records[label][seed]`` is the record of one run over the same items in the same order. ``pictures`` are PNG
    bytes by item row, for some of the items.
    """

    names: Sequence[str]
    records: Mapping[str, Sequence[Record]]
    pictures: Mapping[int, bytes]


class AbstractMeter(ABC, Generic[P, B]):
    """Collects predictions batch by batch."""

    @abstractmethod
    def update(self, prediction: P, batch: B) -> None:
        """Take in one batch."""

    @abstractmethod
    def record(self) -> Record:
        """Arrays over all items seen, in order: what a run folder keeps."""


class AbstractTask(ABC, Generic[B, P]):
    """What is asked: a frozen dataclass of options."""

    headline: ClassVar[Headline]

    @classmethod
    @abstractmethod
    def for_data(cls, data: Any, descent: Descent, **options: Any) -> "AbstractTask[B, P]":
        """The task on these data, with checked options."""

    @abstractmethod
    def gives(self, data: Any) -> Any:
        """What a network must put out for this task on these data."""

    @abstractmethod
    def learner(self, network: nn.Module) -> AbstractLearner[B]:
        """How the network's parameters are to move."""

    @abstractmethod
    def predict(self, network: nn.Module, batch: B) -> P:
        """The answer for one batch, without touching the network's state."""

    @abstractmethod
    def meter(self) -> AbstractMeter[P, B]:
        """A fresh collector of predictions."""

    @abstractmethod
    def scores(self, record: Record) -> dict[str, float]:
        """All scores of a record; the headline is always among them."""

    @abstractmethod
    def item_scores(self, record: Record) -> np.ndarray:
        """The headline, item by item: what verdicts are inferred from."""

    @abstractmethod
    def answers(self, prediction: P) -> list[dict[str, Any]]:
        """What is said of each item of a batch, as plain values: what `predict` prints."""

    @abstractmethod
    def figures(self, samples: Samples) -> list[Figure]:
        """Pictures of what was right and wrong."""


class AbstractLossTask(AbstractTask[B, P]):
    """A task that lowers one loss with one descent: most tasks."""

    descent: Descent

    @abstractmethod
    def loss(self, network: nn.Module, batch: B) -> Loss:
        """The loss of one batch."""

    def learner(self, network: nn.Module) -> AbstractLearner[B]:
        """One loss, one optimizer."""
        return OneLoss(network, self.loss, self.descent)
