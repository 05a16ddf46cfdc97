"""Equivariance: whether the maps of a network move along when its image is moved, measured.

A map is only asked about the places that see the image and nothing else: not its outermost pixels, nor what padding
puts beyond them. Which places these are is measured too, by planting values that are no numbers and looking where they
arrive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from neocog.audit.perturbations import DIRECTIONS, moved

Features = Callable[[Tensor], Mapping[str, Tensor]]


@dataclass(frozen=True)
class Step:
    """A shift of the image by so many ``pixels``, which is one of the map by so many ``cells``."""

    pixels: int
    cells: int


@dataclass(frozen=True)
class MapErrors:
    """How far a map is from moving along with its image.

    Args:
        step: the shift.
        errors: for each image ||f(Tx) - T f(x)|| / ||f(x)||, over all directions; None where no place of the map sees
            the image alone both before and after the shift.
        compared: the share of the map's places that could be compared, on average over directions.
    """

    step: Step
    errors: Float64[np.ndarray, " n"] | None
    compared: float


def map_errors(features: Features, images: Float[Tensor, "n c h w"], steps: Mapping[str, Step]) -> dict[str, MapErrors]:
    """The relative error of equivariance to shifts of each map that is named in ``steps``.

    Args:
        features: from images (0 to 1) to named maps, n x channels x rows x columns; it must not mix images.
        images: at least one.
        steps: for each map a shift that its stride divides, so that both sides can be compared without interpolation.

    Source: the definition f(Tx) = T f(x), as in Goodfellow, Bengio and Courville 2016, Deep Learning, section 9.2. The
    places that padding or the edge touches are left out, which is ours.
    """
    with torch.inference_mode():
        still = {name: maps.double() for name, maps in features(images).items() if name in steps}
        clean = inner_places(features, images[:1])
        found: dict[str, MapErrors] = {}
        for pixels in sorted({step.pixels for step in steps.values()}):
            after = [features(moved(images, pixels, way)) for way in range(len(DIRECTIONS))]
            for name, step in steps.items():
                if step.pixels == pixels:
                    found[name] = _errors(still[name], [maps[name].double() for maps in after], clean[name], step)
    return {name: found[name] for name in steps}


def inner_places(features: Features, image: Float[Tensor, "1 c h w"]) -> dict[str, Bool[Tensor, "rows columns"]]:
    """The places of each map that see inner pixels of the image, and neither its outermost ones nor beyond.

    Found by two passes: with NaN in the outermost pixels, which every window that reaches padding sees too, and with
    NaN in all. A layer that computes several places together may spread NaN further: then fewer places are named.
    """
    edge, whole = image.clone(), torch.full_like(image, float("nan"))
    edge[..., (0, -1), :] = float("nan")
    edge[..., :, (0, -1)] = float("nan")
    with torch.inference_mode():
        of_edge, of_whole = features(edge), features(whole)
    return {name: of_whole[name][0].isnan().any(0) & ~of_edge[name][0].isnan().any(0) for name in of_edge}


def _errors(still: Tensor, after: list[Tensor], clean: Tensor, step: Step) -> MapErrors:
    wrong, size = still.new_zeros(len(still)), still.new_zeros(len(still))
    compared = 0.0
    for way, maps in enumerate(after):
        expected = moved(still, step.cells, way)
        there = moved(clean[None, None].double(), step.cells, way)[0, 0] > 0
        both = there & clean
        compared += float(both.double().mean()) / len(after)
        wrong += (maps - expected)[..., both].square().sum((1, 2))
        size += expected[..., both].square().sum((1, 2))
    if not compared:
        return MapErrors(step, None, 0.0)
    ratio = torch.where(size > 0, wrong / size.clamp(min=1e-300), (wrong > 0).double())
    return MapErrors(step, ratio.sqrt().cpu().numpy(), compared)
