"""Dropout: the layer of torch, with cheaper random numbers on the CPU."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

BITS_OF_BYTE = 8


class Dropout(nn.Dropout):
    """Sets a random share ``p`` of the numbers to 0 and divides the rest by ``1 - p``, while training.

    On the CPU, where ``256 * p`` is whole (0.25, 0.5 ...), each number costs one random byte instead of a whole draw;
    every byte is equally likely, so the share is exact. Elsewhere it is torch's own layer. The bytes come from torch's
    global generator, whose state a checkpoint holds.

    Source: Srivastava et al. 2014, JMLR 15:1929-1958; scaled while training instead of at the test, as in torch.
    """

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The numbers that are left, scaled."""
        levels = self.p * 2**BITS_OF_BYTE
        if not self.training or x.device.type != "cpu" or levels % 1 or not 0 < self.p < 1 or self.inplace:
            return super().forward(x)
        keep = torch.empty_like(x)
        if not keep.numel():
            return x * keep
        words = torch.empty(-(-keep.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        in_memory = keep.as_strided((keep.numel(),), (1,))
        in_memory.copy_(words.view(torch.uint8)[: keep.numel()])
        return x * keep.sub_(levels - 1).clamp_(0, 1).mul_(1 / (1 - self.p))
