"""The texts of ``--set`` and ``--augment`` as settings."""

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


def augment_from(text: str) -> str | dict[str, str]:
    """``none``, ``default``, or options: ``"rotation=15,shift=0.1"`` -> ``{"rotation": "15", "shift": "0.1"}``.

    Raises:
        UsageProblem: ``augment-malformed``.
    """
    text = text.strip()
    if text in ("none", "default"):
        return text
    options: dict[str, str] = {}
    for piece in text.split(","):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not (name and equals and value):
            raise UsageProblem(
                "augment-malformed",
                f"--augment cannot be `{text}`",
                where=f"--augment {text}",
                help="write none, default, or options such as rotation=15,shift=0.1 (`neocog options augment`)",
            )
        options[name] = value
    return options
