"""AbstractTask: what is asked."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
from torch import Tensor, nn

from neocog.core.batch import Batch
from neocog.core.shapes import Shape
from neocog.core.source import AbstractSource
from neocog.data.augment import Augmentation
from neocog.data.family import Batching, Family
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.one_loss import OneLoss
from neocog.measures.quantities import POINTS

B = TypeVar("B", bound=Batch)
P = TypeVar("P")
Record = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Headline:
    """The score that decides.

    Args:
        name: its name among ``scores()``.
        higher_is_better: which way is better.
        unit: "points" for a fraction that is shown in percent, or the score's own unit, which may be empty.
        margin: a difference that usually does not matter.
        counts: whether it is the share of items that are right, so that much is known of its error beforehand.
    """

    name: str
    higher_is_better: bool = True
    unit: str = POINTS
    margin: float = 0.005
    counts: bool = False

    def show(self, value: float) -> str:
        """A value for a person: 97.35 (per cent), or a plain number of four figures."""
        return f"{100 * value:.2f}" if self.unit == POINTS else f"{value:.4g}"

    @property
    def title(self) -> str:
        """Its name, with the sign that ``show`` leaves out."""
        return f"{self.name.replace('_', ' ')}{' %' if self.unit == POINTS else ''}"


@dataclass(frozen=True)
class Scoring:
    """A score that may decide in the headline's place.

    Args:
        headline: its name, which way is better, its unit and its usual margin.
        items: its value for each item of a record; pseudo-values where it is no mean over items.
        whole: its value for a record.
        least: items of each class that it needs in a part, to be known with an error.
    """

    headline: Headline
    items: Callable[[Record], np.ndarray]
    whole: Callable[[Record], float]
    least: int = 1


@dataclass(frozen=True)
class Answers:
    """What a trained network says of some items.

    Args:
        values: one dict of plain values per item.
        words: the same for a person, one line per item.
        pictures: PNG images by file name, for tasks whose answers are looked at.
    """

    values: Sequence[Mapping[str, Any]]
    words: Sequence[str]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


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


@runtime_checkable
class Guessable(Protocol):
    """A task whose score by guessing is known: what is reached without looking, and how a record stands to chance."""

    def majority(self, record: Record, train: Mapping[str, int]) -> tuple[str, np.ndarray]:
        """The commonest class of the training items, and the item scores of always answering it."""
        ...

    def beyond_chance(self, record: Record) -> np.ndarray:
        """Item scores whose mean is the headline less what blind answers as frequent as these would reach."""
        ...


class AbstractMeter(ABC, Generic[P, B]):
    """Collects predictions batch by batch."""

    @abstractmethod
    def update(self, prediction: P, batch: B) -> None:
        """Take in one batch."""

    @abstractmethod
    def record(self) -> Record:
        """Arrays over all items seen, in order: what a run folder keeps."""


class AbstractTask(ABC, Generic[B, P]):
    """What is asked: a frozen dataclass of options.

    Class attributes: ``headline``; ``other_scores``, by name, that `compare` may be asked to decide by; ``family``, the
    kind of data it is asked of, with ``usual_data`` where none is named; ``networks``, those that `compare` tries where
    none is named; ``network``, the one that `train` takes; ``usual_descent``; ``usual_batch``, items of a step (None:
    by the amount of data); ``evaluation_batch``, items of a look; ``augments``, whether images are augmented;
    ``input``, what one item of ``answer`` is called; ``perturbs``, whether an item is an image whose class stays when
    it is shifted or blurred a little, and records hold ``probabilities``, one row per item.
    """

    headline: ClassVar[Headline]
    other_scores: ClassVar[Mapping[str, Scoring]] = {}
    family: ClassVar[Family]
    usual_data: ClassVar[str]
    networks: ClassVar[tuple[str, ...]]
    network: ClassVar[str]
    usual_descent: ClassVar[Descent] = Descent()
    usual_batch: ClassVar[int | None] = None
    evaluation_batch: ClassVar[int] = 1000
    augments: ClassVar[bool] = False
    input: ClassVar[str] = "file"
    perturbs: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def for_data(cls, data: Any, descent: Descent, **options: Any) -> "AbstractTask[B, P]":
        """The task on these data, with checked options; the data may be without items."""

    @abstractmethod
    def gives(self, data: Any) -> Shape:
        """What a network must put out for this task on these data."""

    @abstractmethod
    def assemble(self, network: nn.Module) -> nn.Module:
        """What is trained: the network itself, or something of the task's around it."""

    @abstractmethod
    def source(
        self, data: Any, network: nn.Module, batching: Batching, augmentation: Augmentation
    ) -> AbstractSource[B]:
        """Where the training batches come from; an environment acts with the network."""

    @abstractmethod
    def still(self, data: Any, part: str, batching: Batching) -> AbstractSource[B]:
        """One part ("train", "val", "test") in its own order, as it is, once."""

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
    def items(self, given: Any) -> Sequence[Any]:
        """What a person gave to be answered (paths, arrays, texts, or nothing), one element per answer.

        Raises:
            UsageProblem: everything that is missing or of the wrong kind, at once.
        """

    @abstractmethod
    def inputs(self, data: Any, items: Sequence[Any], device: str) -> B:
        """Some of these items, prepared as the data were; the data may be without items.

        Raises:
            DataProblem: an item cannot be read, or is of another kind.
        """

    @abstractmethod
    def answer(self, network: nn.Module, batch: B) -> Answers:
        """What is said of each item of a batch; keyword-only parameters are options of `neocog predict`."""

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
