"""What ``neocog compare`` can be asked besides: other scores, tuning, equal sizes, controls, sensitivity."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from cyclopts import Group, Parameter

BESIDES = Group("A fair race, and what it shows", sort_key=1)


@Parameter(name="*", group=BESIDES)
@dataclass(frozen=True, kw_only=True)
class BesidesFlags:
    """How the networks are judged and made equal, and what is found out of them besides."""

    score: Annotated[
        str | None,
        Parameter(help="What decides: accuracy by default; log-loss, brier, macro-f1, balanced-accuracy or auc."),
    ] = None
    tune: Annotated[
        int | None,
        Parameter(help="Learning rates to try for each network, by short runs inside a time budget; 0 by default."),
    ] = None
    match: Annotated[
        str | None,
        Parameter(help="Scale the networks to a common size: parameters or macs, or parameters=100000 to name it."),
    ] = None
    controls: Annotated[
        bool,
        Parameter(help="Find out too whether DATA need a CNN, in the same budget.", negative="", show_default=False),
    ] = False
    sensitivity: Annotated[
        bool,
        Parameter(
            help="Score them on shifted, rotated, noisy ... items too; a quarter of a time goes to that.",
            negative="",
            show_default=False,
        ),
    ] = False

    @property
    def flags(self) -> tuple[str, ...]:
        """Of those that a folder does not keep, the ones that were asked for, as they are typed."""
        return tuple(f"--{name}" for name in ("controls", "sensitivity") if getattr(self, name))

    @property
    def named(self) -> dict[str, Any]:
        """Those that were asked for."""
        return {name: value for name, value in asdict(self).items() if value}

    def by(self, into: str | None) -> str | None:
        """The score that decides: the one asked for, or that of the comparison in this folder; None: the usual one."""
        from pathlib import Path

        from neocog.runs.comparison_folder import ComparisonFolder

        folder = ComparisonFolder(Path(into)) if into else None
        return self.score or (folder.facts().score or None if folder is not None and folder.exists else None)
