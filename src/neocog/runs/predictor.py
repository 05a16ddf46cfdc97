"""Predictor: the one door to a trained network."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from neocog.core.catalogue import find
from neocog.core.errors import DataProblem
from neocog.core.options import parse
from neocog.data.family import AbstractData
from neocog.nn.low_rank import merged
from neocog.nn.tempered import Tempered
from neocog.runs.build import build_network, build_task, evaluation_source, predictions
from neocog.runs.calibrated import OPTION, Calibrated, calibrated_option, calibrated_run, must_be_calibrated
from neocog.runs.checkpoints import load_newest
from neocog.runs.folder import RunFolder
from neocog.tasks import TASKS
from neocog.tasks.task import AbstractTask, Answers, Record


class Predictor:
    """A trained network with its preparation and its class map, read from a run folder.

    Args:
        folder: the run.
        allow_modules: modules outside neocog whose classes the run may name.

    Raises:
        UsageProblem: there is no run.
        DataProblem: the run has no result yet, or is damaged.
    """

    def __init__(self, folder: RunFolder, *, allow_modules: Collection[str] = ()) -> None:
        facts = folder.facts()
        best, damaged = load_newest(folder.checkpoints, "best")
        if best is None:
            raise DataProblem(
                "run-without-weights",
                "this run has saved no weights yet",
                where=str(folder.path),
                help=f"go on with `neocog resume {folder.path}`",
            )
        if damaged and best.step != facts.get("best_step", best.step):
            raise DataProblem(
                "checkpoint-damaged",
                f"the weights of step {facts['best_step']:,}, which were the best, are damaged",
                where=[str(folder.path), *damaged],
                note="weights of another step are there, but the scores of this run are not theirs",
                help="restore the files of checkpoints/, or train again",
            )
        self.folder = folder
        self.facts: Mapping[str, Any] = facts
        self.experiment = folder.experiment(allow_modules)
        self.task, self._like = task_like(folder, allow_modules)
        network = build_network(self.experiment, self._like, self.task, allow_modules)
        network.load_state_dict(merged(best.state["network"]))
        self.network: nn.Module = network.eval()
        self.step = best.step

    @property
    def classes(self) -> tuple[str, ...]:
        """The class map, in the order of the outputs; empty for data without classes."""
        return self._like.classes

    @property
    def like(self) -> AbstractData:
        """The data that it was trained on, without their items: how new ones are prepared."""
        return self._like

    @property
    def calibrated(self) -> Calibrated | None:
        """How `neocog calibrate` would have it answer; None where that was not run."""
        return calibrated_run(self.folder.path)

    def predict(self, given: Any = (), **options: Any) -> list[dict[str, Any]]:
        """An answer for each item, as plain values.

        Args:
            given: what is to be answered: for images a path, a list of paths, or an array (n x h x w, n x h x w x c,
                or one image). Some tasks answer without.
            options: the task's own, such as how many; see `neocog predict --help`. ``calibrated=True`` gives the
                probabilities that `neocog calibrate` has made right, and ``set``, the classes that it may be.
        """
        return [dict(each) for answers in self.answers(self.task.items(given), **options) for each in answers.values]

    def answers(self, items: Sequence[Any], **options: Any) -> Iterator[Answers]:
        """Answers to items that ``task.items`` gave, some at a time, in words and pictures too."""
        own = {name: options.pop(name) for name in (OPTION,) if name in options}
        wanted = parse(calibrated_option, own, name="predict").get(OPTION, False)
        how = must_be_calibrated(self.folder.path) if wanted else None
        parsed = parse(type(self.task).answer, options, name="predict")
        network = Tempered(self.network, how.temperature) if how is not None else self.network
        for start in range(0, len(items), self.task.evaluation_batch):
            some = items[start : start + self.task.evaluation_batch]
            with self.experiment.engine.active(), torch.inference_mode():
                batch = self.task.inputs(self._like, some, self.experiment.engine.device)
                answers = self.task.answer(network, batch, **parsed)
            yield answers if how is None else how.with_sets(answers)

    def record(self, data: AbstractData, part: str = "test") -> Record:
        """The task's record over a part of data of the kind that it was trained on."""
        source = evaluation_source(self.experiment, data, part, self.task)
        with self.experiment.engine.active():
            return predictions(self.task, self.network, source)


def task_like(folder: RunFolder, allow_modules: Collection[str]) -> tuple[AbstractTask[Any, Any], AbstractData]:
    """The task of a run, and its data without their items."""
    experiment = folder.experiment(allow_modules)
    kind = find(experiment.task.name, TASKS, "task", allow_modules)
    like = kind.family.like(folder.facts()["data"])
    return build_task(experiment, like, allow_modules), like
