"""Suspected labels, from labels and probabilities alone."""

import numpy as np
import pytest

from neocog.measures.label_errors import label_errors, stratified_folds


def planted(share: float, seed: int = 0, items: int = 4000, classes: int = 5) -> tuple[np.ndarray, ...]:
    """Probabilities of a fair network, labels of which some are wrong, and which."""
    random = np.random.default_rng(seed)
    true = random.integers(0, classes, items)
    logits = random.normal(0, 1, (items, classes)) + 5 * np.eye(classes)[true]
    wrong = random.random(items) < share
    labels = np.where(wrong, (true + random.integers(1, classes, items)) % classes, true)
    said = np.exp(logits)
    return said / said.sum(1, keepdims=True), labels, wrong


def test_by_hand() -> None:
    said = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.95, 0.05], [0.45, 0.55]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = label_errors(said, labels)
    assert found.thresholds == pytest.approx([0.6, 0.5])
    assert found.joint.tolist() == [[2, 1], [1, 2]]  # the last item: 0.55 reaches 0.5
    assert found.suspects.tolist() == [4, 2]  # margins -0.9 and -0.6
    assert found.margins == pytest.approx([0.8, 0.4, -0.6, 0.8, -0.9, 0.1])
    assert found.likeliest.tolist() == [1, 1, 1, 0, 0, 0]
    assert found.estimated == pytest.approx(2)
    assert found.ranking.tolist()[:3] == [4, 2, 5]


def test_the_joint_is_brought_to_the_number_of_items() -> None:
    said = np.array([[0.9, 0.1], [0.2, 0.8], [0.35, 0.65], [0.35, 0.65], [0.1, 0.9]])
    found = label_errors(said, np.array([0, 0, 0, 0, 1]))
    # thresholds 0.45 and 0.9: only items 0 and 4 are sure of themselves
    assert found.joint.tolist() == [[1, 0], [0, 1]] and found.estimated == 0
    said[1] = [0.05, 0.95]
    found = label_errors(said, np.array([0, 0, 0, 0, 1]))
    assert found.joint.tolist() == [[1, 1], [0, 1]]
    assert found.estimated == pytest.approx(4 * 1 / 2)


def test_planted_errors_come_first() -> None:
    said, labels, wrong = planted(0.05)
    found = label_errors(said, labels)
    assert wrong[found.ranking[:150]].mean() > 0.95
    assert wrong[found.suspects].mean() > 0.9 and len(found.suspects) > 0.8 * wrong.sum()
    assert found.estimated == pytest.approx(wrong.sum(), rel=0.25)
    assert (found.margins[found.suspects] <= 0).mean() > 0.95


def test_shuffled_probabilities_find_nothing_better_than_chance() -> None:
    said, labels, wrong = planted(0.05)
    shuffled = said[np.random.default_rng(1).permutation(len(said))]
    assert wrong[label_errors(shuffled, labels).ranking[:400]].mean() < 0.1


def test_clean_labels_are_hardly_suspected() -> None:
    said, labels, _ = planted(0.0)
    assert len(label_errors(said, labels).suspects) < 0.01 * len(labels)


def test_a_class_without_an_item_is_no_ones() -> None:
    found = label_errors(np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]]), np.array([0, 1]))
    assert found.thresholds[2] == np.inf and found.joint[:, 2].sum() == 0


def test_folds_spread_every_class() -> None:
    labels = np.random.default_rng(0).integers(0, 4, 203)
    folds = stratified_folds(labels, 5, 0)
    counts = np.array([np.bincount(folds[labels == label], minlength=5) for label in range(4)])
    assert (counts.max(1) - counts.min(1) <= 1).all()
    assert np.ptp(np.bincount(folds)) <= 1
    assert (folds != stratified_folds(labels, 5, 1)).any() and (folds == stratified_folds(labels, 5, 0)).all()


def test_groups_stay_together() -> None:
    random = np.random.default_rng(0)
    groups = random.integers(0, 60, 400)
    labels = (groups % 3).astype(np.int64)
    folds = stratified_folds(labels, 4, 0, groups)
    assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))
    assert np.bincount(folds, minlength=4).min() > 70
    alone = stratified_folds(labels, 4, 0)  # the control: items do not
    assert any(len(set(alone[groups == group])) > 1 for group in np.unique(groups))
