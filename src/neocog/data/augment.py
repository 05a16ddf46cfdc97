"""Augmentation: random changes that leave the class as it is, each image with its own.

Everything is a pure function of a key and the images' rows, so an epoch can be repeated exactly. What happens to one
image does not depend on the batch that it is in, but for its partner in MixUp and CutMix.
"""

import math
from dataclasses import asdict, dataclass
from typing import Annotated, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped, UInt8
from torch import Tensor

from neocog.core.errors import UsageProblem
from neocog.core.options import check
from neocog.core.rules import Between, OneOf
from neocog.core.seeds import stream, uniforms
from neocog.core.shapes import Image
from neocog.data.augment_mixing import DRAWS, mixed
from neocog.data.preparation import Preparation
from neocog.nn.image_colour import erased, noisy, toned
from neocog.nn.image_geometry import Geometry, flipped, shifted, warped

# The column of uniforms that each change is drawn from: asking for one change does not alter another's draws.
_RIGHT, _DOWN, _ACROSS, _OVER, _ROTATION, _SCALE, _SHEAR, _BRIGHTNESS, _CONTRAST, _ERASE, _PLACE = range(11)
_SMALLEST_SIDE = 16


class Placement(NamedTuple):
    """Where the pixels of each image go: mirrored left-right or upside down (None: none of them), then moved."""

    geometry: Geometry
    across: Bool[Tensor, "n"] | None
    down: Bool[Tensor, "n"] | None


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Which changes are made, and how strong they are at most; 0 and "none" are off.

    Shift alone goes by whole pixels; with rotation, scale or shear all geometry is one bilinear resampling. What comes
    in at the edges repeats the border (``fill="border"``): it is background wherever the subject does not touch the
    edge, whatever the background's colour, while zeros are a black wedge in every photograph.
    """

    shift: Annotated[float, Between(0, 0.5), "Shift, in fractions of the side, along both axes."] = 0.0
    rotation: Annotated[float, Between(0, 180), "Rotation to either side, in degrees."] = 0.0
    scale: Annotated[float, Between(0, 0.9), "Enlarging or shrinking; 0.1 is by a factor of 1/1.1 to 1.1."] = 0.0
    shear: Annotated[float, Between(0, 60), "Slant to either side, in degrees."] = 0.0
    flip: Annotated[str, OneOf("none", "horizontal", "vertical", "both"), "Mirroring of half of the images."] = "none"
    fill: Annotated[str, OneOf("border", "zeros"), "What comes in at the edges."] = "border"
    brightness: Annotated[float, Between(0, 1), "Brightness; 0.2 is by a factor of 0.8 to 1.2."] = 0.0
    contrast: Annotated[float, Between(0, 1), "Contrast; 0.2 is by a factor of 0.8 to 1.2."] = 0.0
    noise: Annotated[float, Between(0, 1), "Standard deviation of added noise; 1 is the way from black to white."] = 0.0
    erasing: Annotated[float, Between(0, 1), "Share of the images in which a random rectangle is erased."] = 0.0
    mixup: Annotated[float, Between(0, 10), "Alpha of MixUp's Beta distribution."] = 0.0
    cutmix: Annotated[float, Between(0, 10), "Alpha of CutMix's Beta distribution."] = 0.0

    def __post_init__(self) -> None:
        check(Augmentation, asdict(self))

    @property
    def changes_images(self) -> bool:
        """Whether anything but mixing is on."""
        return bool(self._moves or self._resamples or self._recolours or self.erasing)

    @property
    def only_moves(self) -> bool:
        """Whether nothing is on but shifts and mirroring: whole pixels move, and keep their values."""
        return self._moves and not (self._resamples or self._recolours or self.erasing or self.mixes_images)

    @property
    def mixes_images(self) -> bool:
        """Whether MixUp or CutMix is on."""
        return self.mixup > 0 or self.cutmix > 0

    @property
    def _moves(self) -> bool:
        return self.shift > 0 or self.flip != "none"

    @property
    def _resamples(self) -> bool:
        return bool(self.rotation or self.scale or self.shear)

    @property
    def _recolours(self) -> bool:
        return bool(self.brightness or self.contrast or self.noise)

    def __call__(
        self,
        unit_images: Float[Tensor, "n c h w"],
        labels: Int[Tensor, "n"],
        rows: Int[Tensor, "n"],
        key: int,
        classes: int,
    ) -> tuple[Float[Tensor, "n c h w"], Float[Tensor, "n k"] | None]:
        """Change the images, then mix them.

        Args:
            unit_images: values from 0 to 1.
            labels: the class of each image.
            rows: the row of each image in its part: what its changes are drawn from.
            key: the stream of this epoch.
            classes: number of classes; needed by MixUp and CutMix only.

        Returns:
            The images, from 0 to 1, and the shares of the classes in each where images were mixed, else None.
        """
        return self.mix(self.change(unit_images, rows, key), labels, rows, key, classes)

    def change(
        self, unit_images: Float[Tensor, "n c h w"], rows: Int[Tensor, "n"], key: int
    ) -> Float[Tensor, "n c h w"]:
        """All but mixing: what happens to an image is the same whatever other images are there."""
        if not self.changes_images:
            return unit_images
        draws = uniforms(key, rows, self._draws())
        images = self._move(unit_images, draws)
        images = toned(
            images,
            1 + self.brightness * _signed(draws, _BRIGHTNESS) if self.brightness else None,
            1 + self.contrast * _signed(draws, _CONTRAST) if self.contrast else None,
        )
        if self.noise:
            values = math.prod(images.shape[1:])
            images = noisy(images, uniforms(stream(key, "noise"), rows, values + values % 2), self.noise)
        if self.erasing:
            images = erased(images, draws[:, _ERASE] < self.erasing, draws[:, _PLACE : _PLACE + 4])
        return images

    def move(self, images: Shaped[Tensor, "n c h w"], rows: Int[Tensor, "n"], key: int) -> Shaped[Tensor, "n c h w"]:
        """The same as ``change`` for images of any kind of value, where ``only_moves`` holds.

        Whole pixels that move can be moved before they become numbers from 0 to 1, which is four times cheaper.
        """
        return self._move(images, uniforms(key, rows, self._draws()))

    def mix(
        self, images: Float[Tensor, "n c h w"], labels: Int[Tensor, "n"], rows: Int[Tensor, "n"], key: int, classes: int
    ) -> tuple[Float[Tensor, "n c h w"], Float[Tensor, "n k"] | None]:
        """MixUp and CutMix alone."""
        if not self.mixes_images:
            return images, None
        if classes < 1:
            raise UsageProblem("augmentation-classes", "MixUp and CutMix need to know the number of classes")
        return mixed(images, labels, uniforms(stream(key, "mix"), rows, DRAWS), self.mixup, self.cutmix, classes)

    def describe(self) -> str:
        """What is done, in words."""
        said = [
            self.shift and f"shifted by up to {_percent(self.shift)} of the side",
            self.rotation and f"rotated by up to {self.rotation:g} degrees",
            self.scale and f"scaled by up to {_percent(self.scale)}",
            self.shear and f"slanted by up to {self.shear:g} degrees",
            _FLIPS[self.flip],
            self.brightness and f"brightness changed by up to {_percent(self.brightness)}",
            self.contrast and f"contrast changed by up to {_percent(self.contrast)}",
            self.noise and f"noise of standard deviation {self.noise:g} added",
            self.erasing and f"a random rectangle erased in {_percent(self.erasing)} of the images",
            self.mixup and f"mixed with another image (MixUp, alpha {self.mixup:g})",
            self.cutmix and f"a box replaced from another image (CutMix, alpha {self.cutmix:g})",
        ]
        return "; ".join(text for text in said if text) or "none"

    def _draws(self) -> int:
        if self.erasing:
            return _PLACE + 4
        if self.brightness or self.contrast:
            return _CONTRAST + 1
        return _SHEAR + 1 if self._resamples else _OVER + 1

    def placement(self, height: int, width: int, rows: Int[Tensor, "n"], key: int) -> Placement:
        """Where ``change`` puts the pixels of these rows, for whatever has to go with them."""
        return self._placement(height, width, uniforms(key, rows, self._draws()))

    def _placement(self, h: int, w: int, draws: Tensor) -> Placement:
        across = draws[:, _ACROSS] < 0.5 if self.flip in ("horizontal", "both") else None
        over = draws[:, _OVER] < 0.5 if self.flip in ("vertical", "both") else None
        if self._resamples:
            geometry = Geometry(
                right=self.shift * w * _signed(draws, _RIGHT),
                down=self.shift * h * _signed(draws, _DOWN),
                rotation=math.radians(self.rotation) * _signed(draws, _ROTATION),
                scale=torch.exp(math.log1p(self.scale) * _signed(draws, _SCALE)),
                shear=math.radians(self.shear) * _signed(draws, _SHEAR),
            )
        else:
            high, wide = self._farthest(h, w)
            none, right, down = torch.zeros_like(draws[:, 0]), draws[:, _RIGHT], draws[:, _DOWN]
            geometry = Geometry(
                right=_whole(draws, _RIGHT, wide).to(right) if wide else none,
                down=_whole(draws, _DOWN, high).to(down) if high else none,
                rotation=none,
                scale=torch.ones_like(none),
                shear=none,
            )
        return Placement(geometry, across, over)

    def _farthest(self, h: int, w: int) -> tuple[int, int]:
        """Whole pixels down and across."""
        return round(self.shift * h), round(self.shift * w)

    def _move(self, images: Tensor, draws: Tensor) -> Tensor:
        h, w = images.shape[2:]
        geometry, across, over = self._placement(h, w, draws)
        if self._resamples:
            return warped(images, geometry, across, over, self.fill)
        images = flipped(images, across, over)
        farthest = self._farthest(h, w)
        if not any(farthest):
            return images
        return shifted(images, geometry.right.long(), geometry.down.long(), farthest, self.fill)


def default_for(takes: Image) -> Augmentation:
    """A mild augmentation that suits most images of that shape.

    None under 16 pixels, where a pixel is a large part; else small shifts, and for colour images (of three or four
    channels) larger ones and mirroring left-right. Grey images are not mirrored: digits, letters and X-ray images have
    sides.
    """
    if min(takes.height, takes.width) < _SMALLEST_SIDE:
        return Augmentation()
    if takes.channels in (3, 4):
        return Augmentation(shift=0.125, flip="horizontal")
    return Augmentation(shift=0.07)


def augmented_views(
    pixels: Shaped[Tensor, "n h w c"],
    labels: Int[Tensor, "n"],
    preparation: Preparation,
    augmentation: Augmentation,
    *,
    times: int,
    classes: int,
    seed: int = 0,
) -> UInt8[np.ndarray, "k n h w c"]:
    """The same images as ``times`` epochs of a run with that seed would show them, ready for a picture."""
    rows = torch.arange(len(pixels))
    views = []
    for epoch in range(times):
        key = stream(seed, "augment", epoch)
        images, _ = augmentation(preparation.to_unit(pixels), labels, rows, key, classes)
        views.append((images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return np.stack(views)


_FLIPS = {
    "none": "",
    "horizontal": "mirrored left-right in half of the cases",
    "vertical": "mirrored upside down in half of the cases",
    "both": "mirrored left-right and upside down, each in half of the cases",
}


def _signed(draws: Tensor, column: int) -> Tensor:
    """The column, spread over -1 to 1."""
    return 2 * draws[:, column] - 1


def _whole(draws: Tensor, column: int, farthest: int) -> Tensor:
    """The column as whole numbers from -farthest to farthest, all equally likely."""
    return (draws[:, column] * (2 * farthest + 1)).long().clamp_(max=2 * farthest) - farthest


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3g} %"
