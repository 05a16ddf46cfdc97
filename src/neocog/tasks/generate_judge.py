"""Judge: what drawn images are held against, learnt from real images alone."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn
from torch.nn import functional as F

from neocog.core.batch import blank
from neocog.core.errors import DataProblem
from neocog.core.seeds import permutation, stream
from neocog.core.shapes import Image
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageBatch, ImageData, ImagePart
from neocog.data.preparation import Preparation
from neocog.fit.descent import Descent
from neocog.fit.loop import fit
from neocog.fit.plan import Plan
from neocog.learners.one_loss import OneLoss
from neocog.measures.frechet import Moments, frechet_distance, moments
from neocog.nn.activations import initialise
from neocog.tasks.generate_gaussian import gaussian_images
from neocog.tasks.task import Loss

SEED = 0  # one judge for all runs on the same data, so that their distances are of one kind
FEWEST = 8
SPREAD = 100.0  # of the reference's features, to which all are scaled
MOST_COMPARED = 10_000
_MOST_LEARNT = 20_000
_WIDTH, _FEWEST_MAPS, _LAST_SIDE, _BATCH = 64, 16, 7, 128
_STEPS, _MOST_STEPS, _PASSES = 60, 400, 30
_BLOCK = 8192
_KEPT = 2  # judges


class Found(NamedTuple):
    """What the judge makes of some images: ``features`` (n x d), and the class that it takes each for."""

    features: Float[np.ndarray, "n d"]
    said: Int[np.ndarray, "n"]


class Nearest(NamedTuple):
    """The nearest training image of each image: root mean square difference of pixels (0 to 1), and its row."""

    distances: Float[np.ndarray, "n"]
    rows: Int[np.ndarray, "n"]


@dataclass(frozen=True)
class Judge:
    """A small classifier that knows half of the real images, and how the features of the others are spread.

    The real images (the training part; of new data without one, all there are) are divided by chance: the first half
    trains the classifier, the third and fourth quarters are two samples of real images that it never saw. One is the
    ``reference``; ``real_distance`` is the Frechet distance of the other from it, so that drawn images can be
    compared with real ones. ``gaussian_distance`` is that of images drawn from one Gaussian per class over the
    principal components of pixels. Features are scaled so that the reference's variances sum to 100: a distance of 1
    is one per cent of the spread of real images.

    ``trained`` is False where the data have fewer than two classes: then the features are those of a network with
    random weights.
    """

    network: nn.Sequential
    preparation: Preparation
    trained: bool
    scale: float
    reference: Moments
    real_distance: float
    gaussian_distance: float
    shares: tuple[float, ...]
    real: ImagePart
    _known: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    def features(self, images: Float[Tensor, "n c h w"]) -> Found:
        """Of prepared images."""
        found = _found(self.network, images)
        return Found(found.features * np.float32(self.scale), found.said)

    def nearest(self, unit_images: Float[np.ndarray, "n h w c"]) -> Nearest:
        """Among the real images; in chunks, so that memory does not grow with them."""
        asked = torch.from_numpy(unit_images).flatten(1)
        best = torch.full((len(asked),), torch.inf)
        rows = torch.zeros(len(asked), dtype=torch.int64)
        for start in range(0, len(self.real), _BLOCK):
            block = torch.from_numpy(_units(self.real.images[start : start + _BLOCK], self.preparation)).flatten(1)
            squared = torch.addmm(block.square().sum(1), asked, block.t(), alpha=-2)
            value, place = squared.min(1)
            rows = torch.where(value < best, place + start, rows)
            best = torch.minimum(value, best)
        mean = ((best + asked.square().sum(1)) / asked.shape[1]).clamp(min=0)
        return Nearest(mean.sqrt().numpy(), rows.numpy())

    def nearest_of_test(self, test: ImagePart, most: int) -> Float[np.ndarray, "n"]:
        """Distances from the first test images to the training images nearest to them; looked for once."""
        if most not in self._known:
            rows = np.arange(min(most, len(test)))
            self._known[most] = self.nearest(units_of(test, rows, self.preparation)).distances
        return self._known[most]


class JudgesOffice:
    """Judges by the data's fingerprint: each learns once per process, and is saved nowhere."""

    def __init__(self) -> None:
        self._judges: OrderedDict[str, Judge] = OrderedDict()

    def judge_of(self, data: ImageData) -> Judge:
        """The judge of these data.

        Raises:
            DataProblem: ``generate-too-few`` images to judge by.
        """
        known = self._judges.get(data.fingerprint) if data.fingerprint else None
        if known is None:
            known = make_judge(data)
            self._judges[data.fingerprint] = known
            if len(self._judges) > _KEPT:
                self._judges.popitem(last=False)
        return known


OFFICE = JudgesOffice()


