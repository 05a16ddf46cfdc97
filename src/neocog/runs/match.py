"""Match: the width of each network at which all have the same number of parameters or multiply-adds."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import torch
from torch import nn

from neocog.core.catalogue import Spec, find
from neocog.core.errors import Problem, UsageProblem
from neocog.core.options import check, defaults_of, parse
from neocog.core.progress import AbstractProgress
from neocog.measures.cost import macs, parameters
from neocog.networks import NETWORKS
from neocog.networks.network import refuse_other_shapes
from neocog.runs.setup import Question, applicable
from neocog.tasks import TASKS

QUANTITIES = {"parameters": "parameters", "macs": "multiply-adds"}
_HALVINGS = 48
_WIDEST = 2.0**16
_MATCH = re.compile(r"(\w+)(?:=(\d+(?:\.\d+)?(?:[eE]\+?\d+)?))?")


@dataclass(frozen=True)
class Match:
    """What is to be equal, ``parameters`` or ``macs``, and how many; None: the middle of the networks' own."""

    quantity: str
    target: int | None = None

    @staticmethod
    def parse(text: str | None) -> "Match | None":
        """Read ``parameters``, ``macs`` or ``parameters=100000``; None for None.

        Raises:
            UsageProblem: ``match-malformed``.
        """
        if text is None:
            return None
        read = _MATCH.fullmatch(text.strip().replace(",", "").replace("_", ""))
        target = int(float(read[2])) if read and read[2] else None
        if read is None or read[1] not in QUANTITIES or target == 0:
            raise UsageProblem(
                "match-malformed",
                f"`{text}` cannot be made equal",
                where=f"--match {text}",
                help="write parameters or macs, for the middle of the networks' own, or a number: parameters=100000",
            )
        return Match(read[1], target)

    def __str__(self) -> str:
        return self.quantity if self.target is None else f"{self.quantity}={self.target}"


def match_of(kept: Mapping[str, Any]) -> Match | None:
    """The match that the folder of a comparison keeps, with its number."""
    return Match(kept["quantity"], kept["target"]) if kept else None


@dataclass(frozen=True)
class Sized:
    """A network with the width that was found: how many it has, how many it should have; ``why`` it is not scaled."""

    spec: Spec
    quantity: str
    reached: int
    target: int
    why: str = ""

    @property
    def off(self) -> float:
        """How far it is from the target, as a share of it."""
        return abs(self.reached - self.target) / self.target

    @property
    def sentence(self) -> str:
        """Such as ``mlp[widths=87]: 99,812 parameters, 0.2 % off.``"""
        has = f"{self.spec}: {self.reached:,} {QUANTITIES[self.quantity]}"
        if self.why:
            return f"{has}, {self.reached / self.target:.3g} times the common size; {self.why}."
        return f"{has}, {100 * self.off:.2g} % off."


def matched(
    match: Match,
    specs: Sequence[Spec],
    question: Question,
    *,
    settings: Mapping[str, Any],
    allow_modules: Collection[str] = (),
) -> tuple[list[Spec], list[Sized], Match]:
    """Networks whose width is scaled so that all have the same size; those that cannot take the data stay as they are.

    Counts are exact, of networks built for these data without memory for their weights. Every option that is the
    network's width (``AbstractNetwork.scaled``) is multiplied by one factor, whole numbers to the nearest, the rest to
    four figures; of the factors whose counts lie around the target, the nearer counts. A network whose width was set by
    hand, or that starts from weights, is left alone, and so is one that has no width.

    Args:
        match: what is to be equal. Without a number it is the middle one of the counts of the networks that have a
            width (of two, the smaller), so that one network stays as it is.
        specs: the networks.
        question: the task and the data.
        settings: dotted options of all networks; ``network.*`` are set by hand.
        allow_modules: modules outside neocog whose classes may be named.

    Returns:
        The specs; what was reached, for each that could be counted; the match with its number.

    Raises:
        UsageProblem: ``match-without-width``, where there is none to scale.
    """
    found = [_Scalable(spec, match.quantity, question, settings, allow_modules) for spec in specs]
    able = [each for each in found if each.own is not None]
    free = [each for each in able if not each.why]
    if not free:
        raise UsageProblem(
            "match-without-width",
            "none of these networks has a width that can be scaled",
            where=[f"{each.spec}: {each.why or 'it cannot take these data'}" for each in found],
            help="leave --match out, or name others, such as mlp,simple-cnn,lenet5,resnet without options of width",
        )
    target = match.target or median_low([each.own for each in able if each.options and each.own is not None])
    sized = {str(each.spec): each.nearest(target) for each in able}
    said = [sized[str(spec)] for spec in specs if str(spec) in sized]
    chosen = [sized[str(spec)].spec if str(spec) in sized else spec for spec in specs]
    return chosen, said, Match(match.quantity, target)


