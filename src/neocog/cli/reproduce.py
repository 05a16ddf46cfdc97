"""``neocog reproduce``."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.output import Output
from neocog.cli.shared import NoCache, OutputFlags, TrustFlags


def reproduce(
    run: Annotated[str, Parameter(help="The run folder.")],
    /,
    *,
    into: Annotated[str | None, Parameter(help="Keep the run that is trained again in this folder.")] = None,
    no_cache: NoCache = False,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Train a run again, and say that it comes out identical, or which step is the first that differs, and why."""
    out = Output(output)
    from neocog.core.errors import DataProblem
    from neocog.runs.reproduce import reproduce as train_again

    found = train_again(run, into=into, keep=not no_cache, progress=out.progress(), allow_modules=trust.allow_module)
    out.document({**asdict(found), "identical": found.identical, "sentence": found.sentence})
    if found.difference is not None:
        raise DataProblem(
            "run-not-reproduced",
            found.sentence,
            where=[str(found.run), *found.causes],
            note="the run was only read",
            help="what is named above is the likely cause; make it as it was, and reproduce again",
        )
    out.say(found.sentence)
