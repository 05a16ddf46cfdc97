"""Latency: how long finished networks take to answer, measured side by side."""

from collections.abc import Mapping
from statistics import median
from time import perf_counter
from typing import NamedTuple

import torch
from torch import Tensor, nn

from neocog.core.batch import blank
from neocog.core.shapes import Shape

_ROUNDS = 7
_SINGLES = 5
_BATCH = 64


class Latency(NamedTuple):
    """``milliseconds`` for one item; ``throughput`` in items per second at batch 64."""

    milliseconds: float
    throughput: float


def latencies(networks: Mapping[str, nn.Module], takes: Shape, device: str = "cpu") -> dict[str, Latency]:
    """Medians over interleaved rounds, so that whatever slows the machine meets all networks alike."""
    one = blank(takes, 1, device)
    many = blank(takes, _BATCH, device)
    singles: dict[str, list[float]] = {name: [] for name in networks}
    batches: dict[str, list[float]] = {name: [] for name in networks}
    with torch.inference_mode():
        for lap in range(_ROUNDS + 1):
            for name, network in networks.items():
                network.eval()
                alone = median(_seconds(network, one, device) for _ in range(_SINGLES))
                together = _seconds(network, many, device)
                if lap > 0:
                    singles[name].append(alone)
                    batches[name].append(together)
    return {name: Latency(1000 * median(singles[name]), _BATCH / median(batches[name])) for name in networks}


def _seconds(network: nn.Module, items: Tensor, device: str) -> float:
    begun = perf_counter()
    network(items)
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()
    return perf_counter() - begun
