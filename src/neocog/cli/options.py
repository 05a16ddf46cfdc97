"""``neocog options``."""

from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output
from neocog.cli.shared import OutputFlags
from neocog.core.options import Option, kind_name, options_of, show


def options(
    name: Annotated[str | None, Parameter(help="A network, a task, or descent, augment, plan, engine or data.")] = None,
    /,
    *,
    output: OutputFlags = OutputFlags(),
) -> None:
    """The options of a network, a task or a part of training, for --set; without NAME, those of training."""
    out = Output(output)
    targets = _targets()
    shown = {name: (name, _found(name, targets))} if name else {key: (key, targets[key][1]) for key in _parts()}
    document: dict[str, Any] = {}
    for key, (title, target) in shown.items():
        prefix = targets[key][0] if key in targets else "network"
        document[title] = [_as_json(option) for option in options_of(target).values()]
        out.table(
            f"{title}: --set {prefix}.OPTION=VALUE",
            ("option", "type", "default", "allowed", "what it is"),
            _rows(target),
        )
    out.document(document)
    if not name:
        out.say("The options of a network or a task: neocog options NAME")


def _parts() -> tuple[str, ...]:
    from neocog.runs.experiment import OPTION_SECTIONS

    return (*OPTION_SECTIONS, "data")


def _targets() -> dict[str, tuple[str, Callable[..., Any]]]:
    from neocog.data.open import DataChoice
    from neocog.networks import NETWORKS
    from neocog.runs.experiment import OPTION_SECTIONS
    from neocog.tasks import TASKS

    parts = {name: (name, target) for name, target in (*OPTION_SECTIONS.items(), ("data", DataChoice))}
    tasks = {name: ("task", target) for name, target in TASKS.items()}
    return {**{name: ("network", target) for name, target in NETWORKS.items()}, **tasks, **parts}


def _found(name: str, targets: dict[str, tuple[str, Callable[..., Any]]]) -> Callable[..., Any]:
    from neocog.core.catalogue import ANY_MODULE, find

    return find(name, {key: target for key, (_, target) in targets.items()}, "component", ANY_MODULE)


def _rows(target: Callable[..., Any]) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            option.name,
            kind_name(option.kind),
            "(needed)" if option.required else show(option.default),
            str(option.rule or ""),
            option.help,
        )
        for option in options_of(target).values()
    ]


def _as_json(option: Option) -> dict[str, Any]:
    return {
        "option": option.name,
        "type": kind_name(option.kind),
        "default": None if option.required else option.default,
        "required": option.required,
        "allowed": str(option.rule or ""),
        "help": option.help,
    }
