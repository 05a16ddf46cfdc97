"""neocog: find out which neural network your images need, prove it, and see what it costs.

The names below are looked up when they are first used, so that ``import neocog`` imports neither torch nor numpy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neocog.core.errors import (
        DataProblem,
        FolderInUse,
        MissingExtra,
        Problem,
        StorageProblem,
        TrainingProblem,
        UsageProblem,
    )
    from neocog.core.shapes import Image, Vector
    from neocog.data.augment import Augmentation
    from neocog.data.open import from_arrays, open_images
    from neocog.runs.compare import compare
    from neocog.runs.comparison import Comparison
    from neocog.runs.estimator import ImageClassifier
    from neocog.runs.load import load
    from neocog.runs.predictor import Predictor
    from neocog.runs.reproduce import reproduce
    from neocog.runs.train import evaluate, resume, train

__version__ = "0.1.0"

_HOMES = {
    "neocog.core.errors": (
        "Problem",
        "UsageProblem",
        "DataProblem",
        "TrainingProblem",
        "FolderInUse",
        "StorageProblem",
        "MissingExtra",
    ),
    "neocog.core.shapes": ("Image", "Vector"),
    "neocog.data.augment": ("Augmentation",),
    "neocog.data.open": ("from_arrays", "open_images"),
    "neocog.runs.compare": ("compare",),
    "neocog.runs.comparison": ("Comparison",),
    "neocog.runs.estimator": ("ImageClassifier",),
    "neocog.runs.load": ("load",),
    "neocog.runs.predictor": ("Predictor",),
    "neocog.runs.reproduce": ("reproduce",),
    "neocog.runs.train": ("evaluate", "resume", "train"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Augmentation",
    "Comparison",
    "DataProblem",
    "FolderInUse",
    "Image",
    "ImageClassifier",
    "MissingExtra",
    "Predictor",
    "Problem",
    "StorageProblem",
    "TrainingProblem",
    "UsageProblem",
    "Vector",
    "compare",
    "evaluate",
    "from_arrays",
    "load",
    "open_images",
    "reproduce",
    "resume",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'neocog' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
