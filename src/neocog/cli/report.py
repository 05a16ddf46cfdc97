"""``neocog report``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags, TrustFlags


def report(
    comparison: Annotated[str, Parameter(help="The folder of a comparison.")],
    /,
    *,
    into: Annotated[str | None, Parameter(help="File to write; report.html in that folder by default.")] = None,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Write the HTML report of a comparison, finished or not, from what its folder holds."""
    out = Output(output)
    from neocog.cli.compare import as_json, show
    from neocog.report.page import write
    from neocog.runs.results import load_comparison

    loaded = load_comparison(comparison, allow_modules=trust.allow_module)
    path = write(loaded, Path(into) if into else loaded.folder / "report.html")
    out.document(as_json(loaded, path))
    show(out, loaded, path)
    out.note(f"{size(path.stat().st_size)} written.")
