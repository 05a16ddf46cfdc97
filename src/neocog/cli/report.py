"""``neocog report``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.output import Output, size
from neocog.cli.shared import OutputFlags, TrustFlags


def report(
    folder: Annotated[
        str, Parameter(help="The folder of a comparison (by sizes or folds too), of a run, or of claims.")
    ],
    /,
    *,
    into: Annotated[str | None, Parameter(help="File to write; report.html in that folder by default.")] = None,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Write the HTML report of a comparison, finished or not, or of a run, from what its folder holds."""
    out = Output(output)
    from neocog.claims.run import Findings, load_findings
    from neocog.cli.compare import as_json, show
    from neocog.report.page import write
    from neocog.runs.comparison_folder import ComparisonFolder
    from neocog.runs.folds import has_folds, load_folds
    from neocog.runs.results import load_comparison, load_run
    from neocog.runs.size_curve import has_sizes, load_sizes

    if has_sizes(folder):
        from neocog.cli.sizes import show_sizes

        show_sizes(out, load_sizes(folder, allow_modules=trust.allow_module), Path(into) if into else None)
        return
    if has_folds(folder):
        from neocog.cli.folds import show_folds

        show_folds(out, load_folds(folder, allow_modules=trust.allow_module), Path(into) if into else None)
        return
    if known := load_findings(folder):
        from neocog.cli.claims import show_claims

        show_claims(out, Findings(Path(folder), known, {}), Path(into) if into else None)
        return
    alone = (Path(folder) / "run.json").exists() and not ComparisonFolder(Path(folder)).exists
    loaded = (load_run if alone else load_comparison)(folder, allow_modules=trust.allow_module)
    path = write(loaded, Path(into) if into else loaded.folder / "report.html")
    out.document(as_json(loaded, path))
    show(out, loaded, path)
    out.note(f"{size(path.stat().st_size)} written.")
