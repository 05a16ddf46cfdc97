"""load: a trained network, from the folder of a run or of a comparison."""

from collections.abc import Collection
from pathlib import Path

from neocog.runs.comparison_folder import ComparisonFolder
from neocog.runs.folder import open_run
from neocog.runs.predictor import Predictor
from neocog.runs.results import load_comparison


def load(run: str | Path, *, allow_modules: Collection[str] = ()) -> Predictor:
    """Open a trained network.

    Args:
        run: the folder of a run, or that of a comparison: then its best run, chosen on validation.
        allow_modules: modules outside neocog whose classes the run may name.

    Raises:
        UsageProblem: there is no run.
        DataProblem: the run has saved no weights, or is damaged.

    Examples:
        >>> from neocog import load
        >>> load("runs/mine").predict("photo.jpg")  # doctest: +SKIP
    """
    if ComparisonFolder(Path(run)).exists:
        return load_comparison(run, allow_modules=allow_modules).best
    return Predictor(open_run(run), allow_modules=allow_modules)
