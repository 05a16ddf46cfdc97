"""run_claims: try claims of the textbook, one after the other, and keep what each of them showed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from time import perf_counter

from neocog.claims import CLAIMS, Claim
from neocog.claims.context import context_in
from neocog.claims.finding import QUICK, Finding, keep, load_finding
from neocog.claims.judge import judge
from neocog.claims.words import sentence
from neocog.core.catalogue import find
from neocog.core.errors import TrainingProblem, UsageProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.runs.lock import locked
from neocog.runs.run import versions
from neocog.runs.setup import new_folder

_WORDS = ("title", "hypothesis", "condition", "source", "scale", "smallest", "unit")


@dataclass(frozen=True)
class Findings:
    """What is known in a folder, in the order of ``CLAIMS``; ``failed`` says why others came to no end."""

    folder: Path
    found: Sequence[Finding]
    failed: dict[str, str]


def run_claims(
    names: Sequence[str] = (),
    *,
    into: str | Path | None = None,
    root: str | None = None,
    quick: bool = False,
    progress: AbstractProgress | None = None,
) -> Findings:
    """Measure claims that texts make about neural networks, each with a control.

    Each is kept as soon as it is known; calling again with the same folder runs those that are missing.

    Args:
        names: keys of ``CLAIMS``; by default all of them.
        into: where they are kept; by default a new folder in ``./runs``.
        root: folder of MNIST's files, to be used in the place of scikit-learn's digits.
        quick: a few steps of two seeds, which shows that they run and nothing else.
        progress: told what happens.

    Raises:
        UsageProblem: there is no such claim, or the folder holds claims that were run on other data.
        DataProblem: a file of the folder is damaged.
        FolderInUse, StorageProblem: nothing was lost.
    """
    progress = progress or Silent()
    chosen = {name: find(name, CLAIMS, "claim") for name in names or CLAIMS}
    data = "mnist" if root is not None else "digits"
    folder = Path(into) if into is not None else new_folder("claims", data)
    data, failed = f"{QUICK} {data}" if quick else data, {}
    with locked(folder):
        known = load_findings(folder)
        _refuse_other(folder, known, data)
        done = {finding.name for finding in known}
        for number, (name, claim) in enumerate(chosen.items(), 1):
            if name in done:
                progress.say(f"{name}: known already")
                continue
            progress.say(f"{name} ({number} of {len(chosen)}, {expected(claim)}): {claim.title}")
            try:
                finding = measured(name, claim, folder, root=root, quick=quick, progress=progress)
            except TrainingProblem as problem:
                failed[name] = problem.what
                progress.say(f"{name} came to no end: {problem.what}")
                continue
            keep(finding, folder)
            progress.say(f"  {sentence(finding)}")
        return Findings(folder, load_findings(folder), failed)


def measured(
    name: str,
    claim: Claim,
    folder: Path,
    *,
    root: str | None = None,
    quick: bool = False,
    progress: AbstractProgress | None = None,
) -> Finding:
    """Run one claim and its control; nothing is kept.

    Args:
        name: what it is called.
        claim: any, one that is in no table too.
        folder: where its runs lie while it is run.
        root: as in `run_claims`.
        quick: as in `run_claims`.
        progress: told of each run.
    """
    began = perf_counter()
    with context_in(folder, root=root, quick=quick, progress=progress) as context:
        effect, control = claim.measure(context), claim.control(context)
    words = {each.name: getattr(claim, each.name) for each in fields(claim) if each.name in _WORDS}
    data = "mnist" if root is not None else "digits"
    return Finding(
        name=name,
        answer=judge(effect, control, claim.smallest),
        effect=effect,
        control=control,
        data=f"{QUICK} {data}" if quick else data,
        seconds=perf_counter() - began,
        versions=versions(),
        **words,
    )


def expected(claim: Claim) -> str:
    """About how long it takes, in words."""
    return f"about {claim.seconds} s" if claim.seconds < 60 else f"about {round(claim.seconds / 60)} min"


def load_findings(folder: str | Path) -> tuple[Finding, ...]:
    """What a folder holds, in the order of ``CLAIMS``.

    Raises:
        DataProblem: ``claim-damaged``.
    """
    return tuple(filter(None, (load_finding(Path(folder), name) for name in CLAIMS)))


def _refuse_other(folder: Path, known: Sequence[Finding], data: str) -> None:
    others = [f"{finding.name}: {finding.data}" for finding in known if finding.data != data]
    if others:
        raise UsageProblem(
            "claims-other-data",
            f"the folder holds claims that were not run on {data}",
            where=[str(folder), *others],
            note="nothing was changed",
            help="go on as they were run, or choose another folder with --into",
        )
