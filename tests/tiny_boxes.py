"""A tiny data set with boxes: bright squares and hollow frames on dark noise, 32 x 32 grey."""

import numpy as np

from neocog.data.box_data import BoxData, BoxPart
from neocog.data.box_frames import frames_for
from neocog.data.preparation import Preparation

KINDS = ("full", "hollow")


def tiny_boxes(items: int = 16, seed: int = 7) -> BoxData:
    """Every image has one or two objects, but the last, which has none."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 50, (items, 32, 32, 1), dtype=np.uint8)
    edges, labels, starts = [], [], [0]
    for row in range(items):
        for number in range(0 if row == items - 1 else 1 + row % 2):
            label, side = int(random.integers(0, 2)), int(random.integers(8, 14))
            x, y = number * 16 + int(random.integers(0, 3)), int(random.integers(0, 32 - side))
            images[row, y : y + side, x : x + side] = 240
            if label:
                images[row, y + 3 : y + side - 3, x + 3 : x + side - 3] = 10
            edges.append((x, y, x + side, y + side))
            labels.append(label)
        starts.append(len(labels))
    frames = frames_for(np.full((items, 2), 32), (32, 32))
    names = [f"#{row}" for row in range(items)]
    part = BoxPart(images, np.array(edges, np.float32), np.array(labels), np.array(starts), frames, names)
    return BoxData("tiny", KINDS, part, part, part, Preparation.measured(images), "tiny")
