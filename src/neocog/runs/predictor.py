"""Predictor: the one door to a trained network."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from neocog.core.errors import DataProblem
from neocog.data.as_trained import read_image
from neocog.data.images import ImageBatch, ImageData, ImagePart
from neocog.data.preparation import Preparation, fit_to
from neocog.runs.build import EVALUATION_BATCH, build_network, build_task, evaluation_source, predictions
from neocog.runs.checkpoints import load_newest
from neocog.runs.folder import RunFolder
from neocog.tasks.task import Record


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
        self._like = data_like(facts)
        self.task = build_task(self.experiment, self._like, allow_modules)
        network = build_network(self.experiment, self._like, self.task, allow_modules)
        network.load_state_dict(best.state["network"])
        self.network: nn.Module = network.eval()
        self.step = best.step

    @property
    def classes(self) -> tuple[str, ...]:
        """The class map, in the order of the outputs."""
        return self._like.classes

    @property
    def preparation(self) -> Preparation:
        """How images are made ready."""
        return self._like.preparation

    def predict(self, images: Any) -> list[dict[str, Any]]:
        """An answer for each image: ``label``, ``probability``, ``probabilities``.

        Args:
            images: a path, a list of paths, or an array (n x h x w, n x h x w x c, or one image).
        """
        return [answer for pixels in self._pixels(images) for answer in self._answers(pixels)]

    def record(self, part: ImagePart) -> Record:
        """The task's record over labelled images that are of the kind it was trained on."""
        source = evaluation_source(self.experiment, self._like, part)
        with self.experiment.engine.active():
            return predictions(self.task, self.network, source)

    def _answers(self, pixels: np.ndarray) -> list[dict[str, Any]]:
        device = self.experiment.engine.device
        images = self.preparation.normalise(torch.from_numpy(pixels).to(device))
        rows = torch.arange(len(images), device=device)
        with torch.inference_mode(), self.experiment.engine.active():
            return self.task.answers(self.task.predict(self.network, ImageBatch(images, rows, rows)))

    def _pixels(self, images: Any) -> Iterator[np.ndarray]:
        """Prepared pixels, n x h x w x c, at most a thousand at a time."""
        items = [images] if isinstance(images, str | Path) else images
        if isinstance(items, np.ndarray) and (items.ndim == 2 or (items.ndim == 3 and items.shape[-1] in (1, 3, 4))):
            items = items[None]
        for start in range(0, len(items), EVALUATION_BATCH):
            yield np.stack([self._one(item) for item in items[start : start + EVALUATION_BATCH]])

    def _one(self, item: Any) -> np.ndarray:
        if isinstance(item, str | Path):
            return read_image(Path(item), self.preparation)
        pixels = np.asarray(item)
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        self._refuse_other(pixels)
        return fit_to(pixels, (self.preparation.height, self.preparation.width))

    def _refuse_other(self, pixels: np.ndarray) -> None:
        """Only arrays of the kind that the network was trained on."""
        kind = np.uint8 if self.preparation.top == np.iinfo(np.uint8).max else np.uint16
        if pixels.ndim != 3 or pixels.shape[2] != self.preparation.channels or pixels.dtype != kind:
            raise DataProblem(
                "predict-array",
                f"an array of {pixels.dtype} with shape {pixels.shape} is no image for this network",
                help=f"give {np.dtype(kind)} arrays of height x width x {self.preparation.channels}",
            )


def data_like(facts: Mapping[str, Any]) -> ImageData:
    """The data of a run without its images: class map and preparation."""
    preparation = Preparation.from_dict(facts["data"]["preparation"])
    shape = (0, preparation.height, preparation.width, preparation.channels)
    empty = ImagePart(np.zeros(shape, np.uint8), np.zeros(0, np.int64), ())
    name, classes, fingerprint = (facts["data"][key] for key in ("name", "classes", "fingerprint"))
    return ImageData(name, tuple(classes), empty, empty, empty, preparation, fingerprint)
