"""``neocog claims``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from neocog.cli.output import Output
from neocog.cli.shared import OutputFlags

if TYPE_CHECKING:
    from neocog.claims.finding import Finding
    from neocog.claims.run import Findings


def claims(
    *names: Annotated[str, Parameter(help="Claims to measure; all of them by default.")],
    list: Annotated[bool, Parameter(help="Show what each claims, and measure nothing.")] = False,
    into: Annotated[str | None, Parameter(help="Folder to keep them in; what it holds is not run again.")] = None,
    root: Annotated[str | None, Parameter(help="Folder of MNIST's files, to use it in the place of digits.")] = None,
    quick: Annotated[bool, Parameter(help="A few steps each: shows that they run, and measures nothing.")] = False,
    output: OutputFlags = OutputFlags(),
) -> None:
    """Measure what textbooks say of neural networks: each claim with an effect, a control and a verdict."""
    out = Output(output)
    if list:
        _list(out)
        return
    from neocog.claims.run import run_claims
    from neocog.runs.setup import new_folder

    folder = into or str(new_folder("claims", "mnist" if root else "digits"))
    try:
        show_claims(out, run_claims(names, into=folder, root=root, quick=quick, progress=out.progress()))
    except KeyboardInterrupt as interrupt:
        interrupt.help = f"claims that were done are kept; go on with `neocog claims --into {folder}`"  # type: ignore[attr-defined]
        raise


def _list(out: Output) -> None:
    from neocog.claims import CLAIMS
    from neocog.claims.run import expected

    out.document([{"claim": name, **_words(claim)} for name, claim in CLAIMS.items()])
    out.table("", ("claim", "what texts say", "it takes"), [(n, c.title, expected(c)) for n, c in CLAIMS.items()])
    out.say("`neocog claims NAME` measures one, `neocog claims` all of them.")


def _words(claim: Any) -> dict[str, Any]:
    named = ("title", "hypothesis", "condition", "source", "scale", "smallest", "unit", "seconds")
    return {name: getattr(claim, name) for name in named}


def show_claims(out: Output, known: "Findings", into: Path | None = None) -> None:
    """Write the report of what a folder holds, and show it."""
    from neocog.claims.words import conclusion
    from neocog.report.claims import write_claims

    report = write_claims(known.found, into or known.folder / "report.html") if known.found else None
    out.document(
        {
            "claims": [_machine(finding) for finding in known.found],
            "failed": known.failed,
            "conclusion": conclusion(known.found),
            "report": report,
        }
    )
    out.table("", ("claim", "verdict", "effect", "what the control showed"), [_row(each) for each in known.found])
    for name, why in known.failed.items():
        out.say(f"{name} came to no end: {why}")
    out.say(conclusion(known.found))
    if report is not None:
        out.say(f"Report: {report}")


def _machine(finding: "Finding") -> dict[str, Any]:
    from neocog.claims.words import meaning, sentence

    return {**asdict(finding), "meaning": meaning(finding), "sentence": sentence(finding)}


def _row(finding: "Finding") -> tuple[str, ...]:
    from neocog.claims.words import amount, shown

    return finding.name, finding.answer, amount(finding.effect, finding.unit), shown(finding)
