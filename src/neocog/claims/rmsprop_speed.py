"""RMSprop converges faster than plain SGD."""

from neocog.claims.race import race_claim

CLAIM = race_claim(
    "rmsprop", "RMSprop", "Tieleman and Hinton 2012, lecture 6.5 of Neural networks for machine learning"
)
