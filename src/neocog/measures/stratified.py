"""A random order in which every beginning has about the classes of the whole."""

import numpy as np
import torch
from jaxtyping import Int

from neocog.core.seeds import permutation, stream, uniforms


def stratified_order(labels: Int[np.ndarray, " n"], seed: int) -> Int[np.ndarray, " n"]:
    """All rows, so that the first N of them are a stratified draw, whatever N is.

    The items of each class, in a random order of their own, are spread evenly over the way; where classes fall on the
    same place, chance decides. Among the first N items each class has its share of N to within one or two.

    Args:
        labels: the class of each item.
        seed: of the draw.
    """
    shuffled = permutation(len(labels), seed, "stratified").numpy()
    within = uniforms(stream(seed, "stratified"), torch.arange(len(labels)), 1)[:, 0].numpy()
    place = np.empty(len(labels))
    for label in np.unique(labels):
        rows = shuffled[labels[shuffled] == label]
        place[rows] = (np.arange(len(rows)) + within[rows]) / len(rows)
    return shuffled[np.argsort(place[shuffled], kind="stable")]
