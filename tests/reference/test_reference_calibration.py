"""Temperature and reliability beside scipy and scikit-learn."""

import numpy as np
import pytest
from scipy import optimize
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve

from neocog.measures.calibration import temperature
from neocog.measures.classification import reliability


@pytest.mark.parametrize("seed", range(5))
def test_temperature_is_where_scipys_minimiser_ends(seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (400, 4)) + np.eye(4)[random.integers(0, 4, 400)]
    labels = (logits + random.gumbel(0, 2, logits.shape)).argmax(1)

    def loss(log_t: float) -> float:
        return -log_softmax(logits / np.exp(log_t), axis=1)[np.arange(400), labels].mean()

    found = optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert temperature(softmax(logits, axis=1), labels) == pytest.approx(np.exp(found.x), rel=1e-6)


def test_bins_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    right = random.random(500)
    said = np.stack([right, 1 - right], axis=1)
    labels = (random.random(500) > right).astype(np.int64)
    found = reliability(said, labels, bins=10)
    confidence = said.max(1)
    share, mean = calibration_curve((said.argmax(1) == labels).astype(int), confidence, n_bins=10)
    assert [each.accuracy for each in found.bins] == pytest.approx(share.tolist())
    assert [each.confidence for each in found.bins] == pytest.approx(mean.tolist())
