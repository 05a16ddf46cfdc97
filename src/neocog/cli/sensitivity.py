"""``neocog sensitivity``, and what ``neocog compare --sensitivity`` says of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from neocog.cli.output import Output, percent
from neocog.cli.shared import OutputFlags, TrustFlags

if TYPE_CHECKING:
    from neocog.runs.sensitivity import Sensitivity
    from neocog.runs.sensitivity_kept import ChangeResult


def sensitivity(
    folder: Annotated[str, Parameter(help="The folder of a comparison, or of a run.")],
    /,
    *,
    perturb: Annotated[
        str | None,
        Parameter(help="Which changes, with levels: shift=1+2+3,noise=0.1,jpeg; all at their usual levels by default."),
    ] = None,
    items: Annotated[int, Parameter(help="At most so many test items, a stratified draw of them.")] = 2000,
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Score trained networks on shifted, rotated, blurred, noisy ... test items, and say what breaks each."""
    out = Output(output)
    from neocog.report.page import write
    from neocog.runs.comparison_folder import ComparisonFolder
    from neocog.runs.results import load_comparison, load_run
    from neocog.runs.sensitivity import sensitivity as measure

    found = measure(folder, perturb=perturb, items=items, allow_modules=trust.allow_module, progress=out.progress())
    loaded = (load_comparison if ComparisonFolder(Path(folder)).exists else load_run)(
        folder, allow_modules=trust.allow_module
    )
    report = write(loaded, loaded.folder / "report.html")
    out.document({**found.as_json(), "report": report})
    show_sensitivity(out, found)
    out.say(f"Report: {report}")


def show_sensitivity(out: Output, found: "Sensitivity") -> None:
    """What is kept under each kind of change, the pairs that can be told apart, and a sentence per network."""
    for note in found.notes:
        out.say(note)
    columns = ("network", "intact %>", *(f"{tried.title}>" for tried in found.tried))
    rows = [
        (
            network.label,
            percent(next(iter(network.changes.values())).scores[0].mean).removesuffix(" %"),
            *(_kept(network.changes[tried.name]) for tried in found.tried),
        )
        for network in found.networks
    ]
    out.table("Share of the intact score that is kept, on average over strengths (1 = nothing lost)", columns, rows)
    for verdict in found.verdicts:
        if verdict.answer in ("a", "b"):
            out.say(f"Under {_title(found, verdict.change)}: {verdict.sentence}")
    for network in found.networks:
        out.say(network.sentence)


def _kept(change: "ChangeResult") -> str:
    return "-" if change.kept is None else f"{change.kept.mean:.3f}"


def _title(found: "Sensitivity", change: str) -> str:
    return next(tried.title for tried in found.tried if tried.name == change)
