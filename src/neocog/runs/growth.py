"""Growth: what more training data would bring each network, from a comparison at several sizes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from neocog.measures.power_law import FARTHEST, FEWEST_SIZES, PowerLaw, power_law
from neocog.measures.quantities import POINTS, quantity
from neocog.runs.size_curve import SizeCurve


@dataclass(frozen=True)
class Growth:
    """One network: its law, or None with the reason.

    ``items`` and ``errors`` are the measured sizes (training images in all) and the mean error at each.
    """

    label: str
    items: tuple[int, ...]
    errors: tuple[float, ...]
    law: PowerLaw | None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What twice the data would bring, in words."""
        if self.law is None:
            return f"{self.label}: it cannot be told what more data would bring: {self.reason}"
        twice, most = (_points(gain.gain, gain.low, gain.high) for gain in self.law.gains)
        said = f"{self.label}: doubling the data: {twice}; {FARTHEST:g} times the data: {most}"
        if self.law.doubling.low < 0.0005:
            said += ", so that it may bring nothing"
        return f"{said}."

    @property
    def beyond(self) -> list[tuple[float, float]]:
        """The law from the largest size to four times as much, as (training images, error)."""
        if self.law is None:
            return []
        return [(float(n), self.law.error(n)) for n in np.geomspace(self.law.largest, FARTHEST * self.law.largest, 9)]


HOLDS_FOR = (
    "From a power law, error = floor + scale n^-exponent, followed to four times the data at most. It holds for more "
    "images like these under the same budget; it does not know that other images of the same number would have given "
    "other errors."
)


def growths(curve: SizeCurve) -> list[Growth]:
    """For each network what more data would bring; only scores that are shares of items can be followed."""
    return [_growth(curve, label) for label in curve.labels]


def as_json(found: Sequence[Growth]) -> list[dict[str, Any]]:
    """Plain values; errors and gains are fractions."""
    return [
        {
            "network": each.label,
            "items": each.items,
            "errors": each.errors,
            "law": None if each.law is None else asdict(each.law),
            "sentence": each.sentence,
        }
        for each in found
    ]


def _growth(curve: SizeCurve, label: str) -> Growth:
    found = [(point, arm) for point in curve.points if (arm := curve.arm(label, point)) is not None]
    items = tuple(point.items for point, _ in found)
    headline = curve.points[-1].comparison.headline
    if headline.unit != POINTS or not headline.higher_is_better:
        return Growth(label, items, (), None, f"{headline.name} is no share of items.")
    task = curve.points[-1].comparison.task
    errors = [1.0 - np.stack([task.item_scores(seed.record) for seed in arm.finished]) for _, arm in found]
    means = tuple(float(each.mean()) for each in errors)
    if len(set(items)) < len(items):
        return Growth(label, items, means, None, "two sizes have the same number of images.")
    law = power_law(items, errors)
    reason = "" if law is not None else f"that takes {FEWEST_SIZES} sizes and four runs, and it has {len(items)}."
    return Growth(label, items, means, law, reason)


def _points(gain: float, low: float, high: float) -> str:
    return f"+{quantity(gain, low, high)}"
