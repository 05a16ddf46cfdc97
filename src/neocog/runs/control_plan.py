"""ControlPlan: which networks the controls of a comparison need, known before anything is trained."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from typing import Any

from torch import nn

from neocog.core.catalogue import Spec
from neocog.core.errors import UsageProblem
from neocog.networks import NETWORKS
from neocog.runs.arms import Arm
from neocog.runs.budget import Budget
from neocog.runs.match import Match, matched, sketch
from neocog.runs.setup import Question

MAIN, MATCHED, PERMUTED, SHUFFLED = "main", "matched", "permuted", "shuffled"
DENSE, LOCAL = "mlp", "locally-connected"
NEAR = 0.05  # of its parameters: a network that is there already is of equal size


@dataclass(frozen=True)
class ControlPlan:
    """What the controls are about.

    Args:
        networks: that the main comparison trains.
        cnns: labels of its convolutional networks with maps.
        equal: for each of them the label of the MLP that has as many parameters.
        specs: those of these MLPs that the main comparison does not hold.
    """

    networks: int
    cnns: tuple[str, ...]
    equal: Mapping[str, str]
    specs: tuple[Spec, ...]

    @property
    def parts(self) -> dict[str, int]:
        """Networks that are trained in each comparison, each for the same time and with the same seeds.

        ``matched`` holds the MLPs and a locally connected network, ``permuted`` the CNNs and one MLP.
        """
        return {MAIN: self.networks, MATCHED: len(self.specs) + 1, PERMUTED: len(self.cnns) + 1, SHUFFLED: 1}

    def main_budget(self, budget: Budget, elapsed: float) -> Budget:
        """What the main comparison has of a budget in time, of which so many seconds are over."""
        share = self.networks / sum(self.parts.values())
        return Budget(budget.kind, elapsed + max(0.0, budget.for_training - elapsed) * share)

    @property
    def sentence(self) -> str:
        """How the budget is divided."""
        said = ", ".join(f"{name} {count}" for name, count in self.parts.items())
        return f"With the controls {sum(self.parts.values())} networks are trained, each with the same budget: {said}."


@contextmanager
def told_of_all(plan: ControlPlan | None, budget: Budget) -> Iterator[None]:
    """A budget that is too small for the main comparison's part is told as what it is."""
    try:
        yield
    except UsageProblem as problem:
        if plan is None or problem.code != "budget-too-small":
            raise
        where = f"--budget {budget}, of which the comparison has {plan.networks} of {sum(plan.parts.values())} parts"
        times = sum(plan.parts.values()) / plan.networks
        help = (
            f"{problem.help}; with --controls that is for the comparison's part alone: give {times:.1f} times as much"
        )
        what = f"{budget} is too little for the comparison and its controls on these data"
        raise UsageProblem("budget-too-small", what, where=where, note=problem.note, help=help) from problem


def plan_controls(
    arms: Sequence[Arm],
    question: Question,
    settings: Mapping[str, Any],
    allow_modules: Collection[str],
    *,
    seeds: int,
) -> ControlPlan:
    """What must be trained besides the networks of a comparison.

    Raises:
        UsageProblem: ``controls-data``, ``controls-single-run`` or ``controls-without-cnn``.
    """
    refuse_other_data(question)
    if seeds < 2:
        raise UsageProblem(
            "controls-single-run",
            "controls with a single seed would tell one trained network from another, not CNNs from MLPs",
            where=f"--seeds {seeds}",
            help="give --seeds 2 or more; 5 is better",
        )
    able = [arm for arm in arms if arm.experiment is not None]
    cnns = [arm for arm in able if is_cnn(arm, question, allow_modules)]
    if not cnns:
        raise UsageProblem(
            "controls-without-cnn",
            "the controls ask what a convolutional network is worth, and none is compared",
            where=[arm.facts.label for arm in arms],
            help="name one too, such as --networks mlp,simple-cnn,lenet5",
        )
    sizes = {arm.facts.label: arm.facts.parameters for arm in able if arm.facts.network == DENSE}
    equal: dict[str, str] = {}
    specs: list[Spec] = []
    for arm in cnns:
        wanted = arm.facts.parameters
        near = min(sizes, key=lambda label: abs(sizes[label] - wanted), default="")
        if not near or abs(sizes[near] - wanted) > NEAR * wanted:
            spec, sizes[str(spec)] = of_size(Spec(DENSE), wanted, question, settings, allow_modules)
            near = str(spec)
            specs.append(spec)
        equal[arm.facts.label] = near
    return ControlPlan(len(able), tuple(arm.facts.label for arm in cnns), equal, tuple(specs))


def of_size(
    spec: Spec, parameters: int, question: Question, settings: Mapping[str, Any], allow_modules: Collection[str]
) -> tuple[Spec, int]:
    """A network with about so many parameters, and how many it has."""
    own = without_widths(settings)
    _, (found,), _ = matched(
        Match("parameters", parameters), [spec], question, settings=own, allow_modules=allow_modules
    )
    return found.spec, found.reached


def without_widths(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that leave the size of a network to the controls."""
    widths = {f"network.{name}" for kind in (DENSE, LOCAL) for name in NETWORKS[kind].scaled}
    return {key: value for key, value in settings.items() if key not in widths}


def is_cnn(arm: Arm, question: Question, allow_modules: Collection[str]) -> bool:
    """Whether it has maps, made by convolutions."""
    assert arm.experiment is not None
    spec = arm.experiment.network
    try:
        network = sketch(spec, question, spec.options, allow_modules)
    except Exception:  # a class of the user's own that cannot be built without its weights
        return False
    return bool(getattr(network, "strides", ())) and any(isinstance(each, nn.Conv2d) for each in network.modules())


def refuse_other_data(question: Question) -> None:
    """The controls are of images with classes, as they are."""
    choice = question.choice
    known = is_dataclass(choice) and hasattr(choice, "permuted") and hasattr(choice, "shuffled")
    if not known or len(question.data.classes) < 2:
        raise UsageProblem(
            "controls-data",
            "controls are of images with classes",
            where=f"data: {question.data.name}",
            help="leave --controls out",
        )
    if choice.permuted is not None or choice.shuffled is not None:
        raise UsageProblem(
            "controls-data",
            "these data are a control already",
            where=[f"data.permuted={choice.permuted}", f"data.shuffled={choice.shuffled}"],
            help="leave --controls out, or these options",
        )
