"""IMAGES: the family of labelled images."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neocog.core.errors import UsageProblem
from neocog.core.progress import AbstractProgress
from neocog.data.as_trained import open_labelled
from neocog.data.family import Family
from neocog.data.images import ImageData, images_like
from neocog.data.open import DataChoice, from_arrays, open_images
from neocog.data.sets import DATASETS


def _labelled(
    choice: DataChoice, like: ImageData, *, download: bool, keep: bool, progress: AbstractProgress
) -> ImageData:
    part = open_labelled(choice, like.classes, like.preparation, download=download, keep=keep, progress=progress)
    return ImageData(choice.name, like.classes, like.train, like.val, part, like.preparation, "")


def _given(data: Any) -> ImageData:
    if isinstance(data, ImageData):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        images, labels = (np.asarray(part) for part in data)
        return from_arrays(images, labels)
    raise UsageProblem(
        "data-kind",
        f"{type(data).__name__} is no labelled images",
        help="give a name, a path, a pair (images, labels) or an ImageData",
    )


def _known() -> Mapping[str, str]:
    return {name: each.about for name, each in DATASETS.items()}


IMAGES = Family(
    choice=DataChoice,
    open=open_images,
    like=images_like,
    labelled=_labelled,
    given=_given,
    claims=DATASETS.__contains__,
    known=_known(),
)
