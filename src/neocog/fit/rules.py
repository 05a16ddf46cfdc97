"""Rules: which precision, memory format and compilation help, by kind of network and processor."""

from typing import Any

import torch

from neocog.core.shapes import Image


def rules_for(network: str, takes: Image, device: str) -> dict[str, Any]:
    """What ``auto`` means for a network (by name), its images and a device: precision, memory format, compilation."""
    return {"precision": "bf16" if _has_fast_bf16(device) else "fp32", "channels_last": False, "compile": False}


def _has_fast_bf16(device: str) -> bool:
    """Whether the processor multiplies bfloat16 in hardware; found by asking torch, never by its version."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(device == "cpu" and has is not None and has())
