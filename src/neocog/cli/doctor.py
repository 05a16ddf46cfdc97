"""``neocog doctor``."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags
from neocog.core.errors import Problem

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "pillow",
    "safetensors",
    "scikit-learn",
    "scipy",
    "cyclopts",
    "rich",
    "jinja2",
)
MEND_TORCHVISION = (
    "torch and torchvision are not a matched pair: `python -m pip install --upgrade torch torchvision` in a fresh "
    "virtual environment, without pinning torch below 2.14 or to 2.13"
)
LITTLE_SPACE = 1e9


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found and, where it is wrong, how to mend it."""

    name: str
    found: str
    mend: str = ""


class Unwell(Problem):
    """Something in the installation is wrong."""

    exit_code = 1


def doctor(*, output: OutputFlags = OutputFlags()) -> None:
    """Check this installation: versions, device, torchvision's operators, cache and disk; say how to mend it."""
    out = Output(output)
    findings = [_tried(name, look) for name, look in LOOKS.items()]
    out.document(
        {finding.name: {"found": finding.found, "well": not finding.mend, "mend": finding.mend} for finding in findings}
    )
    out.table("", ("", "what", "found"), [("!!" if f.mend else "ok", f.name, f.found) for f in findings])
    unwell = [finding for finding in findings if finding.mend]
    if unwell:
        raise Unwell(
            "installation-unwell",
            f"{len(unwell)} of {len(findings)} things looked at are not as they should be",
            where=[f"{finding.name}: {finding.found}" for finding in unwell],
            help="; ".join(finding.mend for finding in unwell),
        )
    out.say("All is well.")


def _tried(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as problem:
        return Finding(
            name, f"{type(problem).__name__}: {problem}", f"`{name}` could not be looked at; install neocog again"
        )


def _python() -> Finding:
    version = platform.python_version()
    mend = "" if (3, 11) <= sys.version_info[:2] <= (3, 13) else "use Python 3.11, 3.12 or 3.13"
    return Finding("Python", f"{version} on {platform.system()} {platform.machine()}", mend)


def _packages() -> Finding:
    versions = {name: _version(name) for name in PACKAGES}
    missing = [name for name, version in versions.items() if not version]
    mend = f"`python -m pip install {' '.join(missing)}`" if missing else ""
    return Finding("packages", ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items()), mend)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _torch() -> Finding:
    import torch

    finite = bool(torch.isfinite(torch.nn.functional.conv2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3))).all())
    return Finding(
        "torch", f"a convolution {'gives' if finite else 'does not give'} numbers", "" if finite else MEND_TORCHVISION
    )


def _torchvision() -> Finding:
    try:
        import torch
        import torchvision

        boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
        kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8]), 0.5).tolist()
    except Exception as problem:
        return Finding("torchvision", f"its operators do not load: {problem}", MEND_TORCHVISION)
    return Finding("torchvision", "its operators run", "" if kept == [0] else MEND_TORCHVISION)


def _device() -> Finding:
    import torch

    from neocog.fit.engine import resolve_device

    device = resolve_device("auto")
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or platform.machine()
    return Finding("device", f"{device} ({name})")


def _processor() -> Finding:
    import torch

    threads = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding(
        "processor", f"{torch.backends.cpu.get_cpu_capability()}, {cores} cores for this process, {threads} threads"
    )


def _memory() -> Finding:
    from neocog.cli.allocator import keep_memory

    return Finding("allocator", "glibc's, told to keep memory" if keep_memory() else "as the system has it")


def _cache() -> Finding:
    from neocog.data.cache import cache_folder

    folder = cache_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            "cache", f"{folder} cannot be written", "set NEOCOG_CACHE to a folder of yours, or use --no-cache"
        )
    free = shutil.disk_usage(existing).free
    mend = "" if free > LITTLE_SPACE else f"free some space on the disk of {folder}, or set NEOCOG_CACHE"
    return Finding("cache", f"{folder}, {size(free)} free", mend)


LOOKS: dict[str, Callable[[], Finding]] = {
    "Python": _python,
    "packages": _packages,
    "torch": _torch,
    "torchvision": _torchvision,
    "device": _device,
    "processor": _processor,
    "allocator": _memory,
    "cache": _cache,
}
