"""pooled_convolution: a convolution and the 2x2 max-pooling after it, as matrix products on the CPU.

Axes: images are n x c x h x w and stay so for the caller; in memory the batch comes last (c, h, w, n), so that every
copy and every comparison runs over n neighbouring numbers. The pooled maps keep that order in memory, and the next
pooled convolution, an activation, dropout or a dense layer takes them as they are.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

LARGEST_UNFOLDED = 2**26
"""Above this many unfolded numbers (256 MB in fp32) the ordinary way costs less memory."""

_where_above = torch.ops.aten.threshold_backward


def pooled_convolution(
    images: Float[Tensor, "n c h w"], weight: Float[Tensor, "k c s s"], bias: Float[Tensor, "k"], padding: int = 0
) -> Float[Tensor, "n k h2 w2"]:
    """``max_pool2d(conv2d(images, weight, bias, padding=padding), 2)``, values and gradients equal to rounding.

    Use it where a small convolution (few input maps) is pooled at once: the convolution's own maps are never written
    as a whole, and the backward pass visits only where a maximum was found; among equal values that is the first, as
    in torch. Two to three times as fast as the two steps for one input channel, on one thread or two. Monotone
    activations (ReLU, sigmoid, tanh ...) may follow the pooling instead of preceding it with the same result.
    """
    return _PooledConvolution.apply(images, weight, bias, padding)


def can_pool(images: Float[Tensor, "n c h w"], convolution: nn.Conv2d, pool: nn.Module) -> bool:
    """Whether ``pooled_convolution`` can stand for these two layers on these images, and is likely to pay."""
    side = convolution.kernel_size[0]
    return (
        images.device.type == "cpu"
        and convolution.kernel_size == (side, side)
        and convolution.stride == convolution.dilation == (1, 1)
        and convolution.groups == 1
        and convolution.bias is not None
        and convolution.padding_mode == "zeros"
        and isinstance(convolution.padding, tuple)
        and convolution.padding[0] == convolution.padding[1]
        and type(pool) is nn.MaxPool2d
        and (pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode) == (2, 2, 0, 1, False)
        and min(images.shape[2:]) + 2 * convolution.padding[0] > side
        and images[0].numel() * len(images) * side**2 <= LARGEST_UNFOLDED
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and not any(layer._forward_hooks or layer._forward_pre_hooks for layer in (convolution, pool))
    )


class _PooledConvolution(torch.autograd.Function):
    """Unfold, multiply, and compare the four corners of each window."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
        planes = images.permute(1, 2, 3, 0)
        planes = F.pad(planes, (0, 0, *[padding] * 4)) if padding else planes.contiguous()
        unfolded = _unfold(planes, weight.shape[2])
        maps, rows, columns, size = len(weight), *unfolded.shape[5:]
        unfolded = unfolded.flatten(3).flatten(0, 2)
        corners = (weight.flatten(1) @ unfolded).view(maps, 4, -1).unbind(1)
        top, bottom = torch.maximum(corners[0], corners[1]), torch.maximum(corners[2], corners[3])
        pooled = torch.maximum(top, bottom).add_(bias[:, None])
        ctx.save_for_backward(unfolded, weight, bottom.sub_(top), corners[1] - corners[0], corners[3] - corners[2])
        ctx.padding, ctx.planes, ctx.window = padding, planes.shape, (rows, columns, size)
        return pooled.view(maps, rows, columns, size).permute(3, 0, 1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None]:
        unfolded, weight, bottom_ahead, right_ahead, right_ahead_below = ctx.saved_tensors
        gradient = gradient.permute(1, 2, 3, 0).flatten(1)
        corners = gradient.new_empty(len(gradient), 4, gradient.shape[1])
        bottom = _where_above(gradient, bottom_ahead, 0)
        _share(gradient - bottom, right_ahead, corners[:, 0], corners[:, 1])
        _share(bottom, right_ahead_below, corners[:, 2], corners[:, 3])
        to_maps = corners.flatten(1)
        to_images = None
        if ctx.needs_input_grad[0]:
            planes = gradient.new_zeros(ctx.planes)
            _fold((weight.flatten(1).t() @ to_maps), planes, weight.shape[2], ctx.window)
            inside = slice(ctx.padding, -ctx.padding or None)
            to_images = planes[:, inside, inside].permute(3, 0, 1, 2)
        return to_images, _products(to_maps, unfolded).view_as(weight), gradient.sum(1), None


def _unfold(planes: Tensor, side: int) -> Tensor:
    """What each weight meets: (c, s, s, corner, h2, w2, n), the corner of the 2x2 window in reading order."""
    maps, height, width, size = planes.shape
    rows, columns = (height - side + 1) // 2, (width - side + 1) // 2
    by_map, by_row, by_column, _ = planes.stride()
    shape = (maps, side, side, 2, 2, rows, columns, size)
    strides = (by_map, by_row, by_column, by_row, by_column, 2 * by_row, 2 * by_column, 1)
    return planes.as_strided(shape, strides).contiguous()


def _fold(unfolded: Tensor, planes: Tensor, side: int, window: tuple[int, int, int]) -> None:
    """The transpose of ``_unfold``: add everything to where it came from."""
    rows, columns, size = window
    unfolded = unfolded.view(len(planes), side, side, 2, 2, rows, columns, size)
    for y in range(side):
        for x in range(side):
            place = planes[:, y : y + 2 * rows, x : x + 2 * columns].unflatten(2, (columns, 2)).unflatten(1, (rows, 2))
            place.add_(unfolded[:, y, x].permute(0, 3, 1, 4, 2, 5))


def _share(gradient: Tensor, second_ahead: Tensor, first: Tensor, second: Tensor) -> None:
    """Give each number to the second of two where that was larger, else to the first."""
    _where_above.grad_input(gradient, second_ahead, 0, grad_input=second)
    torch.sub(gradient, second, out=first)


def _products(left: Tensor, right: Tensor) -> Tensor:
    """``left @ right.t()`` for few long rows: blocks of columns are several times as fast as one product."""
    length = left.shape[1]
    if length % BLOCK or max(len(left), len(right)) > WIDE:
        return (right @ left.t()).t()
    blocks = length // BLOCK
    left, right = left.view(-1, blocks, BLOCK).transpose(0, 1), right.view(-1, blocks, BLOCK).transpose(0, 1)
    if left.shape[1] <= right.shape[1]:
        return torch.bmm(left, right.transpose(1, 2)).sum(0)
    return torch.bmm(right, left.transpose(1, 2)).sum(0).t()


BLOCK = 512
WIDE = 32
