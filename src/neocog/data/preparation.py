"""Preparation: from decoded pixels to what a network takes, the same in training, prediction and export."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from PIL import Image as Pillow
from torch import Tensor
from torch.nn import functional as F

from neocog.core.errors import DataProblem
from neocog.core.seeds import permutation

SMALLEST_STD = 1e-3
_MODES = {"1": "L", "L": "L", "RGB": "RGB", "RGBA": "RGBA", "LA": "RGBA", "PA": "RGBA", "I;16": "I;16"}
_WIDE_MODES = ("I", "I;16L", "I;16B", "I;16N")
_FAST_CHANNELS = 4
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Preparation:
    """What is done to pixels before a network sees them.

    Args:
        channels: planes of an image.
        height: pixels.
        width: pixels.
        top: the value that counts as 1: 255 for 8-bit images, 65535 for 16-bit ones.
        mean: per channel, in units of ``top`` (0 to 1).
        std: per channel, in units of ``top``.
        permuted: seed of one order in which the pixels of every image are shown, last of all; None: as they stand.
    """

    channels: int
    height: int
    width: int
    top: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    permuted: int | None = None

    def __post_init__(self) -> None:
        if len(self.mean) != self.channels or len(self.std) != self.channels or min(self.std) <= 0:
            raise DataProblem(
                "preparation-statistics",
                f"{self.channels} channels need as many means and positive standard deviations, "
                f"not {self.mean} and {self.std}",
            )

    def normalise(self, pixels: Shaped[Tensor, "n h w c"], *, channels_last: bool = False) -> Float[Tensor, "n c h w"]:
        """Pixels as stored (uint8 or uint16) to what the network takes; equals ``standardise(to_unit(pixels))``.

        With ``channels_last`` an image of several channels stays in the order in which it is stored, which is torch's
        ``channels_last`` memory format; without it the result is contiguous.
        """
        scale = tuple(1 / (self.top * s) for s in self.std)
        shift = tuple(-m / s for m, s in zip(self.mean, self.std, strict=True))
        return self._placed(_affine(_floats(pixels, channels_last), scale, shift, ours=True))

    def to_unit(self, pixels: Shaped[Tensor, "n h w c"], *, channels_last: bool = False) -> Float[Tensor, "n c h w"]:
        """Pixels as stored to numbers from 0 to 1."""
        return _floats(pixels, channels_last).div_(self.top)

    def standardise(self, unit_images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Numbers from 0 to 1 to what the network takes: less the mean, divided by the standard deviation."""
        scale = tuple(1 / s for s in self.std)
        shift = tuple(-m / s for m, s in zip(self.mean, self.std, strict=True))
        return self._placed(_affine(unit_images, scale, shift))

    def order(self) -> Int[np.ndarray, " pixels"]:
        """Which pixel (row by row) stands at each place of an image; the same for all images and channels."""
        places = self.height * self.width
        return np.arange(places) if self.permuted is None else _order(places, self.permuted, CPU).numpy()

    def _placed(self, images: Tensor) -> Tensor:
        if self.permuted is None or images.shape[2:] == (1, 1):  # one colour looks the same in any order
            return images
        order = _order(self.height * self.width, self.permuted, images.device)
        last = images.shape[1] > 1 and images.is_contiguous(memory_format=torch.channels_last)
        placed = images.flatten(2).index_select(2, order).unflatten(2, (self.height, self.width))
        return placed.contiguous(memory_format=torch.channels_last) if last else placed

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON and TOML."""
        return {
            "channels": self.channels,
            "height": self.height,
            "width": self.width,
            "top": self.top,
            "mean": list(self.mean),
            "std": list(self.std),
            **({} if self.permuted is None else {"permuted": self.permuted}),
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Preparation":
        """The inverse of ``as_dict``."""
        return Preparation(
            channels=int(values["channels"]),
            height=int(values["height"]),
            width=int(values["width"]),
            top=int(values["top"]),
            mean=tuple(float(m) for m in values["mean"]),
            std=tuple(float(s) for s in values["std"]),
            permuted=None if values.get("permuted") is None else int(values["permuted"]),
        )

    @staticmethod
    def measured(images: Shaped[np.ndarray, "n h w c"], *, chunk: int = 1000) -> "Preparation":
        """The preparation whose mean and standard deviation are those of these images (the train part's).

        A channel that hardly varies gets a standard deviation of at least ``SMALLEST_STD``.
        """
        _, height, width, channels = images.shape
        top = int(np.iinfo(images.dtype).max)
        total, squares = np.zeros(channels), np.zeros(channels)
        for start in range(0, len(images), chunk):
            unit = images[start : start + chunk].reshape(-1, channels).astype(np.float64) / top
            total += unit.sum(0)
            squares += np.einsum("nc,nc->c", unit, unit)
        count = max(1, len(images) * height * width)
        mean = total / count
        std = np.sqrt(np.maximum(squares / count - mean**2, 0)).clip(min=SMALLEST_STD)
        return Preparation(channels, height, width, top, tuple(mean.tolist()), tuple(std.tolist()))


def fit_to(
    image: Shaped[np.ndarray, "h w c"] | Pillow.Image, size: int | tuple[int, int]
) -> Shaped[np.ndarray, "H W c"]:
    """The whole image within ``size`` x ``size`` (or height, width), proportions kept, centred, padded with zeros.

    Never crops or stretches. Shrinking averages over the area (antialiased triangle filter), enlarging is bicubic.
    Channels are treated alike and independently, an alpha channel included. An image that has the size already is
    returned as it is.

    Raises:
        DataProblem: neither 8-bit nor 16-bit, or without pixels.
    """
    pixels = _as_array(image) if isinstance(image, Pillow.Image) else image
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.size == 0:
        raise DataProblem(
            "data-image-kind", f"an image of {pixels.dtype} values and shape {pixels.shape} is not usable"
        )
    height, width = (size, size) if isinstance(size, int) else size
    h, w, channels = pixels.shape
    if (h, w) == (height, width):
        return pixels
    ratio = min(height / h, width / w)
    inner = (min(height, max(1, round(h * ratio))), min(width, max(1, round(w * ratio))))
    resized = pixels if (h, w) == inner else _resize(pixels, *inner)
    if inner == (height, width):
        return resized
    padded = np.zeros((height, width, channels), pixels.dtype)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    padded[top : top + inner[0], left : left + inner[1]] = resized
    return padded


def _as_array(image: Pillow.Image) -> np.ndarray:
    mode = "I" if image.mode in _WIDE_MODES else _MODES.get(image.mode, "RGB")
    if image.mode == "P":
        mode = "RGBA" if "transparency" in image.info else "RGB"
    if image.mode == "F":
        raise DataProblem("data-image-kind", "an image of floating-point values has no known range")
    pixels = np.asarray(image if image.mode == mode else image.convert(mode))
    if mode == "I":
        pixels = pixels.clip(0, 65535).astype(np.uint16)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _resize(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    shrinks = height < pixels.shape[0] or width < pixels.shape[1]
    channels = pixels.shape[2]
    if pixels.dtype == np.uint8 and channels <= _FAST_CHANNELS:  # five times as fast as Pillow, equal to within 1
        # the axis of one image comes first: torch then sees its `channels_last` and keeps it
        images = torch.from_numpy(np.require(pixels, requirements=("C", "W")))[None].permute(0, 3, 1, 2)
        mode = "bilinear" if shrinks else "bicubic"
        return F.interpolate(images, (height, width), mode=mode, antialias=True)[0].permute(1, 2, 0).numpy()
    how = Pillow.Resampling.BILINEAR if shrinks else Pillow.Resampling.BICUBIC
    resized = np.empty((height, width, channels), pixels.dtype)
    for c in range(channels):
        plane = Pillow.fromarray(pixels[:, :, c].astype(np.float32))
        values = np.asarray(plane.resize((width, height), how))
        resized[:, :, c] = np.rint(values).clip(0, np.iinfo(pixels.dtype).max)
    return resized


def _floats(pixels: Tensor, channels_last: bool) -> Tensor:
    images = pixels.permute(0, 3, 1, 2)
    order = torch.preserve_format if channels_last else torch.contiguous_format
    return images.to(torch.float32, copy=True, memory_format=order)


def _affine(images: Tensor, scale: tuple[float, ...], shift: tuple[float, ...], *, ours: bool = False) -> Tensor:
    """``images * scale + shift``; ``ours`` may be overwritten, which is faster."""
    if len(scale) == 1:
        return (images.mul_(scale[0]) if ours else images * scale[0]).add_(shift[0])
    add, times = _constants(shift, scale, images.device)
    n, _, h, w = images.shape
    if images.is_contiguous(memory_format=torch.channels_last):  # over rows of h x w x c, six times as fast
        flat, add, times = images.permute(0, 2, 3, 1).reshape(n, -1), add.repeat(h * w), times.repeat(h * w)
        changed = (flat.mul_(times) if ours else flat * times).add_(add)
        return changed.view(n, h, w, -1).permute(0, 3, 1, 2)
    add, times = add[:, None, None], times[:, None, None]
    return (images.mul_(times) if ours else images * times).add_(add)


@lru_cache(maxsize=64)
def _constants(shift: tuple[float, ...], scale: tuple[float, ...], device: torch.device) -> tuple[Tensor, Tensor]:
    with torch.inference_mode(False):  # made once, and used later where gradients flow
        return torch.tensor(shift, device=device), torch.tensor(scale, device=device)


@lru_cache(maxsize=16)
def _order(places: int, seed: int, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # made once, and used later where gradients flow
        return permutation(places, seed, "pixels").to(device)
