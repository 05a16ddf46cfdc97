"""Sources: where the error of a difference between two networks comes from, and what more runs or items would leave."""

import math
from dataclasses import dataclass

from neocog.measures.components import Components

Runs = tuple[int, int]


@dataclass(frozen=True)
class Sources:
    """The variance of a difference between two networks, taken apart.

    Args:
        items: s2I, what the choice of *one* test item adds; n items add ``items / n``.
        seeds: s2b of each network, what the choice of one seed adds; R runs add ``seeds / R``.
        rest: s2e of each network, what one seed on one item adds beyond both; R runs on n items add ``rest / (R n)``.
    """

    items: float
    seeds: tuple[float, float]
    rest: tuple[float, float]

    @classmethod
    def of(cls, a: Components, b: Components, items_variance: float) -> "Sources":
        """As two networks with their runs showed them; ``items_variance`` is I, of the item-by-item difference."""
        interaction = a.interaction_variance + b.interaction_variance
        return cls(
            items=max(0.0, a.items * (items_variance - interaction)),
            seeds=(a.seeds_variance * a.runs, b.seeds_variance * b.runs),
            rest=(a.interaction, b.interaction),
        )

    def of_runs(self, runs: Runs, items: int) -> tuple[float, float]:
        """What the runs of each network add: (s2b + s2e / n) / R."""
        first, second = (
            (seeds + rest / items) / count for seeds, rest, count in zip(self.seeds, self.rest, runs, strict=True)
        )
        return first, second

    def variance(self, runs: Runs, items: int) -> float:
        """V of the difference for so many runs of each network and so many items."""
        return self.items / items + sum(self.of_runs(runs, items))

    def freedom(self, runs: Runs, items: int) -> float:
        """Degrees of freedom nu of the same; infinite if the runs of neither network vary."""
        spread = sum(part**2 / (count - 1) for part, count in zip(self.of_runs(runs, items), runs, strict=True))
        return self.variance(runs, items) ** 2 / spread if spread > 0 else math.inf
