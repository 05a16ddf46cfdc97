"""Boxes as people draw them, made fit for use: clipped to their image, or left out, and counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

_SHOWN = 5
_SLACK = 1.0  # pixels beyond the image that are rounding, not a fault
KINDS = {
    "turned": "have an edge beyond its opposite and were left out",
    "empty": "have no area and were left out",
    "outside": "lie outside their image and were left out",
    "clipped": "reach beyond their image and were clipped",
}


@dataclass
class Mended:
    """How many boxes were looked at, and the images whose boxes were changed, by kind."""

    total: int = 0
    places: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def counts(self) -> dict[str, int]:
        """Boxes of each kind."""
        return {kind: len(places) for kind, places in self.places.items()}

    def notes(self) -> list[str]:
        """One sentence for each kind that there is."""
        found = []
        for kind, places in self.places.items():
            if places:
                named = list(dict.fromkeys(places))
                more = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
                shown = ", ".join(named[:_SHOWN])
                found.append(f"{len(places):,} of {self.total:,} boxes {KINDS[kind]}: {shown}{more}.")
        return found


def mend(
    edges: Float[np.ndarray, "k 4"], size: tuple[int, int], name: str, mended: Mended
) -> tuple[Float[np.ndarray, "m 4"], Int[np.ndarray, "m"]]:
    """The boxes that can be used, within the image, and their rows among those given.

    Args:
        edges: left, top, right, bottom in pixels, finite.
        size: height and width of the image.
        name: what the image is called.
        mended: what is done is counted here.
    """
    height, width = size
    mended.total += len(edges)
    sides = edges[:, 2:] - edges[:, :2]
    inside = np.clip(edges, 0, [width, height, width, height])
    shown = inside[:, 2:] - inside[:, :2]
    turned = (sides < 0).any(axis=1)
    empty = ~turned & (sides == 0).any(axis=1)
    outside = ~turned & ~empty & (shown <= 0).any(axis=1)
    kept = ~turned & ~empty & ~outside
    clipped = kept & (np.abs(inside - edges) > _SLACK).any(axis=1)
    for kind, which in {"turned": turned, "empty": empty, "outside": outside, "clipped": clipped}.items():
        mended.places[kind] += [name] * int(which.sum())
    return inside[kept], np.flatnonzero(kept)


def rarest(labels: Sequence[np.ndarray], classes: int) -> Int[np.ndarray, "n"]:
    """Of each image, the class that is rarest in all of them, by which images are divided evenly; 0 without boxes."""
    counts = np.bincount(np.concatenate([*labels, np.zeros(0, np.int64)]).astype(np.int64), minlength=classes)
    return np.array([min(map(int, set(each.tolist())), key=lambda c: counts[c]) if len(each) else 0 for each in labels])
