"""How well a text is foreseen: nats, bits and perplexity."""

import math

import numpy as np
from jaxtyping import Float

NATS_PER_BIT = math.log(2)


def language_scores(nats: Float[np.ndarray, "n"], right: Float[np.ndarray, "n"]) -> dict[str, float]:
    """Scores of windows of equal length.

    Args:
        nats: each window's mean of ``-log p`` over its tokens, natural logarithm.
        right: each window's share of tokens that were thought the likeliest.

    Returns:
        ``nats_per_character`` (where tokens are bytes, per byte), ``bits_per_character``, ``perplexity`` (how many
        equally likely tokens would be as hard to guess) and ``accuracy``.
    """
    mean = float(np.mean(nats, dtype=np.float64))
    return {
        "nats_per_character": mean,
        "bits_per_character": mean / NATS_PER_BIT,
        "perplexity": math.exp(min(mean, 700.0)),
        "accuracy": float(np.mean(right, dtype=np.float64)),
    }
