"""Rules: which precision, memory format and compilation help, by kind of network and processor.

Measured by ``benchmarks/throughput.py``; what a rule chose is written into each resolved experiment.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import torch

from neocog.core.shapes import Shape

BF16 = "bf16"


@dataclass(frozen=True)
class Rule:
    """What pays for one kind of network on one kind of device; ``bf16`` only where the processor multiplies it."""

    bf16: bool = True
    channels_last: bool = False
    compile: bool = False


RULES: dict[tuple[str, str], Rule] = {
    # Their convolutions are pooled as they are made, which is faster in fp32 than the plain way in bf16.
    ("simple-cnn", "cpu"): Rule(bf16=False),
    ("lenet5", "cpu"): Rule(bf16=False),
    # Compiling gains more, but costs 10 to 100 seconds at every start and needs a compiler: `engine.compile=true`.
    ("resnet", "cpu"): Rule(channels_last=True),
    ("resnet", "cuda"): Rule(channels_last=True),
    ("gan", "cpu"): Rule(bf16=False, channels_last=True),
    ("gan", "cuda"): Rule(bf16=False, channels_last=True),
}
USUAL = Rule()
SMALL_LAYER = 5_000_000  # multiply-adds of a layer in a forward pass


def rules_for(network: str, takes: Shape, device: str, able: Collection[str] | None = None) -> dict[str, Any]:
    """What ``auto`` means: ``precision``, ``channels_last`` and ``compile``.

    Args:
        network: a built-in name; others get what is usual.
        takes: what it gets; no rule depends on them yet.
        device: ``cpu``, ``cuda`` or ``mps``.
        able: what the processor has ("bf16"); None asks it.
    """
    rule = asdict(RULES.get((network, device), USUAL))
    has_bf16 = BF16 in (abilities(device) if able is None else able)
    return {"precision": BF16 if rule.pop("bf16") and has_bf16 else "fp32", **rule}


def threads_for(macs: int, layers: int) -> int:
    """Threads for steps of so many multiply-adds (forward) in so many layers.

    A small layer is done before a second thread has woken, and threads that wait for each other are slow on a machine
    that has other work.
    """
    return 1 if macs < SMALL_LAYER * layers else torch.get_num_threads()


def abilities(device: str) -> frozenset[str]:
    """What the device does in hardware, found by asking torch for the feature, never by a version."""
    if device == "cuda":
        return frozenset({BF16} if torch.cuda.is_bf16_supported(including_emulation=False) else ())
    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return frozenset({BF16} if device == "cpu" and any(ask is not None and ask() for ask in asked) else ())
