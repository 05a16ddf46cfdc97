"""The table is complete, and the laws that do not apply to a row are known."""

import importlib
import pkgutil
from types import ModuleType

import neocog.data
import neocog.learners
import neocog.networks
import neocog.tasks
from neocog.core.source import AbstractSource
from neocog.fit.learner import AbstractLearner
from neocog.networks.network import AbstractNetwork
from neocog.tasks.task import AbstractTask
from table import ROWS

MEANINGLESS = {
    ("source-images", "heart"),
    *((row, "heart") for row in ("network-gan", "task-generate", "learner-adversarial", "source-draws")),
    *((row, "frozen") for row in ("network-kmeans", "task-cluster", "source-table")),
    *((f"learner-{name}-kmeans", "frozen") for name in ("full-batch", "minibatch")),
    *((row, "heart") for row in ("network-autoencoder", "learner-embedded-clustering")),
    *((row, "heart") for row in ("task-control", "learner-proximal-policy", "learner-deep-q")),
    *((f"source-{name}", "heart") for name in ("rollouts", "episodes")),
    *((row, "heart") for row in ("learner-on-features", "source-features")),
}


def public_classes(package: ModuleType, base: type) -> set[type]:
    found = set()
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, base) and not name.startswith(("_", "Abstract")):
                found.add(value)
    return found


def missing(subjects: set[type]) -> set[type]:
    wanted = (
        public_classes(neocog.networks, AbstractNetwork)
        | public_classes(neocog.tasks, AbstractTask)
        | public_classes(neocog.learners, AbstractLearner)
        | public_classes(neocog.data, AbstractSource)
    )
    return wanted - subjects


def test_every_public_class_has_a_row() -> None:
    assert missing({row.subject for row in ROWS}) == set()


def test_control_a_class_without_a_row_is_noticed() -> None:
    assert missing({row.subject for row in ROWS[1:]}) == {ROWS[0].subject}


def test_names_are_unique() -> None:
    assert len({str(row) for row in ROWS}) == len(ROWS)


def test_the_list_of_meaningless_laws_is_known() -> None:
    declared = {(str(row), law) for row in ROWS for law in row.meaningless}
    assert declared == MEANINGLESS
    assert all(len(reason) > 20 for row in ROWS for reason in row.meaningless.values())
