"""Losses for classification: each compares logits with classes and gives one number, the mean over the batch.

All share one signature, so that a task can hold any of them:
``loss(logits, labels, targets, *, smoothing, weights, gamma)``.

- ``logits``: one row per item, one column per class, any real numbers.
- ``labels``: the class of each item. ``targets``: class proportions per item instead (rows that sum to 1, from MixUp
  or CutMix); where they are given, labels are not used.
- ``smoothing``: 0 to 1; the target is drawn by this much towards equal shares of all classes.
- ``weights``: one factor of at least 0 per class, or None for equal ones. Means are weighted means: they are divided
  by the sum of the weights of the items' classes.
- ``gamma``: 0 or more; used by ``focal`` only.
"""

from collections.abc import Callable

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def cross_entropy(
    logits: Float[Tensor, "n k"],
    labels: Int[Tensor, "n"],
    targets: Float[Tensor, "n k"] | None = None,
    *,
    smoothing: float = 0.0,
    weights: Float[Tensor, "k"] | None = None,
    gamma: float = 2.0,
) -> Float[Tensor, ""]:
    """Minus the logarithm of the softmax probability of the true class: the usual choice.

    Source: ``torch.nn.functional.cross_entropy``, which this equals; we differ where both proportions and weights are
    given: we divide by the weights of the proportions, so that proportions of 0 and 1 give what labels give.
    """
    logits = _full(logits)
    if targets is None:
        return F.cross_entropy(logits, labels, _like(weights, logits), label_smoothing=smoothing)
    if weights is None:
        return F.cross_entropy(logits, targets.to(logits), label_smoothing=smoothing)
    return focal(logits, labels, targets, smoothing=smoothing, weights=weights, gamma=0.0)


def focal(
    logits: Float[Tensor, "n k"],
    labels: Int[Tensor, "n"],
    targets: Float[Tensor, "n k"] | None = None,
    *,
    smoothing: float = 0.0,
    weights: Float[Tensor, "k"] | None = None,
    gamma: float = 2.0,
) -> Float[Tensor, ""]:
    """Cross-entropy in which what is already right counts less: each logarithm is scaled by (1 - probability)^gamma.

    For classes of very unequal size, or many easy items; with ``gamma`` 0 it is cross-entropy.

    Source: Lin et al. 2017, arXiv 1708.02002, eq. 4 and 5. We differ: softmax over all classes instead of a sigmoid
    (the same for two), ``weights`` in the place of alpha, and a mean over items instead of a sum over anchors.
    """
    logits = _full(logits)
    shares = _shares(logits, labels, targets)
    logs = F.log_softmax(logits, dim=1)
    # The clamp keeps the gradient of the power finite where the probability is 1, for gamma below 1.
    doubt = (-logs.expm1()).clamp_min(1e-12) ** gamma if gamma else 1.0
    terms = -_smoothed(shares, smoothing) * doubt * logs
    factors = _like(weights, logits)
    if factors is None:
        return terms.sum(dim=1).mean()
    return (terms @ factors).sum() / (shares @ factors).sum()


def binary_cross_entropy(
    logits: Float[Tensor, "n k"],
    labels: Int[Tensor, "n"],
    targets: Float[Tensor, "n k"] | None = None,
    *,
    smoothing: float = 0.0,
    weights: Float[Tensor, "k"] | None = None,
    gamma: float = 2.0,
) -> Float[Tensor, ""]:
    """Each class against the rest: a sigmoid per logit, compared with 1 for the true class and 0 for the others.

    Summed over classes and averaged over items, so that a logit's gradient has the size that it has in cross-entropy
    and learning rates carry over (torch and Keras average over classes too; theirs is ours divided by their number).

    Source: Wightman et al. 2021, arXiv 2110.00476, section 2.
    """
    logits = _full(logits)
    shares = _shares(logits, labels, targets)
    terms = F.binary_cross_entropy_with_logits(logits, _smoothed(shares, smoothing), reduction="none")
    return _mean(terms.sum(dim=1), shares, _like(weights, logits))


def mean_squared_error(
    logits: Float[Tensor, "n k"],
    labels: Int[Tensor, "n"],
    targets: Float[Tensor, "n k"] | None = None,
    *,
    smoothing: float = 0.0,
    weights: Float[Tensor, "k"] | None = None,
    gamma: float = 2.0,
) -> Float[Tensor, ""]:
    """The squared distance between softmax probabilities and the true class as 0 and 1: the Brier score, 0 to 2.

    It is bounded, so that one wrong item cannot dominate, and learns slowly from confident mistakes.

    Source: Brier 1950, "Verification of forecasts expressed in terms of probability", eq. 2: summed over classes,
    averaged over items.
    """
    logits = _full(logits)
    shares = _shares(logits, labels, targets)
    terms = (F.softmax(logits, dim=1) - _smoothed(shares, smoothing)) ** 2
    return _mean(terms.sum(dim=1), shares, _like(weights, logits))


LOSSES: dict[str, Callable[..., Tensor]] = {
    "cross-entropy": cross_entropy,
    "binary-cross-entropy": binary_cross_entropy,
    "focal": focal,
    "mean-squared-error": mean_squared_error,
}


def _full(logits: Tensor) -> Tensor:
    """Half-precision logits in float32: sums of small terms need the digits."""
    return logits.float() if logits.element_size() < 4 else logits


def _like(weights: Tensor | None, logits: Tensor) -> Tensor | None:
    return None if weights is None else weights.to(logits)


def _shares(logits: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    return (F.one_hot(labels.long(), logits.shape[1]) if targets is None else targets).to(logits)


def _smoothed(shares: Tensor, smoothing: float) -> Tensor:
    return shares * (1 - smoothing) + smoothing / shares.shape[1] if smoothing else shares


def _mean(items: Tensor, shares: Tensor, weights: Tensor | None) -> Tensor:
    if weights is None:
        return items.mean()
    factors = shares @ weights
    return (items * factors).sum() / factors.sum()
