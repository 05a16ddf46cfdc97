"""``neocog options``."""

from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output
from neocog.cli.shared import OutputFlags
from neocog.core.options import Option, kind_name, options_of, show


def options(
    name: Annotated[
        str | None, Parameter(help="A network, a task, or descent, augment, plan, engine, start or data.")
    ] = None,
    /,
    *,
    output: OutputFlags = OutputFlags(),
) -> None:
    """The options of a network, a task or a part of training, for --set; without NAME, those of training."""
    out = Output(output)
    document: dict[str, Any] = {}
    for title, prefix, target in _asked(name) if name else _training():
        document[title] = [_as_json(option) for option in options_of(target).values()]
        setting = f"{prefix}.OPTION" if prefix else "OPTION"
        columns = ("option", "type", "default", "allowed", "what it is")
        out.table(f"{title}: --set {setting}=VALUE", columns, _rows(target))
    out.document(document)
    if not name:
        out.say("The options of a network, of a task, of its data and its answers: neocog options NAME")


Shown = tuple[str, str, Callable[..., Any]]


def _training() -> list[Shown]:
    from neocog.data.open import DataChoice
    from neocog.runs.experiment import OPTION_SECTIONS

    return [*((name, name, target) for name, target in OPTION_SECTIONS.items()), ("data", "data", DataChoice)]


def _asked(name: str) -> list[Shown]:
    """The tables of one name: of a task also those of its data, and of its answers if they have options."""
    from neocog.core.catalogue import ANY_MODULE, find
    from neocog.networks import NETWORKS
    from neocog.tasks import TASKS
    from neocog.tasks.task import AbstractTask

    parts: dict[str, list[Shown]] = {title: [(title, prefix, target)] for title, prefix, target in _training()}
    parts |= {task: _of_task(task, kind) for task, kind in TASKS.items()}
    parts |= {network: [(network, "network", target)] for network, target in NETWORKS.items()}
    if name in parts:
        return parts[name]
    known: dict[str, Any] = dict.fromkeys(parts)
    kind = find(name, known, "component", ANY_MODULE)
    return _of_task(name, kind) if issubclass(kind, AbstractTask) else [(name, "network", kind)]


def _of_task(name: str, kind: Any) -> list[Shown]:
    answers: list[Shown] = [(f"{name}, prediction", "", kind.answer)] if options_of(kind.answer) else []
    return [(name, "task", kind), (f"{name}, data", "data", kind.family.choice), *answers]


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
