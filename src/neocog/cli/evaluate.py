"""``neocog evaluate``."""

from typing import Annotated

from cyclopts import Parameter

from neocog.cli.data import data_options
from neocog.cli.output import Output
from neocog.cli.runs import show_scores
from neocog.cli.settings import only_data_settings
from neocog.cli.shared import DataFlags, OutputFlags, TrustFlags


def evaluate(
    run: Annotated[str, Parameter(help="The run folder.")],
    data: Annotated[str, Parameter(help="New data, with the right answers.")],
    /,
    *,
    reading: DataFlags = DataFlags(),
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Score a saved run on new labelled DATA, prepared and named as in training."""
    out = Output(output)
    only_data_settings(reading.set)
    from neocog.runs.train import evaluate as score

    found = score(
        run,
        data,
        download=reading.download,
        keep=not reading.no_cache,
        progress=out.progress(),
        allow_modules=trust.allow_module,
        **data_options(reading),
    )
    out.document({"run": run, "data": data, **found})
    out.say(f"{found['items']:,} items, {sum(number > 0 for number in found['per_class'].values())} classes")
    show_scores(out, found["scores"])
