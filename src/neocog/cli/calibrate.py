"""``neocog calibrate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from neocog.cli.output import Output, percent
from neocog.cli.shared import OutputFlags, TrustFlags

if TYPE_CHECKING:
    from neocog.runs.calibration import Calibration


def calibrate(
    folder: Annotated[str, Parameter(help="The folder of a run, or of a comparison: then all of its runs.")],
    /,
    *,
    coverage: Annotated[float, Parameter(help="How often a set of classes is to hold the truth, in per cent.")] = 90.0,
    sets: Annotated[
        Literal["lac", "aps"], Parameter(help="lac: the smallest sets; aps: larger for harder items, never empty.")
    ] = "lac",
    trust: TrustFlags = TrustFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Fit temperatures and sets of classes on the validation part, and measure on the test part what they are worth."""
    out = Output(output)
    from neocog.report.page import write
    from neocog.runs.calibrate import calibrate as run_calibration
    from neocog.runs.comparison_folder import ComparisonFolder
    from neocog.runs.results import load_comparison, load_run

    found = run_calibration(folder, coverage=coverage / 100, make_sets=sets, allow_modules=trust.allow_module)
    load = load_comparison if ComparisonFolder(Path(folder)).exists else load_run
    report = write(load(folder, allow_modules=trust.allow_module), Path(folder) / "report.html")
    out.document({"folder": folder, **document(found), "report": report})
    _show(out, found)
    out.say(f"Report: {report}")
    out.say(f"Use it: neocog predict {folder} --set calibrated=true FILE...")


def document(found: "Calibration") -> dict[str, Any]:
    """What ``--json`` says of a calibration; shares are fractions."""
    from neocog.runs.calibration import as_json

    return {**as_json(found), "sentences": [found.sentence(each) for each in found.networks], "notes": found.notes}


def _show(out: Output, found: "Calibration") -> None:
    rows = [
        (
            each.label,
            each.temperatures,
            percent(each.before.error),
            percent(each.after.error),
            percent(each.after.by_chance),
            f"{each.before.log_loss:.4f}",
            f"{each.after.log_loss:.4f}",
            percent(each.covered),
            f"{each.size:.2f}",
        )
        for each in found.networks
    ]
    columns = ("network", "T>", "error>", "after>", "by chance>", "log-loss>", "after>", "covered>", "set size>")
    out.table(f"Calibrated on {found.val_items:,} items, measured on {found.test_items:,}", columns, rows)
    for each in found.networks:
        out.say(found.sentence(each))
    for note in found.notes:
        out.say(note)
