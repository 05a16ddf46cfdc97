"""Losses against torch, scikit-learn, torchvision and the arithmetic written out."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import brier_score_loss, log_loss
from torch.nn import functional as F
from torchvision.ops import sigmoid_focal_loss

from neocog.nn.losses import binary_cross_entropy, cross_entropy, focal, mean_squared_error

ITEMS, CLASSES = 12, 4
RANDOM = np.random.default_rng(2)
LOGITS = torch.from_numpy(3 * RANDOM.normal(size=(ITEMS, CLASSES)))
LABELS = torch.from_numpy(RANDOM.integers(0, CLASSES, ITEMS))
SHARES = torch.from_numpy(RANDOM.dirichlet(np.ones(CLASSES), ITEMS))
WEIGHTS = torch.tensor([1.0, 0.3, 2.0, 5.0], dtype=torch.float64)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torchs_on_labels(smoothing: float, weights: torch.Tensor | None) -> None:
    expected = F.cross_entropy(LOGITS, LABELS, weights, label_smoothing=smoothing)
    torch.testing.assert_close(cross_entropy(LOGITS, LABELS, smoothing=smoothing, weights=weights), expected)
    one_hot = F.one_hot(LABELS, CLASSES).double()
    found = cross_entropy(LOGITS, LABELS, one_hot, smoothing=smoothing, weights=weights)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torchs_on_proportions(smoothing: float) -> None:
    expected = F.cross_entropy(LOGITS, SHARES, label_smoothing=smoothing)
    torch.testing.assert_close(cross_entropy(LOGITS, LABELS, SHARES, smoothing=smoothing), expected)


def test_cross_entropy_is_scikit_learns_log_loss() -> None:
    expected = log_loss(LABELS, LOGITS.softmax(1), labels=range(CLASSES))
    assert cross_entropy(LOGITS, LABELS).item() == pytest.approx(expected, rel=1e-9)


def test_mean_squared_error_is_scikit_learns_brier_score() -> None:
    expected = brier_score_loss(LABELS, LOGITS.softmax(1), labels=list(range(CLASSES)), scale_by_half=False)
    assert mean_squared_error(LOGITS, LABELS).item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("targets", [None, SHARES])
def test_binary_cross_entropy_is_torchs_times_the_classes(targets: torch.Tensor | None, smoothing: float) -> None:
    wanted = (F.one_hot(LABELS, CLASSES).double() if targets is None else targets) * (
        1 - smoothing
    ) + smoothing / CLASSES
    expected = CLASSES * F.binary_cross_entropy_with_logits(LOGITS, wanted)
    torch.testing.assert_close(binary_cross_entropy(LOGITS, LABELS, targets, smoothing=smoothing), expected)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_focal_on_two_classes_is_torchvisions(gamma: float) -> None:
    one, labels = LOGITS[:, 0], LABELS % 2
    expected = sigmoid_focal_loss(one, labels.double(), alpha=-1, gamma=gamma, reduction="mean")
    torch.testing.assert_close(focal(torch.stack([0 * one, one], 1), labels, gamma=gamma), expected)


def test_focal_without_focus_is_cross_entropy() -> None:
    for weights in (None, WEIGHTS):
        expected = cross_entropy(LOGITS, LABELS, smoothing=0.1, weights=weights)
        torch.testing.assert_close(focal(LOGITS, LABELS, smoothing=0.1, weights=weights, gamma=0.0), expected)


def test_one_item_by_hand() -> None:
    # Probabilities 1/2, 1/4, 1/4; the class is the second.
    logits, label = torch.tensor([[math.log(2.0), 0.0, 0.0]], dtype=torch.float64), torch.tensor([1])
    assert cross_entropy(logits, label).item() == pytest.approx(math.log(4))
    assert focal(logits, label, gamma=2.0).item() == pytest.approx((3 / 4) ** 2 * math.log(4))
    assert mean_squared_error(logits, label).item() == pytest.approx(1 / 4 + 9 / 16 + 1 / 16)
    assert binary_cross_entropy(logits, label).item() == pytest.approx(math.log(3) + 2 * math.log(2))
