"""Write the tables of docs/reference from the code: ``python tests/docs_tables.py`` (``--check`` only compares).

A test runs the comparison, so that these pages cannot fall behind.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from neocog.claims import CLAIMS
from neocog.claims.run import expected
from neocog.cli.verbs import FLAGS, VERBS
from neocog.core import errors
from neocog.core.options import kind_name, options_of, show
from neocog.data.readers.archive import _REFUSALS as REFUSALS
from neocog.data.readers.findings import KINDS as FINDINGS
from neocog.fit.history import Outcome
from neocog.measures.quantities import several, size
from neocog.networks import NETWORKS
from neocog.runs.experiment import OPTION_SECTIONS
from neocog.tasks import TASKS

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PACKAGE = Path(errors.__file__).parents[1]
PROBLEMS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Problem) and kind is not errors.SeveralProblems
}
LOOKED_UP = ("data/as_trained.py", "data/readers/archive.py", "data/readers/findings.py", "runs/train.py")
"""Files with a code that comes from a table."""
MADE = "<!-- Made from the code by tests/docs_tables.py; do not edit. -->\n\n"


class Raised(NamedTuple):
    """One place in the code that raises a problem."""

    code: str
    kind: str
    what: str
    help: str


def problems() -> Iterator[Raised]:
    """Every problem that the package can raise; its code is a literal, or comes from one of three tables."""
    for code, finding in FINDINGS.items():
        yield Raised(code, finding.problem.__name__, finding.what.format(bad="...", total="..."), finding.help)
    for kind, (what, remedy) in REFUSALS.items():
        yield Raised(f"data-archive-{kind}", "DataProblem", f"... holds ... {what}", remedy)
    for outcome in Outcome:
        if not outcome.finished and outcome is not Outcome.RUNNING:
            yield Raised(f"run-{outcome.name.lower().replace('_', '-')}", "TrainingProblem", outcome.value, "")
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PROBLEMS:
                yield from raised(node, node.func.id, path.relative_to(PACKAGE).as_posix())


def raised(node: ast.Call, kind: str, file: str) -> Iterator[Raised]:
    """One call, or two where a condition chooses the code."""
    given = dict(zip(("code", "what"), node.args)) | {keyword.arg: keyword.value for keyword in node.keywords}
    match given.get("code"), given.get("what"):
        case ast.Constant(value=str(code)), what:
            yield Raised(code, kind, in_words(what), in_words(given.get("help")))
        case ast.IfExp(body=ast.Constant(value=first), orelse=ast.Constant(value=other)), ast.IfExp(body=a, orelse=b):
            yield Raised(first, kind, in_words(a), in_words(given.get("help")))
            yield Raised(other, kind, in_words(b), in_words(given.get("help")))
        case _ if file not in LOOKED_UP:
            raise SystemExit(f"{file}:{node.lineno}: the code of a problem must be a literal")


def in_words(node: ast.expr | None) -> str:
    """A message with an ellipsis in each place that the code fills in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(in_words(part) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return in_words(left) + in_words(right)
        case ast.IfExp(body=body, orelse=other):
            return " / ".join(filter(None, (in_words(body), in_words(other))))
        case None | ast.Constant():
            return ""
        case _:
            return "..."


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [columns, ("---",) * len(columns), *rows]
    return (
        "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
        )
        + "\n"
    )


def error_page() -> str:
    """One row per code, under its exit code."""
    text = "# Error codes\n\n" + MADE
    text += "Every problem has a code that stays the same, whatever its words. `--json` carries the same fields.\n"
    by_code: dict[str, list[Raised]] = {}
    for raised in problems():
        by_code.setdefault(raised.code, []).append(raised)
    for exit_code in sorted({kind.exit_code for kind in PROBLEMS.values()}):
        rows = []
        for code, places in sorted(by_code.items()):
            if PROBLEMS[places[0].kind].exit_code == exit_code:
                whats = dict.fromkeys(place.what for place in places if place.what.strip(". "))
                helps = dict.fromkeys(place.help for place in places if place.help.strip(". "))
                rows.append((f"`{code}`", "<br>".join(map(plain, whats)), "<br>".join(map(plain, helps))))
        if rows:
            text += f"\n## Exit code {exit_code}\n\n{EXIT_CODES.get(exit_code, '')}\n\n"
            text += table(("code", "what happened", "what to do"), rows)
    return (
        text + "\n## Other exit codes\n\n" + table(("exit code", "meaning"), [(str(k), v) for k, v in OTHERS.items()])
    )


