"""Average precision beside faster-coco-eval's on 200 random cases and by hand; its error beside that of fresh sets.

``coco/make_average_precision.py`` wrote faster-coco-eval's figures.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from neocog.measures.average_precision import (
    Matched,
    average_precision,
    matched,
    precisions,
    recall,
    shares_of_images,
)
from neocog.measures.boxes import Boxes, iou

FOLDER = Path(__file__).with_name("coco")
sys.path.insert(0, str(FOLDER))

from box_cases import CASES, CLASSES, random_case

THEIRS = json.loads((FOLDER / "average_precision.json").read_text("utf-8"))


def ours(number: int) -> list[float]:
    found, truth, images = random_case(number)
    classes = matched(found, truth, classes=CLASSES, images=images)
    levels = average_precision(classes)
    return [float(each) for each in (levels.mean(), levels[0], levels[5], recall(classes).mean())]


def test_there_are_two_hundred_cases() -> None:
    assert len(THEIRS) == CASES == 200
    assert len({tuple(each) for each in THEIRS}) > 180


def test_it_is_what_the_reference_says() -> None:
    np.testing.assert_allclose([ours(number) for number in range(CASES)], THEIRS, rtol=0, atol=1e-6)


def test_control_another_order_of_scores_shows() -> None:
    found, truth, images = random_case(3)
    assert found.scores is not None
    turned = Boxes(found.edges, found.labels, found.images, 1 - found.scores)
    changed = average_precision(matched(turned, truth, classes=CLASSES, images=images)).mean()
    assert abs(changed - THEIRS[3][0]) > 1e-3


def boxes(rows: list[tuple[float, ...]], scores: list[float] | None = None) -> Boxes:
    table = np.array(rows, np.float64).reshape(-1, 6)
    said = None if scores is None else np.array(scores)
    return Boxes(table[:, :4], table[:, 4].astype(np.int64), table[:, 5].astype(np.int64), said)


def test_a_case_worked_by_hand() -> None:
    """Two true boxes. Right (.9), wrong (.8), right (.7): precision 1 up to recall .5, then 2/3."""
    truth = boxes([(0, 0, 10, 10, 0, 0), (20, 20, 30, 30, 0, 0)])
    found = boxes([(0, 0, 10, 10, 0, 0), (50, 50, 60, 60, 0, 0), (20, 20, 30, 30, 0, 0)], [0.9, 0.8, 0.7])
    (only,) = matched(found, truth, classes=1, images=1)
    assert only.right[0].tolist() == [True, False, True]
    expected = (51 * 1 + 50 * 2 / 3) / 101
    assert average_precision([only])[0] == pytest.approx(expected)
    assert precisions(only)[0, [0, 50, 51, 100]].tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3])


def test_a_second_box_on_the_same_object_is_wrong() -> None:
    truth = boxes([(0, 0, 10, 10, 0, 0)])
    found = boxes([(0, 0, 10, 10, 0, 0), (0, 0, 10, 9, 0, 0)], [0.5, 0.9])
    (only,) = matched(found, truth, classes=1, images=1)
    assert only.right[0].tolist() == [True, False]


def test_overlap_by_hand() -> None:
    a = np.array([[0.0, 0, 10, 10], [0, 0, 0, 0]])
    b = np.array([[5.0, 0, 15, 10], [0, 0, 10, 10], [20, 20, 30, 30]])
    np.testing.assert_allclose(iou(a, b), [[1 / 3, 1, 0], [0, 0, 0]])


def test_nothing_true_or_nothing_found_is_zero() -> None:
    none = boxes([], [])
    some = boxes([(0, 0, 10, 10, 0, 0)], [0.5])
    assert average_precision(matched(none, some, classes=2, images=1)).tolist() == [0.0] * 10
    assert average_precision(matched(some, none, classes=2, images=1)).tolist() == [0.0] * 10
    assert shares_of_images(matched(some, none, classes=2, images=3)).tolist() == [0.0] * 3


@pytest.mark.parametrize("number", [1, 2, 5, 20])
def test_the_shares_of_images_have_it_as_their_mean(number: int) -> None:
    found, truth, images = random_case(number)
    classes = matched(found, truth, classes=CLASSES, images=images)
    shares = shares_of_images(classes)
    assert shares.shape == (images,)
    assert shares.mean() == pytest.approx(average_precision(classes)[0])


def world(random: np.random.Generator, images: int) -> tuple[Boxes, Boxes]:
    """Scenes of up to five objects, of which a share is found, with false alarms; hard images are hard as a whole."""
    true, said, scores = [], [], []
    for image in range(images):
        hard = random.beta(2, 5)
        for _ in range(random.integers(1, 6)):
            x, y = random.uniform(0, 90, 2)
            label = int(random.integers(0, 2))
            true.append((x, y, x + 10, y + 10, label, image))
            if random.random() > hard:
                said.append((x + 1, y, x + 11, y + 10, label, image))
                scores.append(float(random.normal(1, 0.5)))
            if random.random() < hard:
                u, v = random.uniform(100, 190, 2)
                said.append((u, v, u + 10, v + 10, label, image))
                scores.append(float(random.normal(0, 0.5)))
    return boxes(said, scores), boxes(true)


def test_their_spread_gives_the_error_over_new_images() -> None:
    """The standard error from one set of images beside the spread of AP over 150 fresh sets."""
    random = np.random.default_rng(0)
    values, errors = [], []
    for number in range(150):
        found, truth = world(random, 60)
        classes = matched(found, truth, classes=2, images=60, thresholds=(0.5,))
        values.append(average_precision(classes)[0])
        if number < 40:
            errors.append(np.sqrt(shares_of_images(classes).var(ddof=1) / 60))
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.25)


def test_control_the_mean_of_ap_image_by_image_is_another_number() -> None:
    found, truth, images = random_case(7)
    whole = average_precision(matched(found, truth, classes=CLASSES, images=images))[0]
    single = []
    for image in range(images):
        a, b = found.images == image, truth.images == image
        assert found.scores is not None
        one: list[Matched] = matched(
            Boxes(found.edges[a], found.labels[a], np.zeros(a.sum(), np.int64), found.scores[a]),
            Boxes(truth.edges[b], truth.labels[b], np.zeros(b.sum(), np.int64)),
            classes=CLASSES,
            images=1,
        )
        single.append(average_precision(one)[0])
    assert abs(np.mean(single) - whole) > 0.01
