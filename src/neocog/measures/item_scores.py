"""Scores of single items, each written so that the larger is the better: what verdicts are inferred from.

Legend: n items, C classes, and whatever axes a prediction has besides.
"""

import numpy as np
from jaxtyping import Float, Float64, Int, Real

from neocog.measures.classification import brier_scores, log_losses


def accuracy_items(predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """1 where the prediction is right, 0 elsewhere."""
    return (predicted == labels).astype(np.float64)


def majority_items(majority: int, labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """1 where the one class that is always answered is right: what a network must beat to have learned anything."""
    return (labels == majority).astype(np.float64)


def beyond_chance_items(predicted: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """1 where the prediction is right, less the share of items that are of the predicted class.

    The mean is the accuracy less what predictions as frequent as these, but dealt out blindly, would reach (the
    numerator of Cohen's kappa): 0 for a network that knows nothing of the labels, however unequal the classes are and
    whichever of them it prefers.

    Source: Cohen 1960 (Educational and Psychological Measurement 20:37), equation 1, without its denominator.
    """
    share = np.bincount(labels, minlength=int(predicted.max()) + 1) / len(labels)
    return (predicted == labels) - share[predicted]


def log_loss_items(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Minus the log-loss, in nats; clipped as `log_losses` says."""
    return -log_losses(probabilities, labels)


def brier_items(probabilities: Float[np.ndarray, "n C"], labels: Int[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Minus Brier's score: 0 to -2."""
    return -brier_scores(probabilities, labels)


def absolute_error_items(
    predicted: Real[np.ndarray, "n ..."], true: Real[np.ndarray, "n ..."]
) -> Float64[np.ndarray, " n"]:
    """Minus the absolute error, the mean over all axes but the first."""
    return -_over_items(np.abs(predicted.astype(np.float64) - true))


def squared_error_items(
    predicted: Real[np.ndarray, "n ..."], true: Real[np.ndarray, "n ..."]
) -> Float64[np.ndarray, " n"]:
    """Minus the squared error, the mean over all axes but the first."""
    return -_over_items(np.square(predicted.astype(np.float64) - true))


def _over_items(errors: Float64[np.ndarray, "n ..."]) -> Float64[np.ndarray, " n"]:
    return errors.reshape(len(errors), -1).mean(axis=1)
