"""Scores of a classifier by hand."""

import numpy as np
import pytest

from neocog.measures.classification import (
    accuracy,
    balanced_accuracy,
    brier_score,
    confusion_matrix,
    expected_calibration_error,
    log_loss,
    log_losses,
    macro_f1,
    reliability,
)

LABELS = np.array([0, 0, 0, 1, 1, 3])
PREDICTED = np.array([0, 0, 1, 1, 3, 3])


def test_confusion_and_what_follows_from_it() -> None:
    confusion = confusion_matrix(PREDICTED, LABELS, 5)
    assert confusion.sum() == 6
    assert confusion[0].tolist() == [2, 1, 0, 0, 0]
    assert confusion[1].tolist() == [0, 1, 0, 1, 0]
    assert accuracy(PREDICTED, LABELS) == pytest.approx(4 / 6)
    assert balanced_accuracy(confusion) == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert macro_f1(confusion) == pytest.approx((4 / 5 + 2 / 4 + 2 / 3) / 3)


def test_a_class_that_is_only_predicted_counts_as_nothing() -> None:
    confusion = confusion_matrix(np.array([0, 2]), np.array([0, 0]), 3)
    assert macro_f1(confusion) == pytest.approx((2 / 3 + 0) / 2)
    assert balanced_accuracy(confusion) == pytest.approx(0.5)


def test_log_loss_and_brier() -> None:
    probabilities = np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]])
    labels = np.array([0, 1, 0])
    assert log_loss(probabilities, labels) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 3)
    assert brier_score(probabilities, labels) == pytest.approx((0.5 + 0.08 + 0) / 3)
    sure_and_wrong = np.array([[1.0, 0.0]], dtype=np.float32)
    assert log_losses(sure_and_wrong, np.array([1])) == pytest.approx([15.942385])


def test_reliability_by_hand() -> None:
    confidences = np.array([0.55, 0.60, 0.95, 1.0, 0.8])
    probabilities = np.stack([confidences, 1 - confidences], axis=1)
    found = reliability(probabilities, np.array([0, 1, 0, 0, 1]), bins=5)
    assert [(part.low, part.high, part.count) for part in found.bins] == [
        (pytest.approx(0.4), pytest.approx(0.6), 2),
        (pytest.approx(0.6), pytest.approx(0.8), 1),
        (pytest.approx(0.8), 1.0, 2),
    ]
    assert [part.accuracy for part in found.bins] == [0.5, 0.0, 1.0]
    assert found.bins[0].accuracy_low == pytest.approx(0.0945312, abs=1e-6)
    assert found.count == 5
    error = (2 * 0.075 + 0.8 + 2 * 0.025) / 5
    assert expected_calibration_error(probabilities, np.array([0, 1, 0, 0, 1]), bins=5) == pytest.approx(error)


def test_overconfidence_is_seen() -> None:
    generator = np.random.default_rng(0)
    confidences = generator.uniform(0.5, 1.0, 20_000)
    labels = (generator.random(20_000) >= confidences).astype(int)
    honest = np.stack([confidences, 1 - confidences], axis=1)
    assert expected_calibration_error(honest, labels) < 0.015
    boastful = honest**4 / (honest**4).sum(axis=1, keepdims=True)
    assert expected_calibration_error(boastful, labels) > 0.1


def test_lengths_that_do_not_fit_are_not_scored() -> None:
    with pytest.raises(Exception, match=r"n|shape"):
        accuracy(PREDICTED, LABELS[:-1])
