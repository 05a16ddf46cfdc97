"""Training FLOPs: what the steps of a run cost, counted while a few of them are made.

Counted are the multiplications with their additions (two FLOPs each) of every convolution and matrix product that a
step really makes: forward, and backward for weights and for inputs as far as their gradients are needed. That is less
than three times the forward pass where the first layer's input needs no gradient, or where blocks are frozen, so it is
measured and not computed. Sums of gradients, activations, norms and the optimizer's arithmetic are not counted, nor are
looks at the validation part and the augmentation of batches.

Source: the counting is that of ``torch.utils.flop_counter``, operation by operation; we add which operations it is
blind to, and refuse to count with those.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, pairwise
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from neocog.core.errors import UsageProblem
from neocog.core.seeds import stream
from neocog.data.augment import Augmentation
from neocog.data.family import AbstractData
from neocog.fit.blocks import frozen_blocks
from neocog.runs.build import Parts, build
from neocog.runs.experiment import Experiment

_REPEATS = 2  # steps, which must cost the same
_BLIND = ("mkldnn_rnn_layer", "_cudnn_rnn", "_cdist_forward", "_euclidean_dist", "mkldnn_linear")
"""Operations of torch that multiply much and that its counter does not see."""


@dataclass(frozen=True)
class StepFlops:
    """FLOPs of a plan: ``once`` before its first step, then of each step.

    ``stretches`` are (share of the plan, FLOPs of each step from there on); there are several where frozen blocks begin
    to move.
    """

    once: int
    stretches: tuple[tuple[float, int], ...]

    def of(self, steps: int) -> int:
        """Of a plan of so many steps."""
        begins = [*(_first_step(share, steps) for share, _ in self.stretches), steps]
        lengths = (end - begin for begin, end in pairwise(begins))
        return self.once + sum(length * cost for length, (_, cost) in zip(lengths, self.stretches, strict=True))

    def steps_within(self, flops: float) -> int:
        """The longest plan that costs at most so many; 0 if even one step costs more."""
        low, high = 0, max(1, int(flops // max(1, min(cost for _, cost in self.stretches)))) + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.of(middle) <= flops else (low, middle)
        return low


def _first_step(share: float, steps: int) -> int:
    """The first step by which that share of the plan is done, by the same division as in the loop."""
    step = math.ceil(share * steps)
    while step > 0 and (step - 1) / steps >= share:
        step -= 1
    while step < steps and step / steps < share:
        step += 1
    return step


def count_flops(experiment: Experiment, data: AbstractData, *, allow_modules: Collection[str] = ()) -> StepFlops:
    """Make a few steps of an experiment and count them; the weights are thrown away.

    Raises:
        UsageProblem: ``flops-uncounted``, where the steps cannot be counted or are unequal.
    """
    engine = replace(experiment.engine, compile=False)
    cuda = [torch.device("cuda")] if engine.device == "cuda" else []
    with engine.active(), torch.random.fork_rng(devices=cuda):
        parts = build(replace(experiment, engine=engine), data, allow_modules)
        torch.manual_seed(stream(experiment.plan.seed, "trial"))
        return Counter(experiment, parts).flops()


class Counter:
    """Counts the first steps of a run that is built; they are real steps, and move its weights."""

    def __init__(self, experiment: Experiment, parts: Parts) -> None:
        self.batches = chain.from_iterable(parts.source.batches(epoch, 0) for epoch in count())
        self._experiment = experiment
        self._parts = parts
        self._first: Any = None
        self._before_first = 0
        self._blind: set[str] = set()

    def begin(self) -> None:
        """Make the first batch, before which a source may do what it does once."""
        self._first, self._before_first = self._batch()

    def flops(self) -> StepFlops:
        """Make two steps, and one more for each block that begins to move later.

        Raises:
            UsageProblem: ``flops-uncounted``.
        """
        if self._first is None:
            self.begin()
        thaws = _thaws(self._experiment, self._parts.network)
        batch, making, found = self._first, 0, list[int]()
        for progress in (*(0.0 for _ in range(_REPEATS)), *thaws):
            found.append(self._counted(partial(self._parts.learner.step, batch, progress))[1])
            batch, making = self._batch()
        steps, later = found[:_REPEATS], found[_REPEATS:]
        if self._blind or len(set(steps)) > 1 or steps[0] == 0:
            raise _uncounted(self._experiment, self._blind, steps)
        stretches = ((share, making + cost) for share, cost in zip([0.0, *thaws], [steps[0], *later], strict=True))
        return StepFlops(max(0, self._before_first - making), tuple(stretches))

    @property
    def _acts(self) -> bool:
        """Whether what a source multiplies is the network's: where nothing is augmented."""
        return self._experiment.augment == Augmentation()

    def _batch(self) -> tuple[Any, int]:
        if not self._acts:
            return next(self.batches), 0
        return self._counted(lambda: next(self.batches))

    def _counted(self, work: Callable[[], Any]) -> tuple[Any, int]:
        with _Multiplications(self._blind) as counter:
            done = work()
        return done, counter.flops


class _Multiplications(TorchDispatchMode):
    """Adds up what torch's formulas give for each operation, and notes operations for which it has none.

    torch's own ``FlopCounterMode`` follows modules besides, which fails where gradients are asked for by themselves
    (``torch.autograd.grad``), as adversarial learners do.
    """

    def __init__(self, blind: set[str]) -> None:
        super().__init__()
        self.flops = 0
        self._blind = blind

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs, packet = kwargs or {}, getattr(func, "_overloadpacket", None)
        if packet not in flop_registry and func is not torch.ops.prim.device.default:
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        done = func(*args, **kwargs)
        if packet in flop_registry:
            self.flops += int(flop_registry[packet](*args, **kwargs, out_val=done))
        elif str(packet).partition(".")[2] in _BLIND:
            self._blind.add(str(packet).partition(".")[2])
        return done


def _thaws(experiment: Experiment, network: nn.Module) -> list[float]:
    """The shares of the plan at which frozen blocks begin to move."""
    descent = experiment.descent
    if descent.unfreeze is None:
        return []
    frozen = len(frozen_blocks(network, descent.freeze))
    return [descent.unfreeze + later / frozen * (1 - descent.unfreeze) for later in range(frozen)]


def _uncounted(experiment: Experiment, blind: Collection[str], steps: list[int]) -> UsageProblem:
    why = f"a step costs {steps[0]:,} FLOPs, and another one {max(steps, key=lambda s: abs(s - steps[0])):,}"
    if blind:
        why = f"it computes with {', '.join(sorted(blind))}, which torch does not count"
    elif not any(steps):
        why = "a step makes no product that can be counted"
    return UsageProblem(
        "flops-uncounted",
        f"the training FLOPs of {experiment.network.name} cannot be counted here: {why}",
        where=f"network {experiment.network}, task {experiment.task.name}",
        help="give the budget as a time, or as steps=2000 or epochs=5",
    )
