"""Adam converges faster than plain SGD."""

from neocog.claims.race import race_claim

CLAIM = race_claim("adam", "Adam", "Kingma and Ba 2015, arXiv 1412.6980")
