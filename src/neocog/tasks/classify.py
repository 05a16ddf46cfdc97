"""Classify: which one of several classes is it?"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import AtLeast, Between, OneOf
from neocog.core.shapes import Vector
from neocog.data.as_trained import image_batch, image_items
from neocog.data.augment import Augmentation
from neocog.data.family import Batching, Family
from neocog.data.image_family import IMAGES
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageBatch, ImageData
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.measures import classification
from neocog.measures.item_scores import beyond_chance_items, majority_items
from neocog.nn.auxiliary import weighted_outputs
from neocog.nn.losses import LOSSES
from neocog.tasks.classify_figures import classify_figures
from neocog.tasks.classify_scores import CLASSIFY_SCORES
from neocog.tasks.task import AbstractLossTask, AbstractMeter, Answers, Headline, Loss, Record, Samples, Scoring


@dataclass(frozen=True)
class Classify(AbstractLossTask[ImageBatch, Tensor]):
    """One class per image, out of a fixed map.

    Args:
        classes: names, in the order of the network's outputs.
        counts: training images of each class, for ``balance``.
        descent: how the loss is lowered.
    """

    headline: ClassVar[Headline] = Headline("accuracy", counts=True)
    other_scores: ClassVar[Mapping[str, Scoring]] = CLASSIFY_SCORES
    family: ClassVar[Family] = IMAGES
    usual_data: ClassVar[str] = "digits"
    networks: ClassVar[tuple[str, ...]] = ("linear", "mlp", "simple-cnn", "lenet5", "resnet")
    network: ClassVar[str] = "simple-cnn"
    augments: ClassVar[bool] = True
    perturbs: ClassVar[bool] = True

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    descent: Descent
    _: KW_ONLY
    loss_name: Annotated[str, OneOf(*LOSSES), "What is lowered."] = "cross-entropy"
    smoothing: Annotated[float, Between(0, 1, open_high=True), "Label smoothing, for cross-entropy."] = 0.0
    balance: Annotated[bool, "Weigh each class by the inverse of its frequency in training."] = False
    gamma: Annotated[float, AtLeast(0), "Focus of the focal loss on hard images."] = 2.0

    @classmethod
    def for_data(cls, data: ImageData, descent: Descent, **options: Any) -> "Classify":
        """The task with the data's class map."""
        counts = np.bincount(data.train.labels, minlength=len(data.classes))
        return cls(data.classes, tuple(int(count) for count in counts), descent, **options)

    def gives(self, data: ImageData) -> Vector:
        """One logit per class."""
        return Vector(len(self.classes))

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself."""
        return network

    def source(
        self, data: ImageData, network: nn.Module, batching: Batching, augmentation: Augmentation
    ) -> ImageSource:
        """The training part, shuffled and augmented."""
        return ImageSource.training(data, batching, augmentation)

    def still(self, data: ImageData, part: str, batching: Batching) -> ImageSource:
        """A part in its own order."""
        return ImageSource.still(data, part, batching)

    def loss(self, network: nn.Module, batch: ImageBatch) -> Loss:
        """The named loss of a batch, from logits in float32; of several outputs, the sum as they are weighted."""
        outputs = weighted_outputs(network, batch.images)
        total, *others = (weight * self._lowered(logits, batch) for weight, logits in outputs)
        for other in others:
            total = total + other
        return Loss(total, {})

    def predict(self, network: nn.Module, batch: ImageBatch) -> Float[Tensor, "n k"]:
        """Class probabilities."""
        return torch.softmax(network(batch.images).float(), dim=1)

    def meter(self) -> "ClassifyMeter":
        """Collects probabilities and labels."""
        return ClassifyMeter()

    def scores(self, record: Record) -> dict[str, float]:
        """Accuracy, balanced accuracy, macro F1, log-loss, expected calibration error."""
        probabilities, labels = record["probabilities"], record["labels"]
        predicted = probabilities.argmax(1)
        confusion = classification.confusion_matrix(predicted, labels, len(self.classes))
        return {
            "accuracy": classification.accuracy(predicted, labels),
            "balanced_accuracy": classification.balanced_accuracy(confusion),
            "macro_f1": classification.macro_f1(confusion),
            "log_loss": classification.log_loss(probabilities, labels),
            "calibration_error": classification.expected_calibration_error(probabilities, labels),
        }

    def item_scores(self, record: Record) -> np.ndarray:
        """1 for each image that was named rightly, 0 for the others."""
        return (record["probabilities"].argmax(1) == record["labels"]).astype(np.float64)

    def majority(self, record: Record, train: Mapping[str, int]) -> tuple[str, np.ndarray]:
        """The commonest class of the training images (the first of several), and what always saying it scores."""
        name = max(self.classes, key=lambda each: train.get(each, 0))
        return name, majority_items(self.classes.index(name), record["labels"])

    def beyond_chance(self, record: Record) -> np.ndarray:
        """1 for each image that was named rightly, less the share of images of the class that it was called."""
        return beyond_chance_items(record["probabilities"].argmax(1), record["labels"])

    def items(self, given: Any) -> Sequence[Any]:
        """Image files (those in folders too) or arrays."""
        return image_items(given)

    def inputs(self, data: ImageData, items: Sequence[Any], device: str) -> ImageBatch:
        """Decoded, in the size, channels and depth of the training images."""
        return image_batch(items, data.preparation, device)

    def answer(self, network: nn.Module, batch: ImageBatch) -> Answers:
        """``label``, its ``probability``, and the ``probabilities`` of every class."""
        rows = self.predict(network, batch).cpu()
        labels = [self.classes[int(row.argmax())] for row in rows]
        surest = [float(row.max()) for row in rows]
        values = [
            {"label": label, "probability": sure, "probabilities": dict(zip(self.classes, row.tolist(), strict=True))}
            for label, sure, row in zip(labels, surest, rows, strict=True)
        ]
        words = [f"{label} ({100 * sure:.1f} %)" for label, sure in zip(labels, surest, strict=True)]
        return Answers(values, words)

    def figures(self, samples: Samples) -> list[Figure]:
        """Confusion, worst errors and calibration of the first network of the samples."""
        return classify_figures(samples, self.classes)

    def _lowered(self, logits: Float[Tensor, "n k"], batch: ImageBatch) -> Float[Tensor, ""]:
        return LOSSES[self.loss_name](
            logits.float(),
            batch.labels,
            batch.targets,
            smoothing=self.smoothing,
            weights=self._weights(logits.device) if self.balance else None,
            gamma=self.gamma,
        )

    def _weights(self, device: torch.device) -> Float[Tensor, "k"]:
        counts = torch.tensor(self.counts, dtype=torch.float32, device=device)
        return counts.sum() / (len(counts) * counts.clamp(min=1))


class ClassifyMeter(AbstractMeter[Tensor, ImageBatch]):
    """Probabilities and labels of all images seen, in order."""

    def __init__(self) -> None:
        self._probabilities: list[Tensor] = []
        self._labels: list[Tensor] = []

    def update(self, prediction: Float[Tensor, "n k"], batch: ImageBatch) -> None:
        """Take in one batch."""
        self._probabilities.append(prediction.cpu())
        self._labels.append(batch.labels.cpu())

    def record(self) -> Record:
        """``probabilities`` (n x k, float32) and ``labels`` (n)."""
        return {
            "probabilities": torch.cat(self._probabilities).numpy(),
            "labels": torch.cat(self._labels).numpy(),
        }
