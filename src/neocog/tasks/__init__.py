"""What can be asked of a network: one task per file or folder."""

from typing import Any

from neocog.tasks.classify import Classify
from neocog.tasks.task import AbstractTask

TASKS: dict[str, type[AbstractTask[Any, Any]]] = {
    "classify": Classify,
}
