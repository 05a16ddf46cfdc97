"""Adadelta converges faster than plain SGD."""

from neocog.claims.race import race_claim

CLAIM = race_claim("adadelta", "Adadelta", "Zeiler 2012, arXiv 1212.5701")
