"""What is said of new images: boxes as plain values, in words, and drawn."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from neocog.data.box_data import BoxBatch
from neocog.data.box_frames import unframed
from neocog.data.preparation import Preparation
from neocog.figures.boxes import Drawn, with_boxes
from neocog.nn.box_decoding import Found
from neocog.tasks.task import Answers


def box_answers(
    found: Sequence[Found],
    batch: BoxBatch,
    classes: Sequence[str],
    preparation: Preparation,
    least: float,
    pictures: bool,
) -> Answers:
    """One answer per image: ``boxes`` with ``label``, ``score`` and edges in pixels of the original."""
    values: list[dict[str, Any]] = []
    words: list[str] = []
    drawn: dict[str, bytes] = {}
    for row, each in enumerate(found):
        kept = each.scores >= least
        labels = [classes[label] for label in each.labels[kept].tolist()]
        scores: list[float] = each.scores[kept].tolist()
        edges = each.edges[kept].cpu().numpy().astype(np.float64)
        original = unframed(edges, batch.frames[row].cpu().numpy())
        values.append(
            {
                "boxes": [
                    {"label": label, "score": score, **dict(zip(("left", "top", "right", "bottom"), box, strict=True))}
                    for label, score, box in zip(labels, scores, original.round(2).tolist(), strict=True)
                ]
            }
        )
        counts = Counter(labels)
        words.append(", ".join(f"{count} {label}" for label, count in counts.most_common()) or "nothing found")
        if pictures:
            boxes = [
                Drawn(tuple(box), f"{label} {score:.2f}")
                for box, label, score in zip(edges.tolist(), labels, scores, strict=True)
            ]
            drawn[_file(batch, row, drawn)] = with_boxes(_pixels(batch, row, preparation), boxes)
    return Answers(values, words, drawn)


def _pixels(batch: BoxBatch, row: int, preparation: Preparation) -> np.ndarray:
    """The prepared image as 8-bit pixels."""
    image = batch.images[row].float().cpu().permute(1, 2, 0).numpy()
    unit = image * np.array(preparation.std) + np.array(preparation.mean)
    return (np.clip(unit, 0, 1) * 255).round().astype(np.uint8)


def _file(batch: BoxBatch, row: int, taken: dict[str, bytes]) -> str:
    """A name for the picture: that of the image, with the folder that it is in where another has its name."""
    path = PurePath(batch.names[row]) if batch.names else PurePath(f"image-{int(batch.rows[row]) + 1}")
    name = f"{path.name}.boxes.png"
    number = 2
    while name in taken:
        name = f"{path.parent.name or 'image'}-{path.name}-{number}.boxes.png"
        number += 1
    return name
