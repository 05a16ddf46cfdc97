"""``neocog check``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.data import as_json, opened
from neocog.cli.output import Output, count, size
from neocog.cli.settings import settings_from
from neocog.cli.shared import NETWORKS_BY_DEFAULT, DataFlags, OutputFlags

if TYPE_CHECKING:
    from neocog.core.catalogue import Spec
    from neocog.data.augment import Augmentation
    from neocog.data.images import ImageData

MOST_CLASSES = 30
MOST_SKIPPED = 10


def check(
    data: Annotated[str, Parameter(help="What to look at.")] = "digits",
    /,
    *,
    networks: Annotated[str, Parameter(help="Which networks to look at the data with.")] = NETWORKS_BY_DEFAULT,
    augment: Annotated[bool, Parameter(help="Also draw what augmentation does.")] = False,
    into: Annotated[str | None, Parameter(help="Name of the picture; check-DATA.png by default.")] = None,
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Look at DATA before training: what was found, what is odd, and what each network will see."""
    from neocog.core.catalogue import parse_list
    from neocog.data.augment import default_for

    out = Output(output)
    settings = settings_from(reading.set)
    specs = parse_list(networks)
    _, images = opened(data, reading, out)
    found = as_json(images)
    seen, enlarged = _networks(images, specs)
    pictures = _draw(images, enlarged, into)
    if augment:
        augmentation = _augmentation(default_for(images.takes), settings)
        pictures["augmentation"] = _draw_augmentation(images, augmentation, into)
        found["augmentation"] = augmentation.describe()
    out.document({"data": found, "networks": seen, "pictures": pictures})
    _say_data(out, found)
    _say_networks(out, seen)
    if augment:
        out.say(f"Augmentation: {found['augmentation']}. To see another: --set augment.rotation=15")
    for what, path in pictures.items():
        out.say(f"Picture of {what}: {path}")
    if all(not each["fits"] for each in seen):
        _refuse(seen)


def _networks(data: "ImageData", specs: "Sequence[Spec]") -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What each network makes of the images, and the enlarging of those that enlarge."""
    from neocog.core.catalogue import ANY_MODULE, find
    from neocog.core.errors import Problem
    from neocog.core.options import parse
    from neocog.core.shapes import Vector
    from neocog.networks import NETWORKS
    from neocog.nn.at_least import EnlargeTo

    seen: list[dict[str, Any]] = []
    enlarged: dict[str, Any] = {}
    for spec in specs:
        kind = find(spec.name, NETWORKS, "network", ANY_MODULE)
        options = parse(kind, spec.options, name=spec.name)
        try:
            network = kind(data.takes, Vector(len(data.classes)), **options)
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


def _draw(data: "ImageData", enlarged: dict[str, Any], into: str | None) -> dict[str, Path]:
    from neocog.cli.pictures import what_networks_see

    path = Path(into or f"check-{_short(data.name)}.png")
    what_networks_see(data, enlarged, path)
    return {"what the networks see": path}


def _draw_augmentation(data: "ImageData", augmentation: "Augmentation", into: str | None) -> Path:
    from neocog.cli.pictures import what_augmentation_does

    seen = Path(into or f"check-{_short(data.name)}.png")
    path = seen.with_name(f"{seen.stem}-augmented.png")
    what_augmentation_does(data, augmentation, path)
    return path


def _short(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(name).stem)
    return kept.strip("-") or "data"


def _augmentation(default: "Augmentation", settings: dict[str, str]) -> "Augmentation":
    from dataclasses import replace

    from neocog.core.options import parse

    own = {name.removeprefix("augment."): value for name, value in settings.items() if name.startswith("augment.")}
    return replace(default, **parse(type(default), own, name="augment"))


def _say_data(out: Output, found: dict[str, Any]) -> None:
    image = found["image"]
    out.say(
        f"{found['name']}: {len(found['classes'])} classes, {image['height']}x{image['width']} pixels, "
        f"{image['channels']} channel{'s' if image['channels'] > 1 else ''} of {found['bits']} bits, "
        f"{size(found['bytes'])} decoded"
    )
    for note in found["notes"]:
        out.say(note)
    parts = tuple(found["counts"])
    rows = [(name, *(f"{found['counts'][part][name]:,}" for part in parts)) for name in found["classes"]]
    if len(rows) > MOST_CLASSES:
        rest = found["classes"][MOST_CLASSES:]
        more = (f"{sum(found['counts'][part][name] for name in rest):,}" for part in parts)
        rows = [*rows[:MOST_CLASSES], (f"... {len(rest)} more", *more)]
    rows.append(("all", *(f"{sum(found['counts'][part].values()):,}" for part in parts)))
    out.table("", ("class", *(f"{part}>" for part in parts)), rows)
    if found["skipped"]:
        out.say(f"{len(found['skipped']):,} files were skipped:")
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
        "none of the networks can take these images",
        where=[f"{each['network']}: {each['reason']}" for each in seen],
        help="enlarge the images with --size 32, or name other networks with --networks",
    )
