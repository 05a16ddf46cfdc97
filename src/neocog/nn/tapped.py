"""tapped: run layers one after the other and keep some of their outputs."""

from collections.abc import Mapping

from torch import Tensor, nn


def tapped(layers: nn.Sequential, x: Tensor, taps: Mapping[str, str]) -> dict[str, Tensor]:
    """The outputs of some named layers of a sequence, in its order, under the names that ``taps`` gives them."""
    kept = {}
    for name, layer in layers.named_children():
        x = layer(x)
        if name in taps:
            kept[taps[name]] = x
    return kept
