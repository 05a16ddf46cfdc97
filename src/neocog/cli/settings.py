"""The texts of ``--set``: settings of training, and options of the data."""

from collections.abc import Sequence

from neocog.core.errors import UsageProblem

DATA = "data."


def settings_from(assignments: Sequence[str]) -> dict[str, str]:
    """``["descent.rate=0.01"]`` -> ``{"descent.rate": "0.01"}``; the last one wins; those of the data are left out.

    Raises:
        UsageProblem: ``setting-malformed``.
    """
    return {name: value for name, value in _assigned(assignments).items() if not name.startswith(DATA)}


def data_settings_from(assignments: Sequence[str]) -> dict[str, str]:
    """``["data.label_column=species"]`` -> ``{"label_column": "species"}``; all others are left out.

    Raises:
        UsageProblem: ``setting-malformed``.
    """
    named = {name: value for name, value in _assigned(assignments).items() if name.startswith(DATA)}
    return {name.removeprefix(DATA): value for name, value in named.items()}


def options_from(assignments: Sequence[str]) -> dict[str, str]:
    """``["length=200"]`` -> ``{"length": "200"}``; the last one wins.

    Raises:
        UsageProblem: ``setting-malformed``.
    """
    return _assigned(assignments)


def only_data_settings(assignments: Sequence[str]) -> None:
    """Refuse settings of training where nothing is trained.

    Raises:
        UsageProblem: ``setting-without-effect``.
    """
    idle = list(settings_from(assignments))
    if idle:
        raise UsageProblem(
            "setting-without-effect",
            "nothing is trained here, so only options of the data can be set",
            where=[f"--set {name}=..." for name in idle],
            help="leave them out; data options begin with data., such as data.label_column",
        )


def _assigned(assignments: Sequence[str]) -> dict[str, str]:
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
