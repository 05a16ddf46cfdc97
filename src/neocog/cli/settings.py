"""The texts of ``--set`` as settings."""

from collections.abc import Sequence

from neocog.core.errors import UsageProblem


def settings_from(assignments: Sequence[str]) -> dict[str, str]:
    """``["descent.rate=0.01"]`` -> ``{"descent.rate": "0.01"}``; the last one wins.

    Raises:
        UsageProblem: ``setting-malformed``.
    """
    settings: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = (part.strip() for part in assignment.partition("="))
        if not (name and equals):
            raise UsageProblem(
                "setting-malformed",
                f"`{assignment}` sets nothing",
                where=f"--set {assignment}",
                help="write --set PART.OPTION=VALUE, such as --set network.depth=20",
            )
        settings[name] = value
    return settings
