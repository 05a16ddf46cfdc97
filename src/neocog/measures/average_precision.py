"""Average precision of boxes as COCO defines it, and what each image contributes to it.

A found box is right if its overlap (IoU) with a true box of its class reaches a threshold and no surer box took that
true box before. Found boxes of all images are put in the order of their scores; precision at a recall is the best one
at that or a higher recall; average precision is its mean over 101 recalls, 0, .01, ... 1, and over the classes that
have a true box. In each image at most the 100 surest boxes of a class count.

Source: Lin et al. 2014 (arXiv 1405.0312) and the COCO evaluation code, whose order of ties is kept: among equally
overlapping true boxes the last one is taken, among equal scores the image that comes first counts first. We differ:
crowd regions do not exist here, and where there is no true box at all everything is 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Int

from neocog.measures.boxes import Boxes, iou

THRESHOLDS: Final = tuple(float(each) for each in np.linspace(0.5, 0.95, 10))
RECALLS: Final = np.linspace(0, 1, 101)
MOST: Final = 100
_TOUCH = 1 - 1e-10


@dataclass(frozen=True)
class Matched:
    """The found boxes of one class, surest first, and which of them are right at each threshold.

    ``images`` says where each was found; ``truths`` counts the true boxes in each image.
    """

    scores: Float[np.ndarray, "d"]
    right: Bool[np.ndarray, "t d"]
    images: Int[np.ndarray, "d"]
    truths: Int[np.ndarray, "n"]


def matched(
    found: Boxes,
    truth: Boxes,
    *,
    classes: int,
    images: int,
    thresholds: Sequence[float] = THRESHOLDS,
    most: int = MOST,
) -> list[Matched]:
    """Compare found with true boxes, class by class.

    Args:
        found: boxes with scores; the order of boxes with equal scores matters.
        truth: boxes without.
        classes: how many there are.
        images: how many there are.
        thresholds: overlaps from which on a box is right.
        most: boxes that count, of one class in one image.
    """
    assert found.scores is not None, "found boxes have scores"
    levels = np.minimum(np.asarray(thresholds, np.float64), _TOUCH)
    ours, theirs = _by_place(found, images), _by_place(truth, images)
    result = []
    for label in range(classes):
        scores, right, where = [np.zeros(0)], [np.zeros((len(levels), 0), bool)], [np.zeros(0, np.int64)]
        truths = np.zeros(images, np.int64)
        for image in range(images):
            have = theirs.get((label, image), _NONE)
            said = ours.get((label, image), _NONE)
            truths[image] = len(have)
            said = said[np.argsort(-found.scores[said], kind="stable")][:most]
            if len(said):
                scores.append(found.scores[said].astype(np.float64))
                where.append(np.full(len(said), image))
                overlap = iou(found.edges[said].astype(np.float64), truth.edges[have].astype(np.float64))
                right.append(_taken(overlap, levels))
        order = np.argsort(-np.concatenate(scores), kind="stable")
        every = np.concatenate(right, axis=1)[:, order]
        result.append(Matched(np.concatenate(scores)[order], every, np.concatenate(where)[order], truths))
    return result


def average_precision(classes: Sequence[Matched]) -> Float[np.ndarray, "t"]:
    """Mean over the classes that have a true box, for each threshold; 0 where none has one."""
    found = [precisions(each).mean(axis=1) for each in classes if each.truths.any()]
    levels = len(classes[0].right) if classes else 0
    return np.mean(found, axis=0) if found else np.zeros(levels)


def precisions(of: Matched) -> Float[np.ndarray, "t 101"]:
    """The best precision at each recall of ``RECALLS`` or beyond, for each threshold."""
    return _precisions(of.right, int(of.truths.sum()))


def recall(classes: Sequence[Matched]) -> Float[np.ndarray, "t"]:
    """The share of the true boxes that is found at all, as a mean over classes, for each threshold."""
    found = [each.right.sum(axis=1) / each.truths.sum() for each in classes if each.truths.any()]
    return np.mean(found, axis=0) if found else np.zeros(len(classes[0].right) if classes else 0)


def shares_of_images(classes: Sequence[Matched], threshold: int = 0) -> Float[np.ndarray, "n"]:
    """What each image contributes to average precision at one threshold: values whose mean it is, exactly.

    Average precision is no mean over images, so an error of it cannot be had from single images' scores. These are
    jackknife pseudo-values: image i gets AP + (n - 1) (mean of all AP without one image - AP without i). An image that
    the ranking would be better without gets less than the mean, and their variance over n estimates the variance of AP
    over new images. They may lie outside 0 to 1.

    Source: Tukey 1958 (Annals of Mathematical Statistics 29:614); Efron and Stein 1981 for the variance. We differ: the
    correction of bias is left out, so that the mean is AP itself.
    """
    images = len(classes[0].truths) if classes else 0
    whole = np.array([_one(each.right[threshold], int(each.truths.sum())) for each in classes])
    there = np.array([each.truths.sum() for each in classes])
    if images < 2:
        return np.full(images, _mean(whole, there))
    without, left = np.tile(whole, (images, 1)), np.tile(there, (images, 1))
    for place, each in enumerate(classes):
        left[:, place] -= each.truths
        touched = np.flatnonzero((each.truths > 0) | (np.bincount(each.images, minlength=images) > 0))
        for image in touched:
            kept = each.right[threshold][each.images != image]
            without[image, place] = _one(kept, int(left[image, place]))
    less = np.array([_mean(values, counts) for values, counts in zip(without, left, strict=True)])
    return _mean(whole, there) + (images - 1) * (less.mean() - less)


_NONE: Final = np.zeros(0, np.int64)


def _by_place(boxes: Boxes, images: int) -> Mapping[tuple[int, int], Int[np.ndarray, "_"]]:
    """The rows of the boxes of each (class, image), in their order."""
    if not len(boxes):
        return {}
    keys = boxes.labels.astype(np.int64) * images + boxes.images
    order = np.argsort(keys, kind="stable")
    names, starts = np.unique(keys[order], return_index=True)
    return {divmod(int(key), images): rows for key, rows in zip(names, np.split(order, starts[1:]), strict=True)}


def _taken(overlap: Float[np.ndarray, "d g"], levels: Float[np.ndarray, "t"]) -> Bool[np.ndarray, "t d"]:
    """Which found boxes (surest first) get a true box: the free one that overlaps most, the last of equals."""
    right = np.zeros((len(levels), len(overlap)), bool)
    if not overlap.shape[1]:
        return right
    free = np.ones((len(levels), overlap.shape[1]), bool)
    every = np.arange(len(levels))
    for row, each in enumerate(overlap):
        if each.max() < levels[0]:
            continue
        left = np.where(free, each, -1.0)
        best = left.shape[1] - 1 - left[:, ::-1].argmax(axis=1)
        hit = left[every, best] >= levels
        right[:, row] = hit
        free[every[hit], best[hit]] = False
    return right


def _precisions(right: Bool[np.ndarray, "t d"], truths: int) -> Float[np.ndarray, "t 101"]:
    levels, count = right.shape
    if not count or not truths:
        return np.zeros((levels, len(RECALLS)))
    hits = np.cumsum(right, axis=1, dtype=np.float64)
    precision = hits / (np.arange(1, count + 1) + np.spacing(1))
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    best = np.concatenate([best, np.zeros((levels, 1))], axis=1)
    places = np.stack([np.searchsorted(line, RECALLS, side="left") for line in hits / truths])
    return np.take_along_axis(best, places, axis=1)


def _one(right: Bool[np.ndarray, "d"], truths: int) -> float:
    return float(_precisions(right[None], truths).mean())


def _mean(values: Float[np.ndarray, "k"], truths: Int[np.ndarray, "k"]) -> float:
    return float(values[truths > 0].mean()) if (truths > 0).any() else 0.0
