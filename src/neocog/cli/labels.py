"""``neocog labels``."""

import shlex
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neocog.cli.clock import STARTED
from neocog.cli.data import data_options
from neocog.cli.going_on import says_how_to_go_on
from neocog.cli.output import Output
from neocog.cli.settings import settings_from
from neocog.cli.shared import DataFlags, LearnFlags, OutputFlags

if TYPE_CHECKING:
    from neocog.runs.label_errors import FoundLabels

SHOWN = 20


def labels(
    data: Annotated[str | None, Parameter(help="Whose labels to look at; digits by default.")] = None,
    /,
    *,
    network: Annotated[str | None, Parameter(help="Who looks at them; simple-cnn by default.")] = None,
    folds: Annotated[int, Parameter(help="Parts that are asked about in turn; more train on more.")] = 5,
    budget: Annotated[
        str, Parameter(help="A time for the whole command (90s, 10m), or epochs=5 or steps=2000 for each fold.")
    ] = "90s",
    into: Annotated[str | None, Parameter(help="Folder to write into; one that exists is continued.")] = None,
    learning: LearnFlags = LearnFlags(),
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Find labels of DATA that look wrong, as a page of images to look at; nothing is changed."""
    out = Output(output)
    from neocog.report.labels import write_labels
    from neocog.runs.label_errors import LIST, as_json, find_label_errors

    flags = f" --network {shlex.quote(network)}" if network else ""
    named = shlex.quote(data) if data else "digits"
    with says_how_to_go_on(
        lambda folder: f"labels {named}{flags} --folds {folds} --into {shlex.quote(str(folder.parent))}"
    ):
        found = find_label_errors(
            data,
            network,
            folds=folds,
            budget=budget,
            into=into,
            progress=out.progress(),
            started=STARTED,
            task=learning.task,
            device=learning.device,
            augment=learning.augment,
            settings=settings_from(reading.set),
            download=reading.download,
            keep=not reading.no_cache,
            **data_options(reading),
        )
    report = write_labels(found, found.folder / "report.html")
    out.document({**as_json(found), "list": found.folder / LIST, "report": report})
    show(out, found)
    out.say(f"All of them: {found.folder / LIST}")
    out.say(f"Report: {report}")
    out.say(found.sentence)


def show(out: Output, found: "FoundLabels") -> None:
    """The first suspects."""
    rows = [
        (each.name, each.part, each.given, each.says, f"{100 * each.says_probability:.1f} %")
        for each in found.suspects[:SHOWN]
    ]
    if rows:
        out.table("The most suspicious labels", ("item", "part", "label", "looks like", "so sure>"), rows)
    for note in found.notes:
        out.say(note)