def same_size(
    match: Match | None,
    specs: Sequence[Spec],
    question: Question,
    settings: Mapping[str, Any],
    allow_modules: Collection[str],
    progress: AbstractProgress,
) -> tuple[list[Spec], dict[str, Any]]:
    """The networks of a comparison at a common size, and what its folder keeps of that; as they are without a match."""
    if match is None:
        return list(specs), {}
    chosen, sizes, whole = matched(match, specs, question, settings=settings, allow_modules=allow_modules)
    lines = [each.sentence for each in sizes]
    for line in (f"Common size: {whole.target:,} {QUANTITIES[whole.quantity]}.", *lines):
        progress.say(line)
    return chosen, {"quantity": whole.quantity, "target": whole.target, "lines": lines}


def sketch(spec: Spec, question: Question, options: Mapping[str, Any], allow_modules: Collection[str]) -> nn.Module:
    """A network as it would be built for these data, without memory for its weights."""
    kind = find(spec.name, NETWORKS, "network", allow_modules)
    asked = find(question.task.name, TASKS, "task", allow_modules)
    task = asked.for_data(question.data, asked.usual_descent, **question.task.options)
    takes, gives = question.data.takes, task.gives(question.data)
    refuse_other_shapes(kind, spec.name, takes, gives)
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return task.assemble(kind(takes, gives, **options))


class _Scalable:
    """One network of a match: its own count (None if it cannot be built), and why it must not be scaled, if so."""

    def __init__(
        self, spec: Spec, quantity: str, question: Question, settings: Mapping[str, Any], modules: Collection[str]
    ) -> None:
        self.spec, self.quantity, self.question, self.modules = spec, quantity, question, modules
        self.kind = find(spec.name, NETWORKS, "network", modules)
        plain = {name: value for name, value in spec.options.items() if "." not in name}
        of_all = applicable({k: v for k, v in settings.items() if k.startswith("network.")}, spec.name, modules)
        by_hand = {**plain, **{key[8:]: value for key, value in of_all.items()}}
        self.values = {**defaults_of(self.kind), **parse(self.kind, by_hand, name=spec.name)}
        self.options = [name for name in getattr(self.kind, "scaled", ()) if name in self.values]
        self.counts: dict[str, int | None] = {}
        self.why = ""
        if not self.options:
            self.why = "it has no width to scale"
        elif spec.start:
            self.why = "its weights are given, and with them its width"
        elif set(by_hand) & set(self.options):
            self.why = "its width was set by hand"
        self.own = self.count(1.0)

    def nearest(self, target: int) -> Sized:
        """The network with the factor whose count is nearest to the target."""
        assert self.own is not None
        if self.why:
            return Sized(self.spec, self.quantity, self.own, target, self.why)
        tried = {1.0: self.own, **_around(self.count, self.own, target)}
        if len(set(tried.values())) == 1 and self.own != target:
            return Sized(self.spec, self.quantity, self.own, target, "with these options it has one width only")
        factor = min(tried, key=lambda each: (abs(tried[each] - target), abs(math.log(each))))
        changed = {k: v for k, v in self.wider(factor).items() if v != self.values[k]}
        spec = Spec(self.spec.name, {**self.spec.options, **changed})
        return Sized(spec, self.quantity, tried[factor], target)

    def wider(self, factor: float) -> dict[str, Any]:
        """The options that are its width, times a factor."""
        return {name: _times(self.values[name], factor) for name in self.options}

    def count(self, factor: float) -> int | None:
        """How many it has then; None if it cannot be built."""
        wider = {} if self.why else self.wider(factor)
        key = repr(wider)
        if key not in self.counts:
            try:
                values = check(self.kind, {**self.values, **wider}, name=self.spec.name)
                network = sketch(self.spec, self.question, values, self.modules)
                takes = self.question.data.takes
                self.counts[key] = parameters(network) if self.quantity == "parameters" else macs(network, takes)
            except Problem:
                self.counts[key] = None
            except Exception:  # a class of the user's own; make_arm tells what is wrong with it
                self.counts[key] = None
        return self.counts[key]


def _around(count: Callable[[float], int | None], own: int, target: int) -> dict[float, int]:
    """The factors on both sides of the target, by doubling and then halving the gap between them in ratio."""
    step = 2.0 if own < target else 0.5
    found, near, far = {1.0: own}, 1.0, step
    while 1 / _WIDEST <= far <= _WIDEST:
        reached = count(far)
        if reached is None:
            break
        found[far] = reached
        if (reached - target) * (own - target) <= 0:
            break
        near, far = far, far * step
    for _ in range(_HALVINGS):
        middle = math.sqrt(near * far)
        reached = count(middle)
        if reached is not None:
            found[middle] = reached
        if reached is not None and (reached - target) * (own - target) > 0:
            near = middle
        else:
            far = middle
    return found


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, tuple):
        return tuple(_times(each, factor) for each in value)
    return max(1, round(value * factor)) if isinstance(value, int) else float(f"{value * factor:.4g}")
