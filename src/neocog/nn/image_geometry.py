"""Where pixels go: shifts by whole pixels, and every other geometry in one bilinear resampling.

Axes: n images, c channels, h rows, w columns.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor
from torch.nn import functional


class Geometry(NamedTuple):
    """What happens to each image, in this order: flips, scale, shear, rotation, shift.

    Angles are in radians, clockwise as one sees it; ``scale`` above 1 enlarges; shifts are in pixels, right and down.
    """

    right: Float[Tensor, "n"]
    down: Float[Tensor, "n"]
    rotation: Float[Tensor, "n"]
    scale: Float[Tensor, "n"]
    shear: Float[Tensor, "n"]


def flipped(
    images: Shaped[Tensor, "n c h w"], across: Bool[Tensor, "n"] | None, down: Bool[Tensor, "n"] | None
) -> Shaped[Tensor, "n c h w"]:
    """Mirror left-right the images that ``across`` marks, and upside down those that ``down`` marks."""
    n = len(images)
    channels_last = _is_channels_last(images)
    for axis, marked in ((3, across), (2, down)):
        if marked is not None:
            both = torch.cat([images, images.flip(axis)])
            which = torch.arange(n, device=images.device) + n * marked
            if channels_last:
                images = both.permute(0, 2, 3, 1).index_select(0, which).permute(0, 3, 1, 2)
            else:
                images = both.index_select(0, which)
    return images


def shifted(
    images: Shaped[Tensor, "n c h w"],
    right: Int[Tensor, "n"],
    down: Int[Tensor, "n"],
    farthest: tuple[int, int],
    fill: str,
) -> Shaped[Tensor, "n c h w"]:
    """Move each image by its own whole number of pixels.

    Rows of a padded copy are gathered as overlapping windows, so that memory is copied row by row.

    Args:
        images: of any kind of value; the memory format is kept.
        right: pixels to the right, at most ``farthest[1]`` either way.
        down: pixels down, at most ``farthest[0]`` either way.
        farthest: bounds of the shifts, rows and columns.
        fill: what comes in: "border" (the nearest pixel) or "zeros".
    """
    n, c, h, w = images.shape
    channels_last = _is_channels_last(images)
    planes = images.permute(0, 2, 3, 1) if channels_last else images.reshape(n * c, h, w, 1)
    per_image, step = (1, c) if channels_last else (c, 1)
    row = torch.arange(h, device=images.device) - down[:, None, None]
    if fill == "border":
        above, row = 0, row.clamp_(0, h - 1)
    else:
        above, row = farthest[0], row + farthest[0]
    padded = _padded(planes, above, farthest[1], fill)
    high, wide = padded.shape[1:3]
    row = row + torch.arange(n * per_image, device=images.device).view(n, per_image, 1) * high
    start = ((row * wide + farthest[1] - right[:, None, None]) * step).reshape(-1)
    windows = padded.as_strided((padded.numel() - w * step + 1, w * step), (1, 1))
    moved = windows.index_select(0, start)
    return moved.view(n, h, w, c).permute(0, 3, 1, 2) if channels_last else moved.view(n, c, h, w)


def _padded(planes: Shaped[Tensor, "n h w c"], rows: int, columns: int, fill: str) -> Shaped[Tensor, "n high wide c"]:
    n, h, w, c = planes.shape
    padded = planes.new_zeros((n, h + 2 * rows, w + 2 * columns, c))
    padded[:, rows : rows + h, columns : columns + w] = planes
    if fill == "border" and columns:
        padded[:, :, :columns] = planes[:, :, :1]
        padded[:, :, columns + w :] = planes[:, :, -1:]
    return padded


def _is_channels_last(images: Tensor) -> bool:
    return images.shape[1] > 1 and images.is_contiguous(memory_format=torch.channels_last)


def warped(
    images: Float[Tensor, "n c h w"],
    geometry: Geometry,
    across: Bool[Tensor, "n"] | None,
    down: Bool[Tensor, "n"] | None,
    fill: str,
) -> Float[Tensor, "n c h w"]:
    """Resample each image once, bilinearly, by its own geometry about its centre; the memory format is kept."""
    h, w = images.shape[2:]
    cos, sin = torch.cos(geometry.rotation), torch.sin(geometry.rotation)
    slope = torch.tan(geometry.shear)
    # The inverse map: from a place in the result to the place that it came from.
    xx, xy = (cos + slope * sin) / geometry.scale, (sin - slope * cos) / geometry.scale
    yx, yy = -sin / geometry.scale, cos / geometry.scale
    x0, y0 = -(xx * geometry.right + xy * geometry.down), -(yx * geometry.right + yy * geometry.down)
    mirror_x = 1.0 if across is None else 1 - 2 * across.to(images.dtype)
    mirror_y = 1.0 if down is None else 1 - 2 * down.to(images.dtype)
    x = torch.arange(w, device=images.device, dtype=images.dtype) - (w - 1) / 2
    y = torch.arange(h, device=images.device, dtype=images.dtype) - (h - 1) / 2
    # grid_sample counts from -1 to 1; x and y as one complex number are written three times as fast as one by one
    to_x, to_y = (mirror * (2 / side) for mirror, side in ((mirror_x, w), (mirror_y, h)))
    along = torch.complex((xx * to_x)[:, None] * x, (yx * to_y)[:, None] * x)
    beside = torch.complex((xy * to_x)[:, None] * y, (yy * to_y)[:, None] * y)
    start = torch.complex(x0 * to_x, y0 * to_y)
    grid = torch.view_as_real(along[:, None, :] + (beside + start[:, None])[:, :, None])
    result = functional.grid_sample(images, grid, mode="bilinear", padding_mode=fill, align_corners=False)
    if _is_channels_last(images):
        return result.contiguous(memory_format=torch.channels_last)
    return result
