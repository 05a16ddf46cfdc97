"""Perturbations: changes that leave the class as it is, at stated levels, the same for every network.

Axes: n images, c channels, h rows, w columns. Images are prepared but not normalised: values from 0 to 1. What comes in
from outside the frame is 0, black, as where an image is padded to its size. The strength of a change is 0 for the
intact image and grows with the damage.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image as Pillow
from torch import Tensor
from torch.nn import functional as F

from neocog.core.rules import Between
from neocog.core.seeds import uniforms
from neocog.nn.image_colour import box, noisy, toned
from neocog.nn.image_geometry import Geometry, shifted, warped

DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))
EIGHT_BITS = 255


@dataclass(frozen=True)
class Items:
    """What a change needs to know of the images besides their pixels.

    Args:
        rows: the row of each image in its part, which its noise and its places are drawn from.
        key: the stream that they are drawn from.
        mean: the mean of each channel over the training images, 0 to 1: what hides a part of an image.
    """

    rows: Int[Tensor, "n"]
    key: int
    mean: tuple[float, ...]


@dataclass(frozen=True)
class Perturbation:
    """One kind of change.

    Args:
        title: in a word or two.
        axis: what its strength is measured in.
        does: what is done, in a sentence.
        change: ``change(images, strength, way, items)`` gives the changed images.
        words: a strength for a person, such as ``a shift of 3 pixels``.
        brief: the same in little room, such as ``3 px``.
        ways: directions or signs, over which scores are averaged.
        strength: from a level as it is asked for to its strength.
    """

    title: str
    axis: str
    does: str
    change: Callable[[Tensor, float, int, Items], Tensor]
    words: Callable[[float], str]
    brief: Callable[[float], str]
    ways: int = 1
    strength: Callable[[float], float] = float


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The levels at which each change is tried, besides the intact image."""

    shift: Annotated[
        tuple[float, ...], Between(0, 10_000, open_low=True), "Pixels; below 1 a share of the shorter side."
    ] = (0.04, 0.08, 0.12, 0.2, 0.3)
    rotation: Annotated[tuple[float, ...], Between(0, 180, open_low=True), "Degrees, to both sides."] = (5, 10, 20, 45)
    scale: Annotated[tuple[float, ...], Between(1, 10, open_low=True), "Factor, larger and smaller."] = (
        1.1,
        1.2,
        1.35,
        1.5,
    )
    blur: Annotated[tuple[float, ...], Between(0, 100, open_low=True), "Sigma of the Gaussian, in pixels."] = (
        0.5,
        1.0,
        1.5,
        2.0,
    )
    noise: Annotated[
        tuple[float, ...], Between(0, 10, open_low=True), "Standard deviation; 1 is the way from black to white."
    ] = (0.05, 0.1, 0.2, 0.3)
    contrast: Annotated[tuple[float, ...], Between(0, 1, open_high=True), "Factor about the image's mean."] = (
        0.75,
        0.5,
        0.25,
        0.1,
    )
    occlusion: Annotated[
        tuple[float, ...], Between(0, 1, open_low=True), "Side of the hidden square, as a share of the shorter side."
    ] = (0.1, 0.2, 0.3, 0.5)
    jpeg: Annotated[tuple[float, ...], Between(1, 95), "Quality of the compression."] = (50, 25, 10, 5)


def strengths(name: str, levels: tuple[float, ...], height: int, width: int) -> tuple[float, ...]:
    """The strengths of these levels for images of that size, each once, weakest first, without the intact image.

    Shifts and hidden squares become whole pixels, at least one.
    """
    side = min(height, width)
    if name == "occlusion":
        levels = tuple(max(1, round(each * side)) / side for each in levels)
    if name == "shift":
        levels = tuple(float(max(1, round(each * side if each < 1 else each))) for each in levels)
    return tuple(sorted({round(PERTURBATIONS[name].strength(each), 9) for each in levels}))


def not_for(name: str, channels: int, top: int) -> str:
    """Why a change cannot be made to images of so many channels whose white is ``top``; empty where it can."""
    if name != "jpeg":
        return ""
    if top != EIGHT_BITS:
        return "JPEG compression does not apply: it has 8 bits, these images have more"
    if channels not in (1, 3):
        return f"JPEG compression does not apply: it is for 1 or 3 channels, these images have {channels}"
    return ""


def perturbed(
    images: Float[Tensor, "n c h w"], name: str, strength: float, way: int, items: Items
) -> Float[Tensor, "n c h w"]:
    """The images, changed; at strength 0 the very same ones.

    Args:
        images: values from 0 to 1.
        name: a key of ``PERTURBATIONS``.
        strength: 0 or more, as ``strengths`` gives it.
        way: which of the change's ways, from 0.
        items: rows, stream and mean.
    """
    return PERTURBATIONS[name].change(images, strength, way, items) if strength else images


def moved(images: Tensor, pixels: int, way: int) -> Tensor:
    """The images, or maps, moved by whole pixels in one of ``DIRECTIONS``; zeros come in."""
    across, along = DIRECTIONS[way]
    right, down = (torch.full((len(images),), pixels * step, device=images.device) for step in (across, along))
    return shifted(images, right, down, (pixels * abs(along), pixels * abs(across)), "zeros")


