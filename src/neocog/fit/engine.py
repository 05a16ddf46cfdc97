"""Engine: where and how the arithmetic runs."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Annotated, Any

import torch
import torch.utils.deterministic as memory
from torch import nn

from neocog.core.errors import UsageProblem
from neocog.core.options import check
from neocog.core.rules import Between, OneOf
from neocog.fit.rules import threads_for


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Device, precision, memory format, compilation and threads.

    A field that is ``auto`` or none is open; ``resolve`` closes it, and what was chosen is written into the resolved
    experiment.
    """

    device: Annotated[str, OneOf("auto", "cpu", "cuda", "mps"), "Where to compute."] = "auto"
    precision: Annotated[str, OneOf("auto", "fp32", "bf16"), "Number format of the forward and backward pass."] = "auto"
    channels_last: Annotated[bool | None, "Keep images as rows of pixels in memory; none means by rule."] = None
    compile: Annotated[bool | None, "Compile the network with torch.compile; none means by rule."] = None
    threads: Annotated[int | None, Between(1, 1024), "Threads of the arithmetic; none means as torch chooses."] = None

    def resolve(self, rules: dict[str, Any]) -> "Engine":
        """Close every open field but threads, from rules measured for this kind of network and processor."""
        return Engine(
            device=resolve_device(self.device),
            precision=rules["precision"] if self.precision == "auto" else self.precision,
            channels_last=rules["channels_last"] if self.channels_last is None else self.channels_last,
            compile=rules["compile"] if self.compile is None else self.compile,
            threads=self.threads,
        )

    def with_threads(self, macs: int, layers: int) -> "Engine":
        """Close the number of threads, from the multiply-adds of one step and the layers they are spread over."""
        return self if self.threads is not None else replace(self, threads=threads_for(macs, layers))

    def place(self, network: nn.Module) -> nn.Module:
        """Move a network to the device and into its memory format."""
        network = network.to(self.device)
        return network.to(memory_format=torch.channels_last) if self.channels_last else network

    def compiled(self, network: nn.Module) -> None:
        """Compile the network in place where asked; its parameters keep their names."""
        if self.compile:
            network.compile()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Compute like this inside: threads, deterministic algorithms, precision; all as before afterwards."""
        threads = torch.get_num_threads()
        deterministic = torch.are_deterministic_algorithms_enabled()
        warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
        filling = memory.fill_uninitialized_memory  # type: ignore[attr-defined]
        autocast = torch.autocast(self.device, dtype=torch.bfloat16) if self.precision == "bf16" else nullcontext()
        try:
            torch.set_num_threads(self.threads or threads)
            torch.use_deterministic_algorithms(self.device == "cpu")
            memory.fill_uninitialized_memory = False  # type: ignore[attr-defined]
            with autocast:
                yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
            memory.fill_uninitialized_memory = filling  # type: ignore[attr-defined]


def resolve_device(name: str) -> str:
    """The device meant by ``auto``, or the named one if it is there.

    Raises:
        UsageProblem: ``device-missing``.
    """
    check(Engine, {"device": name}, name="engine")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, found in there.items() if found)
    if not there[name]:
        raise UsageProblem(
            "device-missing",
            f"there is no {name} device here",
            where=f"--device {name}",
            help=f"leave it out, or use --device {next(device for device, found in there.items() if found)}",
        )
    return name
