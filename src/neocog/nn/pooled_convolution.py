"""pooled_convolution: a convolution and the 2x2 max-pooling after it, as matrix products on the CPU.

For the caller images are n x c x h x w. In memory the batch comes last (c, h, w, n), so that every copy and every
comparison runs over n neighbouring numbers. The pooled maps keep that order in memory; activations, dropout, a dense
layer and the next pooled convolution take them as they are.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

LARGEST_UNFOLDED = 2**26
IN_CACHE = 2**20
BLOCK = 512
NARROW = 32

_where_above = torch.ops.aten.threshold_backward


def pooled_convolution(
    images: Float[Tensor, "n c h w"], weight: Float[Tensor, "k c s s"], bias: Float[Tensor, "k"], padding: int = 0
) -> Float[Tensor, "n k h2 w2"]:
    """``max_pool2d(conv2d(images, weight, bias, padding=padding), 2)``, values and gradients equal to rounding.

    Use it where a convolution of few input maps is pooled at once: the convolution's own maps are never written as a
    whole, and the backward pass visits only where a maximum was found; among equal values that is the first, as in
    torch. An activation that never falls (ReLU, tanh ...) may follow it instead of coming before the pooling, with
    the same result.
    """
    return _PooledConvolution.apply(images, weight, bias, padding, torch.is_grad_enabled())


def can_pool(images: Float[Tensor, "n c h w"], convolution: nn.Conv2d, pool: nn.MaxPool2d) -> bool:
    """Whether ``pooled_convolution`` can stand for these two layers on these images."""
    side, padding = convolution.kernel_size[0], convolution.padding
    return (
        images.device.type == "cpu"
        and images.dtype in (torch.float32, torch.float64)
        and images.dtype == convolution.weight.dtype
        and convolution.kernel_size == (side, side)
        and convolution.stride == convolution.dilation == (1, 1)
        and convolution.groups == 1
        and convolution.bias is not None
        and convolution.padding_mode == "zeros"
        and not isinstance(padding, str)
        and padding[0] == padding[1]
        and (pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode) == (2, 2, 0, 1, False)
        and not pool.return_indices
        and min(images.shape[2:]) + 2 * padding[0] > side
        and images.numel() * side**2 <= LARGEST_UNFOLDED
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


class _PooledConvolution(torch.autograd.Function):
    """Unfold, multiply, and compare the four corners of each window, some rows at a time so that they stay in cache."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor, padding: int, learns: bool) -> Tensor:
        planes = images.permute(1, 2, 3, 0)
        planes = F.pad(planes, (0, 0, *[padding] * 4)) if padding else planes.contiguous()
        windows = _windows(planes, weight.shape[2])
        maps, (rows, columns, size) = len(weight), windows.shape[5:]
        shape = (maps, rows, columns * size)
        pooled = planes.new_empty(shape)
        ahead = [planes.new_empty(shape) for _ in range(3)] if learns else []
        kept = []
        for block in _blocks(rows, maps * columns * size):
            unfolded = _unfolded(windows, block)
            kept += [unfolded] if learns else []
            products = weight.flatten(1) @ unfolded
            corners = products.view(maps, 4, -1, columns * size).unbind(1)
            top, bottom = torch.maximum(corners[0], corners[1]), torch.maximum(corners[2], corners[3])
            torch.maximum(top, bottom, out=pooled[:, block])
            for difference, one, other in zip(ahead, (bottom, corners[1], corners[3]), (top, corners[0], corners[2])):
                torch.sub(one, other, out=difference[:, block])
        ctx.save_for_backward(weight, *ahead, *kept)
        ctx.padding, ctx.planes, ctx.rows, ctx.columns = padding, planes.shape, rows, columns * size
        return pooled.add_(bias[:, None, None]).view(maps, rows, columns, size).permute(3, 0, 1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None, None]:
        weight, bottom_ahead, right_ahead, right_ahead_below, *kept = ctx.saved_tensors
        maps, rows, columns = len(weight), ctx.rows, ctx.columns
        gradient = gradient.permute(1, 2, 3, 0).reshape(maps, rows, columns)
        to_weight = torch.zeros_like(weight.flatten(1))
        to_planes = gradient.new_zeros(ctx.planes) if ctx.needs_input_grad[0] else None
        for block, unfolded in zip(_blocks(rows, maps * columns), kept):
            corners = gradient.new_empty(maps, 4, block.stop - block.start, columns)
            bottom = _where_above(gradient[:, block], bottom_ahead[:, block], 0)
            _divide(gradient[:, block] - bottom, right_ahead[:, block], corners[:, 0], corners[:, 1])
            _divide(bottom, right_ahead_below[:, block], corners[:, 2], corners[:, 3])
            to_maps = corners.flatten(1)
            to_weight += _products(to_maps, unfolded)
            if to_planes is not None:
                _fold(weight.flatten(1).t() @ to_maps, _windows(to_planes, weight.shape[2])[..., block, :, :])
        to_images = None
        if to_planes is not None:
            inside = slice(ctx.padding, -ctx.padding or None)
            to_images = to_planes[:, inside, inside].permute(3, 0, 1, 2)
        return to_images, to_weight.view_as(weight), gradient.sum((1, 2)), None, None


def _windows(planes: Tensor, side: int) -> Tensor:
    """A view of what each weight meets: (c, s, s, 2, 2, h2, w2, n), where 2x2 are the corners of a pooled window."""
    maps, height, width, size = planes.shape
    by_map, by_row, by_column, _ = planes.stride()
    shape = (maps, side, side, 2, 2, (height - side + 1) // 2, (width - side + 1) // 2, size)
    return planes.as_strided(shape, (by_map, by_row, by_column, by_row, by_column, 2 * by_row, 2 * by_column, 1))


def _unfolded(windows: Tensor, block: slice) -> Tensor:
    """One row per weight."""
    return windows[..., block, :, :].flatten(3).flatten(0, 2)


def _fold(unfolded: Tensor, windows: Tensor) -> None:
    """Add everything to where it came from; one weight at a time, since the windows of two weights overlap."""
    unfolded = unfolded.view(windows.shape)
    for y in range(windows.shape[1]):
        for x in range(windows.shape[2]):
            windows[:, y, x].add_(unfolded[:, y, x])


def _blocks(rows: int, numbers_per_row: int) -> list[slice]:
    """Slices of pooled rows."""
    step = max(1, IN_CACHE // (4 * numbers_per_row))
    return [slice(row, min(row + step, rows)) for row in range(0, rows, step)]


def _divide(gradient: Tensor, second_ahead: Tensor, first: Tensor, second: Tensor) -> None:
    """Each number goes to the second of two where that was larger, else to the first."""
    _where_above.grad_input(gradient, second_ahead, 0, grad_input=second)
    torch.sub(gradient, second, out=first)


def _products(left: Tensor, right: Tensor) -> Tensor:
    """``left @ right.t()`` for rows much longer than they are many, as MKL does it fastest.

    Two narrow matrices: blocks of columns, the narrower one first. Else the wider one first.
    """
    if left.shape[1] % BLOCK or max(len(left), len(right)) > NARROW:
        return left @ right.t() if len(left) > len(right) else (right @ left.t()).t()
    if len(left) > len(right):
        return _products(right, left).t()
    left, right = (each.view(len(each), -1, BLOCK).transpose(0, 1) for each in (left, right))
    return torch.bmm(left, right.transpose(1, 2)).sum(0)