def _shifted(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    return moved(images, round(strength), way)


def _rotated(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    return _warped(images, rotation=math.radians(strength) * (1, -1)[way])


def _scaled(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    return _warped(images, scale=(1 + strength, 1 / (1 + strength))[way])


def _warped(images: Tensor, rotation: float = 0.0, scale: float = 1.0) -> Tensor:
    nothing = images.new_zeros(len(images))
    geometry = Geometry(nothing, nothing, nothing + rotation, nothing + scale, nothing)
    return warped(images, geometry, None, None, "zeros")


def _blurred(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    n, c, h, w = images.shape
    reach = math.ceil(3 * strength)
    offsets = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    weights = torch.exp(-0.5 * (offsets / strength) ** 2)
    weights = weights / weights.sum()
    planes = F.pad(images.reshape(n * c, 1, h, w), (reach,) * 4, mode="replicate")
    planes = F.conv2d(F.conv2d(planes, weights[None, None, :, None]), weights[None, None, None, :])
    return planes.reshape(n, c, h, w)


def _noisy(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    values = math.prod(images.shape[1:])
    return noisy(images, uniforms(items.key, items.rows, values + values % 2), strength)


def _paler(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    return toned(images, None, images.new_full((len(images),), 1 - strength))


def _occluded(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    h, w = images.shape[2:]
    side = min(max(1, round(strength * min(h, w))), h, w)
    place = uniforms(items.key, items.rows, 2)
    top, left = (place[:, 0] * (h - side + 1)).floor(), (place[:, 1] * (w - side + 1)).floor()
    sides = images.new_full((len(images),), float(side))
    hidden = box(h, w, top, left, sides, sides)[:, None]
    return torch.where(hidden, images.new_tensor(items.mean)[None, :, None, None], images)


def _compressed(images: Tensor, strength: float, way: int, items: Items) -> Tensor:
    pixels = (images * EIGHT_BITS).round().clamp(0, EIGHT_BITS).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    read = np.stack([_through_jpeg(each, round(100 - strength)) for each in pixels])
    return torch.from_numpy(read).permute(0, 3, 1, 2).to(images) / EIGHT_BITS


def _through_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Pillow.open(buffer)).reshape(pixels.shape)


def _of(what: str, unit: str = "") -> Callable[[float], str]:
    return lambda value: f"{what} {value:.2g}{unit}"


def _pixels(value: float) -> str:
    return f"a shift of {value:.2g} pixel{'' if value == 1 else 's'}"


PERTURBATIONS = {
    "shift": Perturbation(
        "shift",
        "shift in pixels",
        "The image moves by whole pixels to the right, left, top or bottom; black comes in.",
        _shifted,
        _pixels,
        lambda value: f"{value:g} px",
        ways=len(DIRECTIONS),
    ),
    "rotation": Perturbation(
        "rotation",
        "rotation in degrees",
        "The image turns about its centre to either side (bilinear); black comes in.",
        _rotated,
        _of("a rotation by", " degrees"),
        lambda value: f"{value:g}°",
        ways=2,
    ),
    "scale": Perturbation(
        "scale",
        "factor of scale - 1",
        "The image is enlarged or shrunk about its centre by that factor (bilinear); black comes in.",
        _scaled,
        lambda value: f"a factor of scale of {1 + value:.3g}",
        lambda value: f"x{1 + value:g}",
        ways=2,
        strength=lambda level: level - 1,
    ),
    "blur": Perturbation(
        "blur",
        "sigma of the blur in pixels",
        "A Gaussian blur; beyond the edge the outermost pixels go on.",
        _blurred,
        _of("a blur of sigma", " pixels"),
        lambda value: f"{value:g} px",
    ),
    "noise": Perturbation(
        "noise",
        "standard deviation of the noise",
        "Gaussian noise is added to every value, which stays within black and white; every network gets the same.",
        _noisy,
        _of("noise of standard deviation"),
        lambda value: f"{value:g}",
    ),
    "contrast": Perturbation(
        "loss of contrast",
        "share of the contrast taken away",
        "All values move towards the image's own mean.",
        _paler,
        lambda value: f"a loss of {100 * value:.2g} % of the contrast",
        lambda value: f"-{100 * value:g} %",
        strength=lambda level: 1 - level,
    ),
    "occlusion": Perturbation(
        "occlusion",
        "hidden square, as a share of the side",
        "A square at a random place is filled with the mean colour of the training images; the same for every network.",
        _occluded,
        lambda value: f"a hidden square of {100 * value:.2g} % of the side",
        lambda value: f"{100 * value:.3g} %",
    ),
    "jpeg": Perturbation(
        "JPEG compression",
        "100 - JPEG quality",
        "The image is written as JPEG at that quality and read again; 0 is the image as it is, not quality 100.",
        _compressed,
        lambda value: f"JPEG quality {100 - value:.2g}",
        lambda value: f"q {100 - value:g}",
        strength=lambda level: 100 - level,
    ),
}