EXIT_CODES = {
    2: "Something was asked for that cannot be done as it was asked.",
    65: "What was read is not what was expected.",
    69: "Training cannot go on, and nothing usable is left.",
    70: "Our own fault.",
    73: "Another process writes to this folder.",
    74: "A file cannot be read or written, or a disk is full.",
}
OTHERS = {
    0: "Done. A comparison in which a network failed is done too, and says so.",
    130: "Stopped by Ctrl-C; what was running was saved first.",
    143: "Stopped by SIGTERM; what was running was saved first.",
}


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return " ".join(text.replace("<", "&lt;").replace("*", "\\*").split())


def option_page() -> str:
    """One table per network, task and part of training."""
    text = "# Options\n\n" + MADE
    text += (
        "An option is declared once, in the signature of what it belongs to, and set with `--set PART.OPTION=VALUE` or "
        '`settings={"PART.OPTION": value}`. `neocog options NAME` prints the same tables.\n'
    )
    choices: dict[Any, list[str]] = {}
    for name, kind in TASKS.items():
        choices.setdefault(kind.family.choice, []).append(name)
    groups: list[tuple[str, str, Any]] = [
        (f"Data of {several(names)}", "data", kind) for kind, names in choices.items()
    ]
    groups += [(f"Training: {name}", name, kind) for name, kind in OPTION_SECTIONS.items()]
    groups += [(f"Task: {name}", "task", kind) for name, kind in TASKS.items()]
    groups += [(f"Prediction: {name}", "", kind.answer) for name, kind in TASKS.items() if options_of(kind.answer)]
    groups += [(f"Network: {name}", "network", kind) for name, kind in NETWORKS.items()]
    for title, part, kind in groups:
        rows = [
            (
                f"`{part}.{option.name}`" if part else f"`{option.name}`",
                kind_name(option.kind),
                "(needed)" if option.required else f"`{show(option.default)}`",
                str(option.rule or ""),
                plain(option.help),
            )
            for option in options_of(kind).values()
            if (part, option.name) != ("data", "name")
        ]
        text += f"\n## {title}\n\n"
        text += table(("option", "type", "default", "allowed", "what it is"), rows) if rows else "No options.\n"
    return text


def network_page() -> str:
    """What there is to compare."""
    rows = [
        (
            f"`{name}`",
            plain(kind.facts.idea),
            str(kind.facts.year),
            plain(kind.facts.source),
            f"{kind.facts.smallest} px",
        )
        for name, kind in NETWORKS.items()
    ]
    text = "# Networks\n\n" + MADE
    text += "Anywhere a name is accepted, `package.module:Class` is too.\n\n"
    return text + table(("name", "idea", "year", "source", "smallest image"), rows)


def command_page() -> str:
    """The verbs, as `neocog --help` groups them."""
    text = "# Command line\n\n" + MADE
    text += (
        "`neocog VERB DATA --flag value`. DATA is a built-in name, a folder of class folders, an archive of one, a "
        "CSV, an .npz or .npy, or an idx file. `neocog VERB --help` shows the flags of a verb.\n"
    )
    for title, verbs in VERBS.items():
        text += f"\n## {title}\n\n" + table(
            ("verb", "what it does"), [(f"`{name}`", help) for name, (_, help) in verbs.items()]
        )
    return (
        text + "\n## Flags\n\n" + table(("flag", "what it does"), [(f"`{name}`", help) for name, help in FLAGS.items()])
    )


def claim_page() -> str:
    """What texts say, and how it is asked whether it holds."""
    text = "# Claims\n\n" + MADE
    text += (
        "What `neocog claims` measures; [the explanation](../explanation/claims.md) says how. Times are rough, for one "
        "quiet core.\n"
    )
    for name, claim in CLAIMS.items():
        least = f"{claim.smallest:,.0f} {claim.unit}" if claim.smallest >= 1000 else size(claim.smallest, claim.unit)
        rows = [
            ("texts say", plain(claim.title)),
            ("hypothesis", plain(claim.hypothesis)),
            ("smallest effect of interest", least),
            ("control", plain(claim.condition)),
            ("source", plain(claim.source)),
            ("tested at", plain(claim.scale)),
            ("it takes", expected(claim)),
        ]
        text += f"\n## {name}\n\n" + table(("", ""), rows)
    return text


PAGES = {
    "claims.md": claim_page,
    "errors.md": error_page,
    "options.md": option_page,
    "networks.md": network_page,
    "commands.md": command_page,
}


def stale() -> list[str]:
    """Pages that are not what the code would make of them."""
    return [
        name
        for name, page in PAGES.items()
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text("utf-8") != page()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            f"not in step with the code: {', '.join(names)}; run python tests/docs_tables.py"
            if (names := stale())
            else 0
        )
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
