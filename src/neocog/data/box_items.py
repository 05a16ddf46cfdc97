"""New images for a detector: read, fitted, and remembered where they lie in the prepared image."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neocog.core.errors import DataProblem
from neocog.data.as_trained import image_batch
from neocog.data.box_data import NO_BOX, BoxBatch
from neocog.data.box_frames import frames_for
from neocog.data.preparation import Preparation
from neocog.data.readers.decode import look
from neocog.data.readers.findings import BadImage


def box_batch(items: Sequence[Any], preparation: Preparation, device: str) -> BoxBatch:
    """Files or arrays, read and prepared for a trained detector; there are no true boxes.

    Raises:
        DataProblem: an item is no image, or an array of another depth or number of channels.
    """
    prepared = image_batch(items, preparation, device)
    sizes = np.array([_size(item) for item in items], np.int64).reshape(-1, 2)
    frames = torch.from_numpy(frames_for(sizes, (preparation.height, preparation.width))).to(device)
    boxes = torch.zeros(len(items), 1, 4, device=device)
    labels = torch.full((len(items), 1), NO_BOX, device=device)
    names = tuple(
        str(item) if isinstance(item, str | Path) else f"image-{number}" for number, item in enumerate(items, 1)
    )
    return BoxBatch(prepared.images, boxes, labels, frames, prepared.rows, names)


def _size(item: Any) -> tuple[int, int]:
    """Height and width of what was given."""
    if not isinstance(item, str | Path):
        return int(item.shape[0]), int(item.shape[1])
    try:
        seen = look(Path(item).read_bytes())
    except (BadImage, OSError) as problem:
        raise DataProblem("data-image-damaged", f"{item} cannot be read", where=str(item)) from problem
    return seen.height, seen.width
