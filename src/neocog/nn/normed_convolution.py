"""normed_convolution: a convolution without bias, batch norm, and an activation if there is one."""

from torch import nn


def normed_convolution(
    inputs: int,
    outputs: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: nn.Module | None = None,
) -> nn.Sequential:
    """The three layers in a row; with an odd kernel and a stride of 1 maps keep their sides."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), *([] if activation is None else [activation]))
