"""DetectBoxes: what is where in an image?"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from neocog.core.errors import UsageProblem
from neocog.core.options import show
from neocog.core.rules import AtLeast, Between
from neocog.core.shapes import Image, Vector
from neocog.data.as_trained import image_items
from neocog.data.augment import Augmentation
from neocog.data.box_data import BoxBatch, BoxData
from neocog.data.box_family import BOXES
from neocog.data.box_items import box_batch
from neocog.data.box_source import BoxSource
from neocog.data.family import Batching, Family
from neocog.data.preparation import Preparation
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.measures.average_precision import average_precision, matched, recall, shares_of_images
from neocog.nn.anchor_free import BOX, CENTRE, CLASSES, AnchorFree
from neocog.nn.box_decoding import Found, edges_of, found_boxes
from neocog.nn.box_losses import generalised_iou, sigmoid_focal
from neocog.nn.box_targets import UNSURE, targets_for
from neocog.tasks.boxes_answers import box_answers
from neocog.tasks.boxes_figures import box_figures
from neocog.tasks.boxes_record import BoxesMeter, found_in, truth_in
from neocog.tasks.task import AbstractLossTask, Answers, Headline, Loss, Record, Samples

LEAST = 0.1  # score under which a box is not even kept for scoring; all places say less before training
SURE = 0.5  # score from which on a box is shown and counted as said


@dataclass(frozen=True)
class DetectBoxes(AbstractLossTask[BoxBatch, list[Found]]):
    """Find all objects of some classes, each with the box around it.

    A one-stage detector without anchors (see ``AnchorFree``) is built around any network that has maps. The headline is
    the mean average precision at an overlap of .5, as COCO defines it, in pixels of the prepared images.

    Args:
        classes: names, in the order of the outputs.
        takes: the prepared images.
        descent: how the loss is lowered.
    """

    headline: ClassVar[Headline] = Headline("ap50", margin=0.01)
    family: ClassVar[Family] = BOXES
    usual_data: ClassVar[str] = "digit-scenes"
    networks: ClassVar[tuple[str, ...]] = ("simple-cnn", "lenet5", "resnet[depth=8,stem=2]")
    network: ClassVar[str] = "resnet[depth=8,stem=2,width=24]"
    usual_descent: ClassVar[Descent] = Descent(rate=2e-3, clip=10.0)
    usual_batch: ClassVar[int | None] = 16
    evaluation_batch: ClassVar[int] = 50
    augments: ClassVar[bool] = True

    classes: tuple[str, ...]
    takes: Image
    preparation: Preparation
    descent: Descent
    _: KW_ONLY
    strides: Annotated[tuple[int, ...], AtLeast(1), "Pixels per step of the levels, each twice the one before."] = (
        4,
        8,
        16,
    )
    width: Annotated[int, Between(8, 512), "Planes of pyramid and towers; a multiple of 8."] = 48
    depth: Annotated[int, Between(0, 8), "Convolutions in each of the two towers."] = 1
    overlap: Annotated[float, Between(0, 1), "A box that overlaps a surer one of its class by more is dropped."] = 0.5
    most: Annotated[int, Between(1, 1000), "Boxes kept of one image."] = 100

    def __post_init__(self) -> None:
        doubled = all(later == 2 * earlier for earlier, later in pairwise(self.strides))
        for name, fits, wanted in (
            ("strides", doubled and bool(self.strides), "each twice the one before, such as 4+8+16"),
            ("width", self.width % 8 == 0, "a multiple of 8"),
        ):
            if not fits:
                value = show(getattr(self, name))
                raise UsageProblem(
                    "option-value",
                    f"boxes: `{name}` cannot be `{value}`",
                    where=f"boxes: {name}={value}   expected: {wanted}",
                    help=f"give {wanted}",
                )

    @classmethod
    def for_data(cls, data: BoxData, descent: Descent, **options: Any) -> "DetectBoxes":
        """The task with the data's class map and size."""
        return cls(data.classes, data.takes, data.preparation, descent, **options)

    def gives(self, data: BoxData) -> Vector:
        """A head that is taken off again: the detector's own stands in its place."""
        return Vector(len(self.classes))

    def assemble(self, network: nn.Module) -> nn.Module:
        """The detector around the network's maps."""
        return AnchorFree(
            network,
            self.takes,
            classes=len(self.classes),
            strides=self.strides,
            width=self.width,
            depth=self.depth,
        )

    def source(self, data: BoxData, network: nn.Module, batching: Batching, augmentation: Augmentation) -> BoxSource:
        """The training part, shuffled and augmented, boxes and all."""
        return BoxSource.training(data, batching, augmentation)

    def still(self, data: BoxData, part: str, batching: Batching) -> BoxSource:
        """A part in its own order."""
        return BoxSource.still(data, part, batching)

    def loss(self, network: nn.Module, batch: BoxBatch) -> Loss:
        """Focal loss of the classes, generalised IoU of the boxes, cross-entropy of centre-ness; all are written down.

        The first is divided by the number of places that answer for a box, the second weighted by their centre-ness.

        Source: FCOS (arXiv 1904.01355), eq. 2, with GIoU in the place of IoU.
        """
        said = network(batch.images).float()
        places = cast(AnchorFree, network).places
        target = targets_for(places, batch.boxes, batch.labels)
        ours = target.labels >= 0
        count = ours.sum().clamp(min=1)
        wanted = functional.one_hot(target.labels.clamp(min=0), len(self.classes)).to(said) * ours[..., None]
        sure = (target.labels != UNSURE)[..., None]
        classes = (sigmoid_focal(said[..., CLASSES], wanted) * sure).sum() / count
        weight = target.centre * ours
        flat = edges_of(places, said[..., BOX]).reshape(-1, 4), edges_of(places, target.distances).reshape(-1, 4)
        misfit = (1 - generalised_iou(*flat)).reshape(weight.shape)
        boxes = (torch.where(ours, misfit, 0.0) * weight).sum() / weight.sum().clamp(min=1e-6)
        centre = functional.binary_cross_entropy_with_logits(said[..., CENTRE], target.centre, reduction="none")
        centre = (centre * ours).sum() / count
        return Loss(classes + boxes + centre, {"classes": classes, "boxes": boxes, "centre": centre})

    def predict(self, network: nn.Module, batch: BoxBatch) -> list[Found]:
        """The boxes of each image, surest first, however unsure."""
        said = network(batch.images).float()
        places = cast(AnchorFree, network).places
        return found_boxes(said, places, batch.frames, least=LEAST, overlap=self.overlap, most=self.most)

    def meter(self) -> BoxesMeter:
        """Collects found and true boxes."""
        return BoxesMeter()

    def scores(self, record: Record) -> dict[str, float]:
        """Average precision at .5, at .75 and over .5:.95, recall with 100 boxes, missed and wrong ones at score .5.

        ``missed`` is the share of the true boxes that no box with a score of .5 or more finds (overlap .5);
        ``false_alarms`` is the number of such boxes per image that find nothing.
        """
        found, truth = found_in(record), truth_in(record)
        images = len(record["rows"])
        every = matched(found, truth, classes=len(self.classes), images=images)
        levels = average_precision(every)
        hits = sum(int((each.right[0] & (each.scores >= SURE)).sum()) for each in every)
        said = sum(int((each.scores >= SURE).sum()) for each in every)
        return {
            "ap50": float(levels[0]),
            "ap": float(levels.mean()),
            "ap75": float(levels[5]),
            "recall_100": float(recall(every).mean()),
            "missed": 1 - hits / max(1, len(truth)),
            "false_alarms": (said - hits) / max(1, images),
        }

    def item_scores(self, record: Record) -> np.ndarray:
        """What each image contributes to the headline; the mean over images is the headline (``shares_of_images``)."""
        every = matched(
            found_in(record),
            truth_in(record),
            classes=len(self.classes),
            images=len(record["rows"]),
            thresholds=(0.5,),
        )
        return shares_of_images(every)

    def items(self, given: Any) -> Sequence[Any]:
        """Image files (those in folders too) or arrays."""
        return image_items(given)

    def inputs(self, data: BoxData, items: Sequence[Any], device: str) -> BoxBatch:
        """Decoded, in the size, channels and depth of the training images."""
        return box_batch(items, data.preparation, device)

    def answer(
        self,
        network: nn.Module,
        batch: BoxBatch,
        *,
        score: Annotated[float, Between(LEAST, 1), "Boxes that are less sure are not shown."] = SURE,
        pictures: Annotated[bool, "Whether to draw the boxes."] = True,
    ) -> Answers:
        """``boxes`` of each image in pixels of the original, surest first; a picture of each with its boxes."""
        return box_answers(self.predict(network, batch), batch, self.classes, self.preparation, score, pictures)

    def figures(self, samples: Samples) -> list[Figure]:
        """Test images with right, missed and wrong boxes; precision against recall, for the first of the networks."""
        return box_figures(samples, self.classes, (self.takes.height, self.takes.width), SURE)
