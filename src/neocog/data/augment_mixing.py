"""Images mixed with one another, and their classes with them: MixUp and CutMix."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.special import betaincinv
from torch import Tensor

from neocog.nn.image_colour import box

DRAWS = 5
_NODES = 4096


def mixed(
    images: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    uniform: Float[Tensor, "n 5"],
    mixup: float,
    cutmix: float,
    classes: int,
) -> tuple[Float[Tensor, "n c h w"], Float[Tensor, "n {classes}"]]:
    """Mix each image with the next one in a random ring through the batch; targets hold the shares of the classes.

    Where both kinds are asked for, each image gets one or the other with even chances. The ring depends on which
    items are in the batch, not on their order.

    Source: MixUp (Zhang et al. 2018, arXiv 1710.09412), x = a x1 + (1 - a) x2 with a from Beta(alpha, alpha); CutMix
    (Yun et al. 2019, arXiv 1905.04899), a box of the partner with the sides' ratio sqrt(1 - a) and the share that it
    really covers. There one share serves a whole batch; here each image has its own.

    Args:
        images: in any range.
        labels: the class of each image.
        uniform: five numbers in [0, 1) per image: place in the ring, share, kind, row, column.
        mixup: alpha of MixUp's Beta distribution; 0 is off.
        cutmix: alpha of CutMix's Beta distribution; 0 is off.
        classes: number of classes.
    """
    n, _, h, w = images.shape
    ring = torch.argsort(uniform[:, 0], stable=True)
    partner = torch.empty_like(ring)
    partner[ring] = ring.roll(-1)
    own = torch.ones((n, 1, 1), device=images.device, dtype=images.dtype)
    if mixup:
        own = beta(uniform[:, 1], mixup)[:, None, None]
    if cutmix:
        side = (1 - beta(uniform[:, 1], cutmix)).sqrt()
        height, width = (side * h).round(), (side * w).round()
        top, left = (uniform[:, 3] * h - height / 2).round(), (uniform[:, 4] * w - width / 2).round()
        kept = (~box(h, w, top, left, height, width)).to(images.dtype)
        own = torch.where((uniform[:, 2] < 0.5)[:, None, None], own, kept) if mixup else kept
    share = own.mean(dim=(1, 2))
    targets = torch.zeros((n, classes), device=images.device, dtype=images.dtype)
    targets.scatter_add_(1, labels[:, None].long(), share[:, None])
    targets.scatter_add_(1, labels[partner, None].long(), 1 - share[:, None])
    return torch.lerp(images[partner], images, own[:, None]), targets


def beta(uniform: Float[Tensor, "n"], alpha: float) -> Float[Tensor, "n"]:
    """Beta(alpha, alpha) numbers from uniform ones, through the inverse of the distribution function.

    The inverse is tabulated at 4,097 places and read linearly between them.
    """
    table = _quantiles(alpha, uniform.device)
    place = uniform * _NODES
    node = place.long().clamp_(0, _NODES - 1)
    return torch.lerp(table[node], table[node + 1], place - node)


@lru_cache(maxsize=16)
def _quantiles(alpha: float, device: torch.device) -> Tensor:
    values = betaincinv(alpha, alpha, np.linspace(0, 1, _NODES + 1))
    with torch.inference_mode(False):  # made once, and used later where gradients flow
        return torch.tensor(values, dtype=torch.float32, device=device)
