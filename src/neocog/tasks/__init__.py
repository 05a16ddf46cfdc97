"""What can be asked of a network: one task per file or folder."""

from typing import Any

from neocog.tasks.boxes import DetectBoxes
from neocog.tasks.classify import Classify
from neocog.tasks.cluster import Cluster
from neocog.tasks.control import Control
from neocog.tasks.forecast import Forecast
from neocog.tasks.generate import Generate
from neocog.tasks.language import Language
from neocog.tasks.task import AbstractTask

TASKS: dict[str, type[AbstractTask[Any, Any]]] = {
    "classify": Classify,
    "generate": Generate,
    "boxes": DetectBoxes,
    "cluster": Cluster,
    "control": Control,
    "language": Language,
    "forecast": Forecast,
}


def task_of(name: str) -> str:
    """The task that DATA of this name tells: the first whose kind of data it can only be, else the first of all."""
    return next((task for task, kind in TASKS.items() if kind.family.claims(name)), next(iter(TASKS)))
