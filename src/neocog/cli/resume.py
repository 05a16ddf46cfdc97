"""``neocog resume``."""

from typing import Annotated

from cyclopts import Parameter

from neocog.cli.going_on import resume_run, says_how_to_go_on
from neocog.cli.output import Output
from neocog.cli.runs import show_run
from neocog.cli.shared import NoCache, OutputFlags, TrustFlags


def resume(
    run: Annotated[str, Parameter(help="The run folder.")],
    /,
    *,
    no_cache: NoCache = False,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Go on with an interrupted run, exactly where it was: the result is the same to the last bit."""
    out = Output(output)
    from neocog.runs.train import resume as go_on

    with says_how_to_go_on(resume_run):
        predictor = go_on(run, keep=not no_cache, progress=out.progress(), allow_modules=trust.allow_module)
    show_run(out, predictor)
