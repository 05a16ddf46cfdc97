"""Images with boxes: a batch of them, a part (train, val or test) and a whole data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.shapes import Image
from neocog.data.family import PARTS, AbstractData
from neocog.data.preparation import Preparation
from neocog.figures.boxes import Drawn, with_boxes
from neocog.figures.figure import Figure, Picture
from neocog.figures.gallery import gallery
from neocog.figures.png import to_png
from neocog.nn.box_targets import NOTHING

NO_BOX = NOTHING  # the label of a row that holds none, since images have different numbers of boxes
_SEEN = 12
WORD = "images"


@dataclass(frozen=True)
class BoxBatch(Batch):
    """Prepared images with their boxes.

    Args:
        images: normalised.
        boxes: left, top, right, bottom in pixels of the prepared image.
        labels: places in the class map; NO_BOX where a row holds none; smaller where it is not known what is there.
        frames: left, top, width and height of the picture within the prepared image, then the pixels of the original
            per pixel across and down.
        rows: the items' rows in their part.
        names: what the images are called, where that matters.
    """

    images: Float[Tensor, "n c h w"]
    boxes: Float[Tensor, "n m 4"]
    labels: Int[Tensor, "n m"]
    frames: Float[Tensor, "n 6"]
    rows: Int[Tensor, "n"]
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of images."""
        return len(self.rows)


@dataclass(frozen=True)
class BoxPart:
    """One part of a data set: ``images`` is n x h x w x c, 8 or 16 bits, possibly memory-mapped.

    ``edges`` and ``labels`` are the boxes of all images, one image after the other; those of image i are the rows
    ``starts[i]`` to ``starts[i + 1]``. ``frames`` are those of ``BoxBatch``.
    """

    images: np.ndarray
    edges: Float[np.ndarray, "k 4"]
    labels: Int[np.ndarray, "k"]
    starts: Int[np.ndarray, "_"]
    frames: Float[np.ndarray, "n 6"]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.frames)

    def of(self, row: int) -> slice:
        """Where the boxes of an image are."""
        return slice(int(self.starts[row]), int(self.starts[row + 1]))


@dataclass(frozen=True)
class BoxData(AbstractData):
    """A data set for finding objects, ready to train on.

    ``mended`` counts boxes that were clipped or left out. See ``AbstractData`` for the rest.
    """

    name: str
    classes: tuple[str, ...]
    train: BoxPart
    val: BoxPart
    test: BoxPart
    preparation: Preparation
    fingerprint: str
    notes: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, int] = field(default_factory=dict)

    @property
    def takes(self) -> Image:
        """The shape that a network gets."""
        return Image(self.preparation.channels, self.preparation.height, self.preparation.width)

    def part(self, name: str) -> BoxPart:
        """The part called "train", "val" or "test"."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def counts(self) -> dict[str, dict[str, int]]:
        """Images of each part; they may hold boxes of several classes."""
        return {name: {WORD: len(self.part(name))} for name in PARTS}

    def box_counts(self) -> dict[str, dict[str, int]]:
        """Boxes by part and class."""
        return {
            name: dict(zip(self.classes, _counted(self.part(name).labels, len(self.classes)), strict=True))
            for name in PARTS
        }

    def line(self) -> str:
        """Classes, boxes, pixels."""
        takes, boxes = self.takes, sum(len(self.part(name).labels) for name in PARTS)
        shown = f"{len(self.classes)} classes" if len(self.classes) != 1 else "1 class"
        return f"{boxes:,} boxes of {shown}, {takes.height}x{takes.width} pixels, {takes.channels} channels"

    def details(self) -> dict[str, Any]:
        """Size of the images, boxes by part and class, and what was mended."""
        takes = self.takes
        return {
            "image": {"channels": takes.channels, "height": takes.height, "width": takes.width},
            "boxes": self.box_counts(),
            "mended": dict(self.mended),
        }

    def figures(self) -> list[Figure]:
        """Some training images with their boxes."""
        pictures = [Picture(png, name) for name, png in self.seen().items()]
        return [gallery("boxes", "Training images with their boxes", pictures, columns=3)]

    def facts(self) -> dict[str, Any]:
        """Class map and preparation."""
        return {"classes": list(self.classes), "preparation": self.preparation.as_dict()}

    def names(self, part: str) -> Sequence[str]:
        """The files."""
        return self.part(part).names

    def pictures(self, part: str, rows: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """PNG images of some rows as they are prepared, in that order, until they have so many bytes."""
        found: dict[int, bytes] = {}
        for row in rows:
            png = to_png(np.ascontiguousarray(self.part(part).images[row]), self.preparation.top)
            most_bytes -= len(png)
            if most_bytes < 0:
                break
            found[row] = png
        return found

    def seen(self) -> dict[str, bytes]:
        """A few training images as they are prepared, with their boxes drawn in."""
        found = {}
        for row in range(min(_SEEN, len(self.train))):
            image = np.ascontiguousarray(self.train.images[row])
            place = self.train.of(row)
            drawn = [
                Drawn(tuple(edges), self.classes[label])
                for edges, label in zip(self.train.edges[place].tolist(), self.train.labels[place], strict=True)
            ]
            found[self.train.names[row]] = with_boxes(image, drawn, top=self.preparation.top)
        return found


def padded(part: BoxPart) -> tuple[Float[Tensor, "n m 4"], Int[Tensor, "n m"]]:
    """The boxes of every image in a table with as many rows as the fullest image needs, one at least."""
    counts = np.diff(part.starts)
    most = max(1, int(counts.max(initial=0)))
    edges = np.zeros((len(part), most, 4), np.float32)
    labels = np.full((len(part), most), NO_BOX, np.int64)
    held = np.arange(most) < counts[:, None]
    edges[held], labels[held] = part.edges, part.labels
    return torch.from_numpy(edges), torch.from_numpy(labels)


def empty_part(preparation: Preparation) -> BoxPart:
    """A part without images."""
    shape = (0, preparation.height, preparation.width, preparation.channels)
    none = np.zeros(0, np.int64)
    edges, frames = np.zeros((0, 4), np.float32), np.zeros((0, 6), np.float32)
    return BoxPart(np.zeros(shape, np.uint8), edges, none, np.zeros(1, np.int64), frames, ())


def boxes_like(facts: Mapping[str, Any]) -> BoxData:
    """The data of a run without its images: class map and preparation."""
    preparation = Preparation.from_dict(facts["preparation"])
    none = empty_part(preparation)
    return BoxData(facts["name"], tuple(facts["classes"]), none, none, none, preparation, facts["fingerprint"])


def _counted(labels: np.ndarray, classes: int) -> list[int]:
    counts: list[int] = np.bincount(labels, minlength=classes).tolist()
    return counts