def make_judge(data: ImageData) -> Judge:
    """Learn a judge; the same data give the same judge, whatever was drawn at random before.

    Raises:
        DataProblem: ``generate-too-few``.
    """
    real = data.train if len(data.train) else data.test
    if len(real) < FEWEST:
        raise DataProblem(
            "generate-too-few",
            f"{len(real)} images are too few to judge drawn images by",
            where=data.name,
            help=f"give at least {FEWEST} images",
        )
    order = permutation(len(real), SEED, "judge").numpy()
    half, quarter = len(real) // 2, len(real) // 4
    counts = np.bincount(real.labels, minlength=len(data.classes))
    trained = int((counts > 0).sum()) > 1
    with _alone():
        torch.manual_seed(stream(SEED, "judge"))
        network = _classifier(data.takes, max(2, len(data.classes)))
        if trained:
            _learn(network, _some(real, order[:half][:_MOST_LEARNT]), data.preparation)
        network.eval().requires_grad_(False)
        reference, other = (
            _features_of(network, _some(real, rows[:MOST_COMPARED]), data.preparation)
            for rows in (order[half : half + quarter], order[half + quarter :])
        )
        scale = float(np.sqrt(SPREAD / max(np.trace(moments(reference).covariance), np.finfo(np.float32).tiny)))
        few = _some(real, np.arange(len(real))[:_MOST_LEARNT])
        gaussian = gaussian_images(_units(few.images, data.preparation), few.labels, len(other), SEED)
        prepared = data.preparation.standardise(torch.from_numpy(gaussian).permute(0, 3, 1, 2))
        spread = moments(reference * scale)
        return Judge(
            network=network,
            preparation=data.preparation,
            trained=trained,
            scale=scale,
            reference=spread,
            real_distance=frechet_distance(moments(other * scale), spread),
            gaussian_distance=frechet_distance(moments(_found(network, prepared).features * scale), spread),
            shares=tuple(float(count) for count in counts / counts.sum()),
            real=real,
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Learn inside whatever surrounds it: no gradients are off, no precision is reduced, no random state moves."""
    plainly = torch.autocast("cpu", enabled=False)
    with torch.random.fork_rng(devices=[]), torch.inference_mode(False), torch.enable_grad(), plainly:
        yield


def _classifier(takes: Image, classes: int) -> nn.Sequential:
    """``body``, strided convolutions down to a few pixels and a dense layer, and ``output``."""
    layers: list[nn.Module] = []
    before, side, maps = takes.channels, min(takes.height, takes.width), _FEWEST_MAPS
    while side > _LAST_SIDE or not layers:
        layers += [nn.Conv2d(before, maps, 3, stride=2, padding=1), nn.ReLU()]
        before, side, maps = maps, -(-side // 2), min(2 * maps, _WIDTH)
    layers += [nn.Flatten()]
    with torch.no_grad():
        units = nn.Sequential(*layers)(blank(takes, 1)).numel()
    body = nn.Sequential(*layers, nn.Linear(units, _WIDTH), nn.ReLU())
    output = nn.Linear(_WIDTH, classes)
    initialise(body, "relu")
    initialise(output, "glorot")
    return nn.Sequential(OrderedDict(body=body, output=output))


def _learn(network: nn.Sequential, part: ImagePart, preparation: Preparation) -> None:
    def loss(module: nn.Module, batch: ImageBatch) -> Loss:
        parts: Mapping[str, Tensor] = {}
        return Loss(F.cross_entropy(module(batch.images), batch.labels), parts)

    steps = int(np.clip(_PASSES * len(part) / _BATCH, _STEPS, _MOST_STEPS))
    source = ImageSource(part, preparation, batch_size=_BATCH, channels_last=True)
    network.to(memory_format=torch.channels_last)
    learner = OneLoss[ImageBatch](network, loss, Descent(rate=2e-3))
    fit(learner, source, Plan(steps, SEED, evaluate_every=steps), evaluate=lambda network: {})


def _features_of(network: nn.Sequential, part: ImagePart, preparation: Preparation) -> Float[np.ndarray, "n d"]:
    source = ImageSource(part, preparation, batch_size=1000, shuffle=False)
    return np.concatenate([_found(network, batch.images).features for batch in source.batches(0, 0)])


def _found(network: nn.Sequential, images: Float[Tensor, "n c h w"]) -> Found:
    """Features before the output layer and the class that follows, in float32 on the CPU; some at a time."""
    features, said = [], []
    with torch.inference_mode(), torch.autocast("cpu", enabled=False):
        for some in images.detach().cpu().float().split(1000):
            feature = network.get_submodule("body")(some)
            features.append(feature)
            said.append(network.get_submodule("output")(feature).argmax(1))
    return Found(torch.cat(features).numpy(), torch.cat(said).numpy())


def to_units(images: Float[Tensor, "n c h w"], preparation: Preparation) -> Float[np.ndarray, "n h w c"]:
    """Prepared images as pixels from 0 to 1."""
    planes = (-1, 1, 1)
    std, mean = torch.tensor(preparation.std).view(planes), torch.tensor(preparation.mean).view(planes)
    units = (images.detach().cpu().float() * std + mean).clamp(0, 1)
    return units.permute(0, 2, 3, 1).contiguous().numpy()


def units_of(part: ImagePart, rows: np.ndarray, preparation: Preparation) -> Float[np.ndarray, "n h w c"]:
    """Some images of a part as pixels from 0 to 1."""
    return _units(np.asarray(part.images[rows]), preparation)


def _some(part: ImagePart, rows: np.ndarray) -> ImagePart:
    rows = np.sort(rows)
    return ImagePart(np.asarray(part.images[rows]), part.labels[rows], [part.names[row] for row in rows])


def _units(images: Shaped[np.ndarray, "n h w c"], preparation: Preparation) -> Float[np.ndarray, "n h w c"]:
    return np.asarray(images, np.float32) / np.float32(preparation.top)
