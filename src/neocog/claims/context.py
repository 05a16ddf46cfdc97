"""Context: what an experiment is given: data, a way to train, and how long it may take."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from neocog.claims.trained import Trained
from neocog.core.errors import TrainingProblem
from neocog.core.progress import AbstractProgress, Silent
from neocog.core.shapes import Image, Vector
from neocog.data.images import ImageData
from neocog.data.open import DataChoice, open_images
from neocog.runs.train import train

SEEDS = tuple(range(5))
OTHER_SEEDS = tuple(range(100, 105))
"""For a control that trains the same network twice."""
DEVICE = "cpu"  # the networks are so small that a GPU would only be waited for
QUICK_STEPS, QUICK_SEEDS = 3, 2


@dataclass(frozen=True)
class Context:
    """What every experiment gets.

    Args:
        place: a folder for runs; what is in it is not needed afterwards.
        root: folder of MNIST's files, which are used in the place of digits then.
        quick: a few steps of two seeds: it shows that the code runs, and nothing else.
        progress: told of each run.
    """

    place: Path
    root: str | None = None
    quick: bool = False
    progress: AbstractProgress = field(default_factory=Silent)
    numbers: Iterator[int] = field(default_factory=count)

    def images(self, size: int | None = None, per_class: int | None = None, without: Sequence[str] = ()) -> ImageData:
        """Handwritten digits: 8x8 pixels, scikit-learn's, enlarged to ``size``; or MNIST.

        Args:
            size: pixels of a side.
            per_class: training images of each class; all if it is None, of MNIST 200.
            without: classes to leave out.
        """
        mnist = self.root is not None
        choice = DataChoice(
            name="mnist" if mnist else "digits",
            root=self.root,
            size=None if mnist else size,
            val=0.05,
            test=0.1 if self.quick else 0.4,
            per_class=per_class if per_class is not None else 200 if mnist else None,
            ignore_class=tuple(without),
        )
        return open_images(choice, keep=False)

    def train(
        self,
        data: ImageData,
        network: str,
        *,
        steps: int,
        seeds: Sequence[int] = SEEDS,
        augment: str = "none",
        settings: Mapping[str, Any] | None = None,
        start: Path | None = None,
    ) -> Trained:
        """Train one network with several seeds by `neocog.train`, on the processor.

        Batches are of 32 images, and the last weights are kept: nothing is chosen on validation data, so that a
        network is not saved from overfitting by stopping early.

        Args:
            data: what to train on.
            network: with options, as on the command line.
            steps: updates of each run.
            seeds: one run for each.
            augment: as in `neocog.train`.
            settings: as in `neocog.train`; those above can be changed.
            start: a run whose weights they all begin with.
        """
        runs = []
        for seed in seeds[:QUICK_SEEDS] if self.quick else seeds:
            runs.append(
                train(
                    data,
                    network,
                    budget=f"steps={min(steps, QUICK_STEPS) if self.quick else steps}",
                    seed=seed,
                    into=self.place / f"run-{next(self.numbers)}",
                    device=DEVICE,
                    augment=augment,
                    start=start,
                    settings={"plan.batch_size": 32, "plan.evaluations": 1, **(settings or {})},
                    progress=_Wordless(self.progress),
                )
            )
        return Trained(runs, data)

    def attempt(
        self, data: ImageData, network: str, *, steps: int, seed: int, settings: Mapping[str, Any]
    ) -> Trained | None:
        """One run, or None where its loss stops being a number."""
        with suppress(TrainingProblem):
            return self.train(data, network, steps=steps, seeds=(seed,), settings=settings)
        return None


def shapes(data: ImageData) -> tuple[Image, Vector]:
    """What a network takes and gives for these data."""
    return data.takes, Vector(len(data.classes))


@contextmanager
def context_in(
    folder: Path, *, root: str | None = None, quick: bool = False, progress: AbstractProgress | None = None
) -> Iterator[Context]:
    """A context whose runs lie in a folder of their own inside ``folder``, and are gone afterwards."""
    with TemporaryDirectory(prefix=".runs-", dir=folder, ignore_cleanup_errors=True) as place:
        yield Context(Path(place), root, quick, progress or Silent())


class _Wordless(AbstractProgress):
    """Tells how far a run is, but not what it says of its data each time."""

    def __init__(self, told: AbstractProgress) -> None:
        self.told = told

    def say(self, text: str) -> None:
        """Nothing."""

    def start(self, what: str, total: float, unit: str) -> None:
        """As it is."""
        self.told.start(what, total, unit)

    def advance(self, done: float, score: str = "") -> None:
        """As it is."""
        self.told.advance(done)

    def end(self) -> None:
        """As it is."""
        self.told.end()
