"""digit-scenes: scikit-learn's digits laid on dark canvases, with the true box and class of each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float, UInt8

from neocog.core.seeds import stream
from neocog.data.readers.findings import Findings
from neocog.data.sets.digits import DIGITS
from neocog.data.split import PARTS, Split, split_rows

ABOUT: Final = "scenes of 3 to 8 handwritten digits with their boxes, 128x128 grey, 10 classes; made here, no download"
SIDE: Final = 128
SCENES: Final = {"train": 3000, "val": 500, "test": 500}
_FEWEST, _MOST = 3, 8
_SMALLEST, _LARGEST = 8, 32  # pixels of a digit's square: 1 to 4 times its own
_INK = 32  # of 255: what counts as part of a digit
_SHARED = 0.25  # of the smaller of two boxes may be covered by the other
_TRIES = 60

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scenes:
    """Canvases of one part (n x 128 x 128 x 1), and of each its boxes (left, top, right, bottom) and their digits."""

    images: UInt8[np.ndarray, "n 128 128 1"]
    edges: list[Float[np.ndarray, "_ 4"]]
    labels: list[np.ndarray]
    sources: list[list[int]]


def digit_scenes(counts: dict[str, int] = SCENES, seed: int = 0) -> dict[str, Scenes]:
    """So many scenes of each part; no digit is in two parts.

    A scene holds 3 to 8 digits, each enlarged 1 to 4 times (bilinear) to a square of 8 to 32 pixels and laid where it
    covers at most a quarter of another's box; where two meet, the brighter pixel stays. A box is the smallest that
    holds a digit's pixels of at least 32 of 255. ``sources`` are the digits' rows in the set `digits`.
    """
    digits = DIGITS.read(Path(), Findings())
    labels = np.array([int(label) for label in digits.labels])
    rows = dict(zip(PARTS, split_rows(labels, None, Split(val=0.1, test=0.2)), strict=True))
    made = {}
    for part, count in counts.items():
        random = np.random.default_rng(stream(seed, "digit-scenes", part))
        made[part] = _scenes(digits.images[..., 0], labels, rows[part], count, random)
    return made


def _scenes(
    digits: UInt8[np.ndarray, "d 8 8"], labels: np.ndarray, rows: np.ndarray, count: int, random: np.random.Generator
) -> Scenes:
    images = np.zeros((count, SIDE, SIDE, 1), np.uint8)
    made = Scenes(images, [], [], [])
    for canvas in images[..., 0]:
        boxes: list[Box] = []
        used: list[int] = []
        for row in random.choice(rows, int(random.integers(_FEWEST, _MOST + 1)), replace=False):
            side = int(random.integers(_SMALLEST, _LARGEST + 1))
            digit = _enlarged(digits[row], side)
            left, top, right, bottom = _ink(digit)
            for x, y in random.integers(0, SIDE - side + 1, (_TRIES, 2)).tolist():
                box = (left + x, top + y, right + x, bottom + y)
                if all(_fits(box, other) for other in boxes):
                    boxes.append(box)
                    used.append(int(row))
                    place = canvas[y : y + side, x : x + side]
                    np.maximum(place, digit, out=place)
                    break
        made.edges.append(np.array(boxes, np.float64))
        made.labels.append(labels[used])
        made.sources.append(used)
    return made


def _fits(box: Box, other: Box) -> bool:
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    if wide <= 0 or high <= 0:
        return True
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (box, other)]
    return wide * high <= _SHARED * min(areas)


def _ink(digit: UInt8[np.ndarray, "s s"]) -> Box:
    """Left, top, right and bottom of what is not dark."""
    bright = digit >= _INK
    across, down = np.flatnonzero(bright.any(axis=0)), np.flatnonzero(bright.any(axis=1))
    return int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1


def _enlarged(digit: UInt8[np.ndarray, "8 8"], side: int) -> UInt8[np.ndarray, "s s"]:
    weights = _weights(side)
    return np.rint(weights @ digit @ weights.T).astype(np.uint8)


@cache
def _weights(side: int) -> Float[np.ndarray, "s 8"]:
    """Bilinear interpolation of 8 values at ``side`` places, as a matrix."""
    at = np.clip((np.arange(side) + 0.5) * 8 / side - 0.5, 0, 7)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(8)))
