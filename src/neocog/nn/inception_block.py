"""InceptionBlock: paths of different windows side by side over the same maps."""

from collections.abc import Sequence
from typing import TypeAlias, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

Step: TypeAlias = tuple[str, nn.Module]
Path: TypeAlias = Sequence[Step | Sequence[Step]]


class InceptionBlock(nn.Module):
    """Every path gets the same maps; its layers run one after the other, and the paths' last maps are concatenated.

    Args:
        paths: each a sequence of named layers; where a list of them stands in the place of one layer, all of them
            see the same maps and theirs are concatenated too (a fork inside a path).

    Source: Szegedy et al. 2015, arXiv 1409.4842, figure 2.
    """

    def __init__(self, *paths: Path) -> None:
        super().__init__()
        self._paths = [[_names(step) for step in path] for path in paths]
        for path in paths:
            for step in path:
                for name, layer in _layers(step):
                    self.add_module(name, layer)

    def forward(self, maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h2 w2"]:
        """The maps of the first path first."""
        ends = []
        for path in self._paths:
            x = maps
            for names in path:
                found = [self.get_submodule(name)(x) for name in names]
                x = found[0] if len(found) == 1 else torch.cat(found, 1)
            ends.append(x)
        return torch.cat(ends, 1)


def _layers(step: Step | Sequence[Step]) -> Sequence[Step]:
    return step if isinstance(step, list) else [cast(Step, step)]


def _names(step: Step | Sequence[Step]) -> list[str]:
    return [name for name, _ in _layers(step)]
