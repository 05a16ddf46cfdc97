"""McNemar's exact test: two trained models on the same items."""

from scipy import special


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """The two-sided p value of "neither model is better", from the items that only one of them gets right.

    Use it where each network was trained once: it says nothing about the same networks trained again.

    Source: McNemar 1947 (Psychometrika 12:153), with the exact binomial distribution, the smaller tail doubled.
    """
    return min(1.0, 2 * float(special.bdtr(min(only_a, only_b), only_a + only_b, 0.5)))
