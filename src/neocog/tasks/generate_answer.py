"""What a generator draws for a person: a grid, each draw by itself, and a strip between two draws."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from neocog.core.errors import UsageProblem
from neocog.core.options import near
from neocog.core.seeds import stream, uniforms
from neocog.data.draws import normal
from neocog.data.preparation import Preparation
from neocog.figures.png import to_png
from neocog.networks.gan import AbstractGAN
from neocog.tasks.generate_judge import to_units
from neocog.tasks.task import Answers

LabelName = Annotated[str | None, "Class to draw; none means all in turn."]
STRIP = 10  # draws from one end of a strip to the other
_MOST_STRIPS = 10
_BATCH = 250
_MOST_IN_GRID = 400
_TILE, _GAP = 56, 2


def draw_answers(
    network: AbstractGAN,
    preparation: Preparation,
    classes: Sequence[str],
    *,
    samples: int,
    seed: int,
    label: str | None,
    truncation: float | None,
) -> Answers:
    """Draw ``samples`` images of a class, or of all in turn, as PNG files.

    The first draws of a seed do not depend on how many are asked for.

    Raises:
        UsageProblem: ``generate-label``.
    """
    of = _places(classes, label)
    device = next(network.parameters()).device
    labels = torch.tensor([of[place % len(of)] for place in range(samples)], device=device)
    noise, ends = (
        normal(uniforms(stream(seed, name), torch.arange(many, device=device), network.gives.noise), truncation)
        for name, many in (("draw", samples), ("strip", 2))
    )
    pixels = _pixels(network, noise, labels, preparation)
    columns = min(10, len(of)) if len(of) > 1 else max(1, min(10, int(np.ceil(np.sqrt(samples)))))
    pictures = {"samples.png": to_png(grid(pixels[:_MOST_IN_GRID], columns))}
    rows = of[:_MOST_STRIPS]
    between = _between(ends[0], ends[1], STRIP).repeat(len(rows), 1)
    strips = torch.tensor(rows, device=device).repeat_interleave(STRIP)
    pictures["interpolation.png"] = to_png(grid(_pixels(network, between, strips, preparation), STRIP))
    singles = {f"samples/{place:05d}.png": to_png(image) for place, image in enumerate(pixels)}
    value = {"samples": samples, "seed": seed, "label": label, "truncation": truncation, "pictures": [*pictures]}
    what = f"{samples:,} images{f' of {label}' if label else ''}"
    words = f"{what} with seed {seed}, in samples.png and, one by one, in samples/; a walk in interpolation.png"
    return Answers([value], [words], {**pictures, **singles})


def grid(pixels: UInt8[np.ndarray, "n h w c"], columns: int) -> UInt8[np.ndarray, "y x c"]:
    """Images side by side with a white gap; small ones are enlarged by a whole factor."""
    factor = max(1, _TILE // max(pixels.shape[1:3]))
    tiles = pixels.repeat(factor, 1).repeat(factor, 2)
    height, width, planes = tiles.shape[1] + _GAP, tiles.shape[2] + _GAP, tiles.shape[3]
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * height + _GAP, columns * width + _GAP, planes), 255, np.uint8)
    for place, tile in enumerate(tiles):
        y, x = (place // columns) * height + _GAP, (place % columns) * width + _GAP
        sheet[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return sheet


def _places(classes: Sequence[str], label: str | None) -> list[int]:
    if label is None:
        return list(range(max(1, len(classes))))
    if label in classes:
        return [list(classes).index(label)]
    meant = near(label, classes)
    known = ", ".join(list(classes)[:20])
    raise UsageProblem(
        "generate-label",
        f"there is no class {label}" if classes else "this network was trained without classes",
        where=f"--set label={label}",
        note=f"known: {known}" if classes else "",
        help=f"did you mean `{meant}`?" if meant else "leave label out" + (", or name one of these" if classes else ""),
    )


def _pixels(
    network: AbstractGAN, noise: Float[Tensor, "n z"], labels: Tensor, preparation: Preparation
) -> UInt8[np.ndarray, "n h w c"]:
    drawn = [
        to_units(network.generate(*some).float(), preparation)
        for some in zip(noise.split(_BATCH), labels.split(_BATCH), strict=True)
    ]
    return np.rint(np.concatenate(drawn) * 255).astype(np.uint8)


def _between(one: Float[Tensor, "z"], other: Float[Tensor, "z"], steps: int) -> Float[Tensor, "s z"]:
    """Along the arc between two noises, whose length stays typical all the way.

    Source: White 2016, arXiv:1609.04468, section 2.1. We differ: lengths go evenly from one to the other.
    """
    shares = torch.linspace(0, 1, steps, device=one.device)[:, None]
    cosine = (one @ other / (one.norm() * other.norm()).clamp(min=1e-12)).clamp(-1, 1)
    angle = torch.arccos(cosine)
    if float(angle.sin()) < 1e-3:
        return one + shares * (other - one)
    directions = (
        torch.sin((1 - shares) * angle) * one / one.norm() + torch.sin(shares * angle) * other / other.norm()
    ) / torch.sin(angle)
    return directions * (one.norm() + shares * (other.norm() - one.norm()))
