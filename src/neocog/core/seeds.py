"""Named random streams from one seed.

Order and augmentation are pure functions of (seed, epoch, item): nothing needs to be carried from step to step, so a
run that is cut anywhere goes on exactly.
"""

import hashlib

import torch
from jaxtyping import Float, Int
from torch import Tensor

_GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as int64
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9 as int64
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB as int64


def stream(seed: int, *names: str | int) -> int:
    """A 63-bit seed for the stream of that name, e.g. ``stream(seed, "order", epoch)``.

    Different names give unrelated streams (BLAKE2b), whatever PYTHONHASHSEED is.
    """
    text = "/".join(str(name) for name in (seed, *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed: int, *names: str | int) -> torch.Generator:
    """A CPU generator for the named stream."""
    return torch.Generator().manual_seed(stream(seed, *names))


def permutation(size: int, seed: int, *names: str | int) -> Int[Tensor, "size"]:
    """A random order of ``size`` items for the named stream."""
    return torch.randperm(size, generator=generator(seed, *names))


def uniforms(key: int, items: Int[Tensor, "n"], draws: int) -> Float[Tensor, "n draws"]:
    """``draws`` numbers in [0, 1) for each item: the same item and key give the same in any batch, on any device.

    Source: SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195), used as a counter-based generator; we
    keep 24 bits, so that every value is an exact float32.
    """
    columns = torch.arange(1, draws + 1, device=items.device, dtype=torch.int64)
    state = _mix(items.to(torch.int64)[:, None] * _GOLDEN + key) + columns * _GOLDEN
    return _unsigned_shift(_mix(state), 40).to(torch.float32) * 2.0**-24


def _mix(z: Tensor) -> Tensor:
    z = (z ^ _unsigned_shift(z, 30)) * _MIX_1
    z = (z ^ _unsigned_shift(z, 27)) * _MIX_2
    return z ^ _unsigned_shift(z, 31)


def _unsigned_shift(z: Tensor, bits: int) -> Tensor:
    return (z >> bits) & ((1 << (64 - bits)) - 1)
