"""Images with the noise, and the class, of one that a generator is to draw beside each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from neocog.core.batch import Batch
from neocog.core.seeds import stream, uniforms
from neocog.core.source import AbstractSource
from neocog.data.image_source import ImageSource

_HALF_STEP = 2.0**-25  # uniforms come in steps of 2^-24, from 0; noise of them is symmetric


@dataclass(frozen=True)
class DrawBatch(Batch):
    """Prepared images, and as many draws that are asked for.

    ``images``, ``labels`` and ``rows`` are those of real images; ``noise`` is standard normal; ``asked`` is the class
    of each draw. ``judge`` is whatever the task judges draws by; it is no tensor, and goes with every selection.
    """

    images: Float[Tensor, "n c h w"]
    labels: Int[Tensor, "n"]
    rows: Int[Tensor, "n"]
    noise: Float[Tensor, "n z"]
    asked: Int[Tensor, "n"]
    judge: Any = None

    @property
    def size(self) -> int:
        """Number of images, and of draws."""
        return len(self.rows)


class DrawSource(AbstractSource[DrawBatch]):
    """Batches of images with draws beside them.

    Noise and classes are pure functions of (seed, pass, row), as the order of the images is: nothing of them has to
    be saved, and what is drawn for a row does not depend on its batch.

    Args:
        images: the real ones.
        noise: numbers per draw.
        shares: of each class among what is asked for; they sum to 1.
        judge: goes into every batch.
    """

    def __init__(self, images: ImageSource, noise: int, shares: Sequence[float], judge: Any = None) -> None:
        self.size = images.size
        self._images = images
        self._noise = noise
        self._ends = torch.tensor(shares, dtype=torch.float64).cumsum(0)[:-1].float().to(images.device)
        self._judge = judge

    def batches(self, epoch: int, seed: int) -> Iterator[DrawBatch]:
        """One pass; the draws come from a stream of their own, named by epoch."""
        key = stream(seed, "draws", epoch)
        for batch in self._images.batches(epoch, seed):
            drawn = uniforms(key, batch.rows, self._noise + 1)
            asked = torch.searchsorted(self._ends, drawn[:, 0].contiguous(), right=True)
            yield DrawBatch(batch.images, batch.labels, batch.rows, normal(drawn[:, 1:]), asked, self._judge)


def normal(uniform: Float[Tensor, "n z"], within: float | None = None) -> Float[Tensor, "n z"]:
    """Standard normal numbers from uniform ones; none beyond ``within`` standard deviations, if that is given.

    Draws from a normal distribution that is cut off look more typical, and more alike: the truncation of Brock et al.
    2019, arXiv:1809.11096, section 3.1. We differ: by the inverse of the distribution function, not by drawing anew.
    """
    shares = uniform.double() + _HALF_STEP
    if within is not None:
        inside = torch.special.ndtr(torch.tensor(within, dtype=torch.float64))
        shares = (1 - inside) + shares * (2 * inside - 1)
    return torch.special.ndtri(shares).float()
