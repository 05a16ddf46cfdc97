"""Arms: the networks of a comparison, resolved and measured before any of them trains."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neocog.core.catalogue import Spec, parse_list
from neocog.core.errors import Problem, UsageProblem
from neocog.core.options import show
from neocog.measures.cost import macs, parameters
from neocog.runs.build import begin_network, build_task
from neocog.runs.comparison_folder import ArmFacts
from neocog.runs.experiment import Experiment
from neocog.runs.setup import Question, applicable, options_of_network, resolve
from neocog.runs.tuning import TunedArm


@dataclass(frozen=True)
class Arm:
    """A network of the comparison with its experiment, resolved but for steps and seed; None if it cannot run.

    ``tuned`` is what was tried for it, if anything was.
    """

    facts: ArmFacts
    experiment: Experiment | None
    tuned: TunedArm | None = None

    def without(self, failure: str) -> "Arm":
        """The same network as one that cannot run, for this reason."""
        return Arm(replace(self.facts, failure=failure), None)

    def seeded(self, seed: int) -> Experiment:
        """The experiment of one seed."""
        assert self.experiment is not None
        return replace(self.experiment, plan=replace(self.experiment.plan, seed=seed))


def specs_of(networks: str | Sequence[str | Spec]) -> list[Spec]:
    """Networks as text (``mlp,resnet[depth=20]``) or a sequence of texts and specs.

    Raises:
        UsageProblem: a name cannot be read, or comes twice.
    """
    if isinstance(networks, str):
        specs = parse_list(networks)
    else:
        specs = [each if isinstance(each, Spec) else Spec.parse(each) for each in networks]
    labels = [str(spec) for spec in specs]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice or not specs:
        raise UsageProblem(
            "networks-twice" if twice else "networks-none",
            f"{', '.join(twice)} comes twice" if twice else "no network is named",
            where="--networks",
            help="name each once, or tell them apart by options, such as resnet[depth=20],resnet[depth=56]",
        )
    return specs


def make_arm(
    question: Question,
    spec: Spec,
    *,
    device: str,
    augment: str,
    settings: Mapping[str, Any],
    allow_modules: Collection[str],
) -> Arm:
    """Resolve one network's experiment and count its cost; a network that cannot take the data gets a reason.

    Raises:
        UsageProblem: the name or an option is wrong.
        DataProblem: the weights that it starts from do not fit.
    """
    own = applicable(settings, spec.name, allow_modules)
    experiment = resolve(question, spec, device=device, augment=augment, settings=own, allow_modules=allow_modules)
    data = question.data
    shown = {key: show(value) for key, value in {**spec.options, **own}.items()}
    facts = ArmFacts(str(spec), spec.name, shown)
    arm = Arm(facts, experiment)
    try:
        task = build_task(experiment, data, allow_modules)
        network, begun = begin_network(experiment, data, task, allow_modules)
        notes = tuple(begun.get("start", {}).get("notes", ()))
        counted = replace(facts, parameters=parameters(network), macs=macs(network, data.takes), notes=notes)
    except Problem as problem:
        if problem.code.startswith(("option-", "name-", "module-", "weights-")):
            raise
        return arm.without(problem.what)
    except Exception as problem:  # a class of the user's own
        return arm.without(f"{type(problem).__name__}: {problem}")
    layers = sum(parameter.ndim > 1 for parameter in network.parameters())
    engine = experiment.engine.with_threads(counted.macs * (experiment.plan.batch_size or 1), max(1, layers))
    return Arm(counted, replace(experiment, engine=engine))


def refuse_idle_settings(settings: Mapping[str, Any], specs: Sequence[Spec], allow_modules: Collection[str]) -> None:
    """A ``network.*`` setting must mean something to one network at least.

    Raises:
        UsageProblem: ``option-unknown``.
    """
    known = {name for spec in specs for name in options_of_network(spec.name, allow_modules)}
    for setting in settings:
        section, _, name = setting.partition(".")
        if section == "network" and name not in known:
            raise UsageProblem(
                "option-unknown",
                f"none of these networks has an option `{name}`",
                where=f"--set {setting}   known: {', '.join(sorted(known))}",
                help="see `neocog options NETWORK` for what each has",
            )
