"""Pictures of what networks see, and of what augmentation does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from neocog.core.durable import write_durably
from neocog.core.seeds import permutation
from neocog.data.augment import Augmentation
from neocog.data.images import ImageData
from neocog.figures.contact_sheet import contact_sheet

if TYPE_CHECKING:
    from neocog.nn.at_least import EnlargeTo

COLUMNS = 8


def what_networks_see(data: ImageData, enlarged: Mapping[str, "EnlargeTo"], into: Path) -> None:
    """Write a PNG: some training images as they are prepared, then as each network enlarges or pads them."""
    rows = _some_of_each_class(data)
    pixels = _stored(data, rows)
    images = list(np.array(data.train.images[rows.numpy()]))
    labels = [data.classes[int(data.train.labels[row])] for row in rows]
    for name, enlarge in enlarged.items():
        size = f"{enlarge.gives.height}x{enlarge.gives.width}"
        images += _pixels(data, enlarge(data.preparation.normalise(pixels)), standardised=True)
        labels += [f"{name}: {size}"] * len(rows)
    title = f"{data.name}: what the networks see ({data.takes.height}x{data.takes.width} pixels)"
    _write(into, images, labels, title, data)


def what_augmentation_does(data: ImageData, augmentation: Augmentation, into: Path) -> None:
    """Write a PNG: one training image per line, first as it is, then as augmentation changes it."""
    rows = _some_of_each_class(data)
    unit = data.preparation.to_unit(_stored(data, rows))
    drawn = []
    for key in range(COLUMNS - 1):
        changed, _ = augmentation(
            unit.clone(), torch.as_tensor(data.train.labels[rows.numpy()]), rows, key, len(data.classes)
        )
        drawn.append(_pixels(data, changed, standardised=False))
    images, labels = [], []
    for line, row in enumerate(rows):
        images += [np.array(data.train.images[int(row)])] + [draws[line] for draws in drawn]
        labels += [data.classes[int(data.train.labels[row])]] + [f"draw {key + 1}" for key in range(len(drawn))]
    _write(into, images, labels, f"{data.name}, augmentation: {augmentation.describe()}", data)


def _some_of_each_class(data: ImageData) -> Tensor:
    """Rows of the train part, one class after the other."""
    order = permutation(len(data.train), 0, "pictures")
    labels = torch.as_tensor(np.asarray(data.train.labels))[order]
    first = [order[labels == label][: -(-COLUMNS // len(data.classes))] for label in range(len(data.classes))]
    return torch.cat(first)[:COLUMNS]


def _stored(data: ImageData, rows: Tensor) -> Tensor:
    return torch.from_numpy(np.array(data.train.images[rows.numpy()]))


def _pixels(data: ImageData, images: Tensor, *, standardised: bool) -> list[np.ndarray]:
    preparation = data.preparation
    if standardised:
        std, mean = (torch.tensor(each)[:, None, None] for each in (preparation.std, preparation.mean))
        images = images * std + mean
    scaled = (images.clamp(0, 1) * preparation.top).round().permute(0, 2, 3, 1)
    return list(scaled.numpy().astype(data.train.images.dtype))


def _write(into: Path, images: list[np.ndarray], labels: list[str], title: str, data: ImageData) -> None:
    sheet = contact_sheet(images, labels, columns=COLUMNS, title=title, top=data.preparation.top)
    write_durably(into, sheet)
