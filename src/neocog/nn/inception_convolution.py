"""inception_convolution: the unit that Inception networks are made of."""

from collections import OrderedDict

from torch import nn

EPSILON = 1e-3


def inception_convolution(
    inputs: int,
    outputs: int,
    kernel: int | tuple[int, int] = 1,
    *,
    stride: int = 1,
    padding: int | tuple[int, int] | None = None,
) -> nn.Sequential:
    """The layers ``conv`` (without bias), ``bn`` and ``relu``; without ``padding`` an odd kernel keeps maps' sides.

    Source: Ioffe and Szegedy 2015, arXiv 1502.03167; the names and the epsilon of 0.001 are torchvision's.
    """
    rows, columns = (kernel, kernel) if isinstance(kernel, int) else kernel
    around = (rows // 2, columns // 2) if padding is None else padding
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(inputs, outputs, (rows, columns), stride=stride, padding=around, bias=False),
            bn=nn.BatchNorm2d(outputs, eps=EPSILON),
            relu=nn.ReLU(inplace=True),
        )
    )
