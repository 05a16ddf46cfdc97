"""ImageClassifier: the networks as a scikit-learn estimator."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from neocog.core.catalogue import ANY_MODULE, Spec
from neocog.core.errors import DataProblem, TrainingProblem, UsageProblem
from neocog.core.seeds import stream
from neocog.data.images import ImageData, ImagePart
from neocog.data.open import DataChoice
from neocog.data.preparation import Preparation
from neocog.data.split import Split, split_rows
from neocog.fit.engine import Engine
from neocog.fit.history import Outcome, Row
from neocog.fit.loop import Observer, fit
from neocog.networks import NETWORKS
from neocog.runs.budget import Budget
from neocog.runs.build import Parts, build, build_task, evaluation_source, plan_of, predictions
from neocog.runs.experiment import Experiment
from neocog.runs.patience import patience
from neocog.runs.setup import IN_MEMORY, Question, resolve, task_for

ENOUGH_TO_CHOOSE = 200
FEWEST_STEPS = 100
EPOCHS = Budget("epochs", 20)
_CHOOSING = Split(val=0.1, test=0.0)
_ROWS_AT_ONCE = 4096


class ImageClassifier(ClassifierMixin, BaseEstimator):
    """A network that learns to tell classes of images apart, for pipelines, cross-validation and grid search.

    It trains as `neocog.train` does, in memory, and leaves no files.

    **Images** are n x height x width, n x height x width x channels, or flattened rows n x features with
    ``image_shape``; rows without ``image_shape`` are images of 1 x features. 8-bit and 16-bit unsigned whole numbers
    are taken as pixels. All other numbers are mapped linearly to 16 bits, from the range of the training images (one
    range for all features: scale features of different units first); what lies outside it in prediction is clipped.

    **Choosing.** From 200 training images on, a tenth of them, of each class in proportion, is kept to choose the
    best checkpoint by, and does not train. With fewer, all of them train and the last weights are kept.

    Args:
        network: a name, with options where wanted (``"resnet[depth=20]"``), or ``module:Class``. None is ``simple-cnn``
            for images, and ``mlp`` for rows without ``image_shape`` and images under 4 pixels.
        image_shape: ``(height, width)`` or ``(height, width, channels)`` of flattened rows.
        budget: length of the training: ``"epochs=20"`` or ``"steps=2000"``. None is 20 epochs, but at least 100 steps.
        settings: dotted options, such as ``{"descent.rate": 0.01, "plan.batch_size": 64}``.
        augment: ``"none"``, ``"default"`` (by the kind of images) or options such as ``"rotation=15,shift=0.1"``.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``. Pickled, the network is on the CPU.
        random_state: names the initial weights, the order of the images and so on; the same whole number gives the
            same network on the same machine. None gives another network each time. numpy's and torch's global
            generators are neither used nor moved.

    Attributes:
        classes_: the labels, sorted.
        n_features_in_: length of the second axis of the training array.
        feature_names_in_: names of the columns, where the training images were a data frame of rows.
        image_shape_: height, width, channels.
        network_: the trained ``torch.nn.Module``.
        experiment_: everything that was decided, as in a run folder.
        history_: measured rows (losses, validation scores) and how the training ended.

    Raises:
        UsageProblem: an unknown name or option, or images of another shape; it is a ``ValueError``.
        DataProblem: only one class; it is a ``ValueError``.
        TrainingProblem: the loss stopped being a number.

    Examples:
        >>> from sklearn.datasets import load_digits
        >>> from neocog import ImageClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> model = ImageClassifier("simple-cnn", image_shape=(8, 8), random_state=0)
        >>> model.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])  # doctest: +SKIP
        0.93...
    """

    # Any: scikit-learn's rule is that whatever is given is stored, and looked at in fit.
    def __init__(
        self,
        network: Any = None,
        *,
        image_shape: Any = None,
        budget: Any = None,
        settings: Any = None,
        augment: Any = "none",
        device: Any = "auto",
        random_state: Any = None,
    ) -> None:
        self.network = network
        self.image_shape = image_shape
        self.budget = budget
        self.settings = settings
        self.augment = augment
        self.device = device
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "ImageClassifier":
        """Train a new network on images and their labels."""
        X, y = validate_data(self, X, y, allow_nd=True)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataProblem(
                "labels-one-class",
                f"y has 1 class only ({self.classes_[0]}); there is nothing to tell apart",
                help="give images of at least two classes",
            )
        self.image_shape_ = _shape_of(X, self.image_shape)
        self._range = _Range.of(X)
        data = _data(self._range.pixels(X, self.image_shape_), labels, self.classes_)
        experiment = self._resolved(data, flat=X.ndim == 2 and self.image_shape is None)
        self.experiment_ = experiment
        self._preparation = data.preparation
        cuda = [torch.device("cuda")] if experiment.engine.device == "cuda" else []
        with experiment.engine.active(), torch.random.fork_rng(devices=cuda):
            self._train(experiment, data)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, in the order of ``classes_``: one row per image."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, allow_nd=True)
        shape = _shape_of(X, self.image_shape)
        if shape != self.image_shape_:
            raise _other_shape(X, f"images of {_by(shape)}", f"the network was trained on {_by(self.image_shape_)}")
        part = _part(self._range.pixels(X, shape), np.zeros(len(X), np.int64))
        data = _labelled_data(self.classes_, part, part, self._preparation)
        # In fp32, not the precision of training: what is said of an image hardly depends on those beside it.
        engine = Engine(device=next(self.network_.parameters()).device.type, precision="fp32")
        experiment = replace(self.experiment_, engine=engine)
        with engine.active():
            task = build_task(experiment, data, ANY_MODULE)
            record = predictions(task, self.network_, evaluation_source(experiment, data, "test", task))
        probabilities = record["probabilities"].astype(np.float64)
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each image."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def _resolved(self, data: ImageData, *, flat: bool) -> Experiment:
        spec = _spec(self.network, data, flat=flat)
        experiment = resolve(
            Question(task_for(None, None)[0], DataChoice(name=IN_MEMORY), data),
            spec,
            device=self.device,
            augment=self.augment,
            settings={**(self.settings or {}), "plan.seed": _seed(self.random_state)},
            allow_modules=ANY_MODULE,
        )
        batch = experiment.plan.batch_size
        assert batch is not None
        per_epoch = max(1, len(data.train) // batch)
        steps = _steps(self.budget, per_epoch)
        return replace(experiment, plan=replace(experiment.plan, steps=steps))

    def _train(self, experiment: Experiment, data: ImageData) -> None:
        """The loop that every run goes through, with the best weights kept in memory."""
        parts = build(experiment, data, ANY_MODULE)
        torch.manual_seed(stream(experiment.plan.seed, "training"))
        best = _Best(parts)
        val = parts.val()

        def evaluate(network: nn.Module) -> Mapping[str, float]:
            return parts.task.scores(predictions(parts.task, parts.seen(network), val)) if len(data.val) else {}

        observers: list[Observer] = [best, patience(experiment.plan.patience, parts.task, ())]
        self.history_ = fit(parts.learner, parts.source, plan_of(experiment), evaluate=evaluate, observers=observers)
        if self.history_.outcome is Outcome.DIVERGED:
            raise TrainingProblem(
                "run-diverged",
                Outcome.DIVERGED.value,
                where=str(experiment.network),
                help='give a smaller one, such as settings={"descent.rate": 1e-4}',
            )
        best.bring_back()
        self.network_ = parts.learner.network.eval()

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "network_" in state:
            state["network_"] = copy.deepcopy(state["network_"]).cpu()
        return state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


@dataclass(frozen=True)
class _Range:
    """Which numbers are black and white, and the kind of pixel that they become."""

    low: float
    high: float
    kind: Any

    @staticmethod
    def of(X: np.ndarray) -> "_Range":
        if X.dtype in (np.uint8, np.uint16):
            return _Range(0, int(np.iinfo(X.dtype).max), X.dtype.type)
        return _Range(float(X.min()), float(X.max()), np.uint16)

    def pixels(self, X: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
        """The images as pixels, n x h x w x c."""
        if X.dtype == self.kind:
            return np.ascontiguousarray(X).reshape(len(X), *shape)
        pixels = np.empty((len(X), *shape), self.kind)
        half = self.high / 2 - self.low / 2  # halves: the whole range can be too large for a float
        for start in range(0, len(X), _ROWS_AT_ONCE):
            some = slice(start, start + _ROWS_AT_ONCE)
            share = (X[some].astype(np.float64) / 2 - self.low / 2) / half if half else np.zeros(X[some].shape)
            pixels[some] = np.rint(share.clip(0, 1) * np.iinfo(self.kind).max).reshape(-1, *shape)
        return pixels


class _Best:
    """The observer that keeps the weights with the best validation score; of equal ones the later."""

    def __init__(self, parts: Parts) -> None:
        self._network = parts.learner.network
        self._headline = parts.task.headline
        self._score: float | None = None
        self._weights: dict[str, Tensor] = {}

    def __call__(self, row: Row) -> Outcome | None:
        if row.scores:
            score = row.scores[self._headline.name] * (1 if self._headline.higher_is_better else -1)
            if self._score is None or score >= self._score:
                self._score = score
                self._weights = {name: value.clone() for name, value in self._network.state_dict().items()}
        return None

    def bring_back(self) -> None:
        """Give the network its best weights, if any were scored."""
        if self._weights:
            self._network.load_state_dict(self._weights)


def _data(pixels: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> ImageData:
    """The training images, less those that are kept for choosing."""
    train, val = np.arange(len(labels)), np.arange(0)
    if len(labels) >= ENOUGH_TO_CHOOSE:
        train, val, _ = split_rows(labels, None, _CHOOSING)
    preparation = Preparation.measured(pixels[train])
    return _labelled_data(classes, _part(pixels[train], labels[train]), _part(pixels[val], labels[val]), preparation)


def _labelled_data(classes: np.ndarray, train: ImagePart, val: ImagePart, preparation: Preparation) -> ImageData:
    names = tuple(str(label) for label in classes)
    return ImageData(IN_MEMORY, names, train, val, val, preparation, fingerprint="")


def _part(pixels: np.ndarray, labels: np.ndarray) -> ImagePart:
    return ImagePart(pixels, labels, [""] * len(labels))


def _shape_of(X: np.ndarray, image_shape: Any) -> tuple[int, int, int]:
    """Height, width and channels of the images in an array."""
    if image_shape is not None:
        sizes = tuple(image_shape)
        if len(sizes) not in (2, 3) or not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
            raise UsageProblem(
                "image-shape",
                f"image_shape cannot be {image_shape}",
                where=f"image_shape={image_shape}",
                help="give (height, width) or (height, width, channels), in pixels",
            )
        height, width, channels = (int(size) for size in (*sizes, 1)[:3])
        if X.ndim == 2 and X.shape[1] != height * width * channels:
            raise _other_shape(X, f"rows of {X.shape[1]:,} numbers", f"image_shape needs {height * width * channels:,}")
        if X.ndim > 2 and (*X.shape[1:], 1)[:3] != (height, width, channels):
            raise _other_shape(X, f"images of {_by(X.shape[1:])}", f"image_shape says {_by(sizes)}")
        return height, width, channels
    if X.ndim > 4:
        raise _other_shape(X, f"an array of {X.ndim} axes", "images have 2 to 4: n x h x w x c at most")
    if X.ndim == 2:
        return 1, X.shape[1], 1
    height, width, channels = (*X.shape[1:], 1)[:3]
    return height, width, channels


def _other_shape(X: np.ndarray, what: str, expected: str) -> UsageProblem:
    return UsageProblem(
        "image-shape",
        f"X holds {what}, but {expected}",
        where=f"X has the shape {X.shape}",
        note="nothing was trained or predicted",
        help="give n x height x width (x channels), or rows with image_shape=(height, width[, channels])",
    )


def _by(sizes: Sequence[int]) -> str:
    return " x ".join(str(size) for size in sizes)


def _spec(network: str | Spec | None, data: ImageData, *, flat: bool) -> Spec:
    if network is not None:
        return network if isinstance(network, Spec) else Spec.parse(network)
    small = min(data.takes.height, data.takes.width) < NETWORKS["simple-cnn"].facts.smallest
    return Spec("mlp" if flat or small else "simple-cnn")


def _steps(budget: str | None, per_epoch: int) -> int:
    if budget is None:
        return max(FEWEST_STEPS, EPOCHS.steps(per_epoch))
    parsed = Budget.parse(budget)
    if parsed.timed:
        raise UsageProblem(
            "budget-timed",
            f"an estimator cannot be given a time ({parsed}): it must train alike whenever it is fitted",
            where=f"budget={budget!r}",
            help='give budget="epochs=20" or budget="steps=2000"; `neocog.train` takes times',
        )
    return parsed.steps(per_epoch)


def _seed(random_state: Any) -> int:
    """A seed that leaves numpy's global generator alone."""
    if random_state is None or random_state is np.random:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
