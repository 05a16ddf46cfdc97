"""``neocog check``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.data import as_json, asked, opened
from neocog.cli.leakage import draw_pairs, looked_for, say_leakage
from neocog.cli.output import Output, count
from neocog.cli.settings import settings_from
from neocog.cli.shared import NETWORKS_BY_DEFAULT, DataFlags, OutputFlags, TaskFlag

if TYPE_CHECKING:
    from neocog.core.catalogue import Spec
    from neocog.data.augment import Augmentation
    from neocog.data.family import AbstractData
    from neocog.data.images import ImageData
    from neocog.tasks.task import AbstractTask

MOST_CLASSES = 30
MOST_SKIPPED = 10


def check(
    data: Annotated[str, Parameter(help="What to look at.")] = "digits",
    /,
    *,
    task: TaskFlag = None,
    networks: Annotated[
        str | None, Parameter(help=f"Which networks to look at the data with; {NETWORKS_BY_DEFAULT} by default.")
    ] = None,
    augment: Annotated[bool, Parameter(help="Also draw what augmentation does.")] = False,
    into: Annotated[str | None, Parameter(help="Name of the pictures; check-DATA by default.")] = None,
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Look at DATA before training: what was found, what is odd, and what each network will see."""
    from neocog.data.images import ImageData
    from neocog.figures.standalone import save
    from neocog.runs.arms import specs_of
    from neocog.runs.setup import resolve_augment

    out = Output(output)
    settings = settings_from(reading.set)
    spec, kind = asked(data, task)
    choice, looked_at = opened(data, kind, reading, out)
    found, leakage = as_json(looked_at), None
    made = kind.for_data(looked_at, kind.usual_descent, **spec.options)
    seen, enlarged = _networks(looked_at, made, specs_of(kind.networks if networks is None else networks))
    name = Path(into) if into else Path(f"check-{_short(looked_at.name)}.png")
    pictures = {each.title: save(each, name.with_name(f"{name.stem}-{each.key}.svg")) for each in looked_at.figures()}
    if isinstance(looked_at, ImageData):
        leakage = looked_for(out, looked_at, choice, keep=not reading.no_cache)
        pictures |= _draw(looked_at, enlarged, name)
        pictures |= draw_pairs(looked_at, leakage, name.with_name(f"{name.stem}-copies.png"))
    if augment:
        augmentation = _augmentation(resolve_augment("default", kind, looked_at), settings)
        pictures |= _draw_augmentation(looked_at, augmentation, name)
        found["augmentation"] = augmentation.describe()
    copies = {} if leakage is None else {"leakage": leakage.as_json()}
    out.document({"data": found, "networks": seen, "pictures": pictures, **copies})
    _say_data(out, looked_at.line(), found)
    if leakage is not None:
        say_leakage(out, leakage, choice)
    _say_networks(out, seen)
    if augment:
        out.say(f"Augmentation: {found['augmentation']}. To see another: --set augment.rotation=15")
    for what, path in pictures.items():
        out.say(f"Picture of {what}: {path}")
    if all(not each["fits"] for each in seen):
        _refuse(seen)


def _networks(
    data: "AbstractData", task: "AbstractTask[Any, Any]", specs: "Sequence[Spec]"
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What each network makes of the data, and the enlarging of those that enlarge."""
    from neocog.core.catalogue import ANY_MODULE, find
    from neocog.core.errors import Problem
    from neocog.core.options import parse
    from neocog.networks import NETWORKS
    from neocog.nn.at_least import EnlargeTo

    seen: list[dict[str, Any]] = []
    enlarged: dict[str, Any] = {}
    for spec in specs:
        kind = find(spec.name, NETWORKS, "network", ANY_MODULE)
        options = parse(kind, spec.options, name=spec.name)
        try:
            network = task.assemble(kind(data.takes, task.gives(data), **options))
        except Problem as problem:
            seen.append({"network": str(spec), "fits": False, "reason": problem.what, "sees": None, "parameters": None})
            continue
        enlarge = next((module for module in network.modules() if isinstance(module, EnlargeTo)), None)
        sees = enlarge.gives if enlarge else data.takes
        if enlarge and enlarge.gives != data.takes:
            enlarged[str(spec)] = enlarge
        parameters = sum(parameter.numel() for parameter in network.parameters())
        seen.append({"network": str(spec), "fits": True, "reason": "", "sees": str(sees), "parameters": parameters})
    return seen, enlarged


def _draw(data: "ImageData", enlarged: dict[str, Any], path: Path) -> dict[str, Path]:
    from neocog.cli.pictures import what_networks_see

    what_networks_see(data, enlarged, path)
    return {"what the networks see": path}


def _draw_augmentation(data: "AbstractData", augmentation: "Augmentation", seen: Path) -> dict[str, Path]:
    from neocog.cli.pictures import what_augmentation_does
    from neocog.data.images import ImageData

    if not isinstance(data, ImageData):
        return {}
    path = seen.with_name(f"{seen.stem}-augmented.png")
    what_augmentation_does(data, augmentation, path)
    return {"augmentation": path}


def _short(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(name).stem)
    return kept.strip("-") or "data"


def _augmentation(default: "Augmentation", settings: dict[str, str]) -> "Augmentation":
    from dataclasses import replace

    from neocog.core.options import parse

    own = {name.removeprefix("augment."): value for name, value in settings.items() if name.startswith("augment.")}
    return replace(default, **parse(type(default), own, name="augment"))


def _say_data(out: Output, line: str, found: dict[str, Any]) -> None:
    out.say(f"{found['name']}: {line}")
    for note in found["notes"]:
        out.say(note)
    parts = tuple(found["counts"])
    names = list(found["counts"]["train"])
    rows = [(name, *(f"{found['counts'][part].get(name, 0):,}" for part in parts)) for name in names]
    if len(rows) > MOST_CLASSES:
        rest = names[MOST_CLASSES:]
        more = (f"{sum(found['counts'][part][name] for name in rest):,}" for part in parts)
        rows = [*rows[:MOST_CLASSES], (f"... {len(rest)} more", *more)]
    if len(names) > 1:
        rows.append(("all", *(f"{sum(found['counts'][part].values()):,}" for part in parts)))
    out.table("", ("class" if found["classes"] else "", *(f"{part}>" for part in parts)), rows)
    if found["skipped"]:
        number = len(found["skipped"])
        out.say(f"{number:,} file{' was' if number == 1 else 's were'} skipped:")
        for name, reason in list(found["skipped"].items())[:MOST_SKIPPED]:
            out.say(f"  {name}: {reason}")
    for warning in found["warnings"]:
        out.say(f"warning: {warning}")


def _say_networks(out: Output, seen: list[dict[str, Any]]) -> None:
    rows = [
        (each["network"], each["sees"] or "-", count(each["parameters"]) if each["fits"] else "-", each["reason"])
        for each in seen
    ]
    out.table("What each network will see", ("network", "input", "parameters>", ""), rows)


def _refuse(seen: list[dict[str, Any]]) -> None:
    from neocog.core.errors import UsageProblem

    raise UsageProblem(
        "networks-none-left",
        "none of the networks can take these data",
        where=[f"{each['network']}: {each['reason']}" for each in seen],
        help="enlarge the images with --size 32, or name other networks with --networks",
    )
