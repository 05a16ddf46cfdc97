"""The five kinds of block of Inception v3: paths of different windows side by side over the same maps.

Kernels are written rows x columns. ``width`` multiplies every number of maps; each function gives the block and how
many maps come out of it. The layers' names are torchvision's.

Source: Szegedy et al. 2016, arXiv 1512.00567, figures 5, 6, 7 and 10. We differ as torchvision does: the pooled path
of the blocks that keep the maps' sides averages, and D first reduces both of its paths to 192 maps.
"""

from collections.abc import Callable

from torch import nn

from neocog.nn.inception_block import InceptionBlock
from neocog.nn.inception_convolution import inception_convolution as convolution
from neocog.nn.widened import widened

Block = tuple[InceptionBlock, int]


def block_a(inputs: int, pooled: int, width: float) -> Block:
    """Figure 5: a 5x5 window as it is and as two of 3x3."""
    maps = _scaled(width)
    pooled = maps(pooled)
    block = InceptionBlock(
        [("branch1x1", convolution(inputs, maps(64)))],
        [("branch5x5_1", convolution(inputs, maps(48))), ("branch5x5_2", convolution(maps(48), maps(64), 5))],
        [
            ("branch3x3dbl_1", convolution(inputs, maps(64))),
            ("branch3x3dbl_2", convolution(maps(64), maps(96), 3)),
            ("branch3x3dbl_3", convolution(maps(96), maps(96), 3)),
        ],
        [("pool", _mean()), ("branch_pool", convolution(inputs, pooled))],
    )
    return block, 2 * maps(64) + maps(96) + pooled


def block_b(inputs: int, width: float) -> Block:
    """Figure 10: halves the sides by convolutions and by pooling at once."""
    maps = _scaled(width)
    block = InceptionBlock(
        [("branch3x3", convolution(inputs, maps(384), 3, stride=2, padding=0))],
        [
            ("branch3x3dbl_1", convolution(inputs, maps(64))),
            ("branch3x3dbl_2", convolution(maps(64), maps(96), 3)),
            ("branch3x3dbl_3", convolution(maps(96), maps(96), 3, stride=2, padding=0)),
        ],
        [("pool", nn.MaxPool2d(3, stride=2))],
    )
    return block, maps(384) + maps(96) + inputs


def block_c(inputs: int, inside: int, width: float) -> Block:
    """Figure 6: 7x7 windows as a row after a column."""
    maps = _scaled(width)
    inside, row, column = maps(inside), (1, 7), (7, 1)
    block = InceptionBlock(
        [("branch1x1", convolution(inputs, maps(192)))],
        [
            ("branch7x7_1", convolution(inputs, inside)),
            ("branch7x7_2", convolution(inside, inside, row)),
            ("branch7x7_3", convolution(inside, maps(192), column)),
        ],
        [
            ("branch7x7dbl_1", convolution(inputs, inside)),
            ("branch7x7dbl_2", convolution(inside, inside, column)),
            ("branch7x7dbl_3", convolution(inside, inside, row)),
            ("branch7x7dbl_4", convolution(inside, inside, column)),
            ("branch7x7dbl_5", convolution(inside, maps(192), row)),
        ],
        [("pool", _mean()), ("branch_pool", convolution(inputs, maps(192)))],
    )
    return block, 4 * maps(192)


def block_d(inputs: int, width: float) -> Block:
    """Halves the sides, as B, with a 7x7 window before one of the steps."""
    maps = _scaled(width)
    few = maps(192)
    block = InceptionBlock(
        [
            ("branch3x3_1", convolution(inputs, few)),
            ("branch3x3_2", convolution(few, maps(320), 3, stride=2, padding=0)),
        ],
        [
            ("branch7x7x3_1", convolution(inputs, few)),
            ("branch7x7x3_2", convolution(few, few, (1, 7))),
            ("branch7x7x3_3", convolution(few, few, (7, 1))),
            ("branch7x7x3_4", convolution(few, few, 3, stride=2, padding=0)),
        ],
        [("pool", nn.MaxPool2d(3, stride=2))],
    )
    return block, maps(320) + few + inputs


def block_e(inputs: int, width: float) -> Block:
    """Figure 7: rows and columns beside each other, so that there are many maps where maps are small."""
    maps = _scaled(width)
    some = maps(384)
    row, column = (1, 3), (3, 1)
    fork = [("branch3x3_2a", convolution(some, some, row)), ("branch3x3_2b", convolution(some, some, column))]
    later = [("branch3x3dbl_3a", convolution(some, some, row)), ("branch3x3dbl_3b", convolution(some, some, column))]
    block = InceptionBlock(
        [("branch1x1", convolution(inputs, maps(320)))],
        [("branch3x3_1", convolution(inputs, some)), fork],
        [
            ("branch3x3dbl_1", convolution(inputs, maps(448))),
            ("branch3x3dbl_2", convolution(maps(448), some, 3)),
            later,
        ],
        [("pool", _mean()), ("branch_pool", convolution(inputs, maps(192)))],
    )
    return block, maps(320) + 4 * some + maps(192)


def _mean() -> nn.Module:
    return nn.AvgPool2d(3, stride=1, padding=1)


def _scaled(width: float) -> Callable[[int], int]:
    return lambda count: widened(count, width)
