"""FeaturePyramid: maps of one width at several strides, each of which knows what the coarser ones see."""

from collections.abc import Mapping, Sequence

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from neocog.core.errors import UsageProblem


class FeaturePyramid(nn.Module):
    """One map per stride: taken from a network where it has such a map, else made from the finer one by a convolution.

    From the coarsest down, each map is enlarged and added to the next finer one, then smoothed.

    Args:
        levels: for each stride, finest first, the name of the network's map, or None to make it.
        start: the name of the map that the first level is made from where it has none of its own.
        channels: the planes of the network's maps.
        halvings: how often ``start`` is halved until it has the first level's stride.
        width: planes of every level.

    Source: Lin et al. 2017, arXiv 1612.03144, section 3; added coarser levels: arXiv 1708.02002, section 4. We differ:
    a network without a map of the first stride gets one by convolutions of stride 2.
    """

    def __init__(
        self, levels: Sequence[str | None], start: str, channels: Mapping[str, int], halvings: int, width: int
    ) -> None:
        super().__init__()
        self.levels, self.start = tuple(levels), start
        down = [_halving(channels[start] if number == 0 else width, width) for number in range(halvings)]
        self.entry = nn.Sequential(*down)
        self.laterals = nn.ModuleList(
            nn.Conv2d(channels[name], width, 1) if name else nn.Identity() if number == 0 else _halving(width, width)
            for number, name in enumerate(levels)
        )
        self.smoothing = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in levels)

    def forward(self, maps: Mapping[str, Tensor]) -> list[Float[Tensor, "n width _ _"]]:
        """The levels, finest first, from a network's maps."""
        found: list[Tensor] = []
        for number, (name, lateral) in enumerate(zip(self.levels, self.laterals, strict=True)):
            if name is not None:
                found.append(lateral(maps[name]))
            else:
                found.append(lateral(found[-1] if number else self.entry(maps[self.start])))
        above = found[-1]
        summed = [above]
        for each in reversed(found[:-1]):
            above = each + functional.interpolate(above, size=each.shape[2:], mode="nearest")
            summed.append(above)
        return [smooth(each) for smooth, each in zip(self.smoothing, reversed(summed), strict=True)]


def levels_for(strides: Mapping[str, int], wanted: Sequence[int]) -> tuple[list[str | None], str, int]:
    """Which map of a network each stride is taken from, the map that missing first ones are made from, and how often.

    Args:
        strides: input pixels per step of the network's maps, by name, finest first.
        wanted: strides of the levels, each twice the one before.

    Raises:
        UsageProblem: ``network-too-coarse``: its finest map has a larger stride than the first that is wanted.
    """
    names = [next((name for name in reversed([*strides]) if strides[name] == stride), None) for stride in wanted]
    finer = [name for name in strides if strides[name] <= wanted[0] and _power(wanted[0] // strides[name])]
    if not finer:
        raise UsageProblem(
            "network-too-coarse",
            f"the finest map of this network has one step per {min(strides.values())} pixels; at most {wanted[0]} do",
            where=", ".join(f"{name}: {stride}" for name, stride in strides.items()),
            help="choose coarser levels, or a network with finer maps, such as resnet",
        )
    halvings = 0 if names[0] else (wanted[0] // strides[finer[-1]]).bit_length() - 1
    return names, finer[-1], halvings


def _halving(inputs: int, width: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(inputs, width, 3, stride=2, padding=1), nn.ReLU())


def _power(ratio: int) -> bool:
    return ratio > 0 and ratio & (ratio - 1) == 0
