"""Networks whose invariances are known, and what they are worth on perturbed blobs: for tests and for a report."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from comparison_example import example
from neocog.audit.perturbations import Levels, strengths
from neocog.core.options import defaults_of
from neocog.core.progress import Silent
from neocog.data.images import ImageData, ImagePart
from neocog.data.preparation import Preparation
from neocog.fit.descent import Descent
from neocog.runs.experiment import StartOptions
from neocog.runs.perturbed_runs import Probe, TrainedRun, measure
from neocog.runs.predictor import Predictor
from neocog.runs.sensitivity_kept import Sensitivity
from neocog.runs.sensitivity_summary import summed_up
from neocog.tasks.classify import Classify

SIDE, BLOB = 12, 4


class Brightest(nn.Module):
    """Class 1 where the brightest value is above 0.6: does not care where it is, but how much contrast there is."""

    def forward(self, images: Tensor) -> Tensor:
        sure = 20 * (images.amax((1, 2, 3)) - 0.6)
        return torch.stack([-sure, sure], 1)


class Sided(nn.Module):
    """Class 1 where the right half is brighter than the left: cares for nothing but the place."""

    def forward(self, images: Tensor) -> Tensor:
        sure = 5 * (images[..., SIDE // 2 :].sum((1, 2, 3)) - images[..., : SIDE // 2].sum((1, 2, 3)))
        return torch.stack([-sure, sure], 1)


def blobs() -> ImageData:
    """Squares of 4 pixels on black; class 1 is brighter, and stands right of the middle, class 0 left of it."""
    images, labels = np.zeros((40, SIDE, SIDE, 1), np.uint8), np.arange(40) % 2
    for image, label in zip(images, labels):
        left = 6 if label else 2
        image[4 : 4 + BLOB, left : left + BLOB] = 204 if label else 102
    part = ImagePart(images, labels.astype(np.int64), [f"{i}" for i in range(40)])
    preparation = Preparation(1, SIDE, SIDE, 255, (0.0,), (1.0,))
    return ImageData("blobs", ("dim", "bright"), part, part, part, preparation, "f" * 64)


def known(network: nn.Module, label: str, data: ImageData) -> TrainedRun:
    """A network that was never trained, as a run that was scored."""
    predictor = Predictor.__new__(Predictor)
    predictor.task = Classify.for_data(data, Descent())
    predictor.network, predictor._like = network.eval(), data
    engine = SimpleNamespace(device="cpu", active=nullcontext)
    predictor.experiment = SimpleNamespace(engine=engine, start=StartOptions())
    units = data.preparation.to_unit(torch.from_numpy(data.test.images))
    record = {"probabilities": torch.softmax(network(units), 1).numpy(), "labels": np.asarray(data.test.labels)}
    return TrainedRun(label, 0, predictor, record)


def made_up(*labels: str) -> Sensitivity:
    """All changes at their usual levels, and these names on networks that see the brightest value and a side."""
    data = blobs()
    runs = [known((Brightest, Sided)[place % 2](), label, data) for place, label in enumerate(labels)]
    levels = {name: strengths(name, given, SIDE, SIDE) for name, given in defaults_of(Levels).items()}
    probe = Probe(data, levels, 40, 0)
    return summed_up(probe, runs, measure(probe, runs, None, Silent()), example(), notes=("A note.",), seconds=1.0)
