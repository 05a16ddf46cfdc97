"""Random cases of found and true boxes, the same wherever they are made."""

import numpy as np

from neocog.measures.boxes import Boxes

CASES, CLASSES = 200, 4


def random_case(number: int) -> tuple[Boxes, Boxes, int]:
    """Found boxes, true boxes and the number of images: ties, doubles, empty images and absent classes included."""
    random = np.random.default_rng(number)
    images = int(random.integers(1, 9))
    truth = _boxes(random, images, int(random.integers(1, 40)))
    near = random.integers(0, len(truth), int(random.integers(0, 60)))
    noise = random.normal(0, random.choice([0.5, 2.0, 6.0]), (len(near), 4))
    far = _boxes(random, images, int(random.integers(1, 20)))
    edges = np.concatenate([truth.edges[near] + noise, far.edges])
    edges[:, 2:] = np.maximum(edges[:, 2:], edges[:, :2] + 0.5)
    labels = np.concatenate([truth.labels[near], far.labels])
    labels = np.where(random.random(len(labels)) < 0.1, random.integers(0, CLASSES, len(labels)), labels)
    scores = random.random(len(labels)).round(int(random.choice([1, 2, 6])))
    where = np.concatenate([truth.images[near], far.images])
    if number % 20 == 0:  # more than count
        more = 150
        spread = _boxes(random, 1, more)
        edges, labels = np.concatenate([edges, spread.edges]), np.concatenate([labels, np.zeros(more, np.int64)])
        where = np.concatenate([where, spread.images])
        scores = np.concatenate([scores, random.random(more)])
    return Boxes(edges, labels, where, scores), truth, images


def _boxes(random: np.random.Generator, images: int, count: int) -> Boxes:
    start = random.uniform(0, 80, (count, 2)).round(1)
    size = random.uniform(2, 40, (count, 2)).round(1)
    labels = random.integers(0, random.integers(1, CLASSES + 1), count)
    return Boxes(np.concatenate([start, start + size], axis=1), labels, np.sort(random.integers(0, images, count)))
