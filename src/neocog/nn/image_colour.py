"""What pixels are: brightness, contrast, noise, erased rectangles; each image by its own numbers."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

ERASED_AREA = (0.02, 1 / 3)
ERASED_ASPECT = (0.3, 1 / 0.3)


def toned(
    images: Float[Tensor, "n c h w"], brightness: Float[Tensor, "n"] | None, contrast: Float[Tensor, "n"] | None
) -> Float[Tensor, "n c h w"]:
    """Multiply by ``brightness``, then stretch by ``contrast`` about the image's mean; kept between 0 and 1.

    Source: the definitions of torchvision's ``adjust_brightness`` and ``adjust_contrast``; we stretch about the plain
    mean of all values, torchvision about the mean of the grey version.
    """
    if brightness is not None:
        images = (images * brightness[:, None, None, None]).clamp_(0, 1)
    if contrast is not None:
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        images = ((images - mean).mul_(contrast[:, None, None, None]).add_(mean)).clamp_(0, 1)
    return images


def noisy(
    images: Float[Tensor, "n c h w"], uniform: Float[Tensor, "n draws"], deviation: float
) -> Float[Tensor, "n c h w"]:
    """Add normal noise of that standard deviation to every value; kept between 0 and 1.

    ``uniform`` holds as many numbers as an image has values, rounded up to even.

    Source: Box and Muller 1958, doi 10.1214/aoms/1177706645.
    """
    n, c, h, w = images.shape
    first, second = uniform.chunk(2, dim=1)
    radius = (-2 * torch.log1p(-first)).sqrt_().mul_(deviation)
    angle = second * (2 * math.pi)
    normal = torch.cat([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1)[:, : c * h * w]
    return (images + normal.reshape(n, c, h, w)).clamp_(0, 1)


def erased(
    images: Float[Tensor, "n c h w"], hit: Bool[Tensor, "n"], place: Float[Tensor, "n 4"]
) -> Float[Tensor, "n c h w"]:
    """Fill a rectangle in each image that ``hit`` marks with the image's own mean colour.

    ``place`` holds numbers from 0 to 1 for area, aspect, row and column. The rectangle takes 2 to 33 % of the image.

    Source: random erasing (Zhong et al. 2020, arXiv 1708.04896). There a rectangle is drawn until it fits; we cut its
    sides to the image's, so that no loop is needed. There the filling is noise.
    """
    _, _, h, w = images.shape
    area = h * w * (ERASED_AREA[0] + (ERASED_AREA[1] - ERASED_AREA[0]) * place[:, 0])
    low, high = math.log(ERASED_ASPECT[0]), math.log(ERASED_ASPECT[1])
    aspect = torch.exp(low + (high - low) * place[:, 1])
    height = (area * aspect).sqrt().round().clamp(1, h)
    width = (area / aspect).sqrt().round().clamp(1, w)
    inside = box(h, w, (place[:, 2] * (h - height + 1)).floor(), (place[:, 3] * (w - width + 1)).floor(), height, width)
    inside &= hit[:, None, None]
    return torch.where(inside[:, None], images.mean(dim=(2, 3), keepdim=True), images)


def box(
    h: int,
    w: int,
    top: Float[Tensor, "n"],
    left: Float[Tensor, "n"],
    height: Float[Tensor, "n"],
    width: Float[Tensor, "n"],
) -> Bool[Tensor, "n {h} {w}"]:
    """Which pixels lie in each image's rectangle; parts outside the image do not count."""
    y = torch.arange(h, device=top.device)[:, None]
    x = torch.arange(w, device=top.device)[None, :]
    top, left, bottom, right = (edge[:, None, None] for edge in (top, left, top + height, left + width))
    return (y >= top) & (y < bottom) & (x >= left) & (x < right)
