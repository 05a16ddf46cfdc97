"""``neocog advise``."""

import shlex
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.clock import STARTED
from neocog.cli.data import data_options
from neocog.cli.going_on import says_how_to_go_on
from neocog.cli.output import Output
from neocog.cli.settings import settings_from
from neocog.cli.shared import DataFlags, LearnFlags, OutputFlags


def advise(
    data: Annotated[str | None, Parameter(help="What to give advice on; digits by default.")] = None,
    /,
    *,
    network: Annotated[str | None, Parameter(help="By which network; simple-cnn by default.")] = None,
    budget: Annotated[
        str | None, Parameter(help="A time for the whole command (90s, 10m), or epochs=5 for each run; 90s by default.")
    ] = None,
    seeds: Annotated[int | None, Parameter(help="Runs at each size; 3 by default.")] = None,
    into: Annotated[str | None, Parameter(help="Folder to write into; one that exists is continued.")] = None,
    learning: LearnFlags = LearnFlags(),
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Say what would help most, more images or better labels, and how much more images would bring."""
    out = Output(output)
    from neocog.report.advice import write_advice
    from neocog.runs.advise import advise as run_advice
    from neocog.runs.growth import as_json as as_growth
    from neocog.runs.label_errors import LIST, as_json

    named = f" {shlex.quote(data)}" if data else ""
    again = f"advise{named} --into {shlex.quote(into)}" if into else f"advise{named}, with --into and its folder"
    with says_how_to_go_on(lambda folder: again):
        advice = run_advice(
            data,
            network,
            budget=budget,
            seeds=seeds,
            into=into,
            progress=out.progress(),
            started=STARTED,
            device=learning.device,
            augment=learning.augment,
            settings=settings_from(reading.set),
            download=reading.download,
            keep=not reading.no_cache,
            **({"task": learning.task} if learning.task else {}),
            **data_options(reading),
        )
    report = write_advice(advice, advice.folder / "report.html")
    out.document(
        {
            "advice": advice.sentences,
            "growth": as_growth([advice.growth])[0],
            "labels": as_json(advice.labels),
            "report": report,
        }
    )
    out.say(f"Suspected labels: {advice.labels.folder / LIST}")
    out.say(f"Report: {report}")
    for sentence in advice.sentences:
        out.say(sentence)
