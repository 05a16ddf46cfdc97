"""``neocog datasets``."""

from neocog.cli.output import Output
from neocog.cli.shared import OutputFlags


def datasets(*, output: OutputFlags = OutputFlags()) -> None:
    """The built-in data sets; any folder, archive, CSV, npz or idx file of yours can be named instead."""
    from neocog.data.sets import DATASETS

    Output(output).document(list(DATASETS))
