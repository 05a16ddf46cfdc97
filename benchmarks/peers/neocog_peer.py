"""neocog: its own source, learner, loop and table of rules, with Adam at 1e-3 as the others."""

import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from arguments import BATCH, SEGMENT, peer_arguments

from neocog.cli.allocator import keep_memory

keep_memory()  # as the command line does, before torch is imported

import numpy as np  # noqa: E402
import torch  # noqa: E402

from neocog.core.shapes import Image, Vector  # noqa: E402
from neocog.core.source import AbstractSource  # noqa: E402
from neocog.data.image_source import ImageSource  # noqa: E402
from neocog.data.images import ImageBatch, ImagePart  # noqa: E402
from neocog.data.preparation import Preparation  # noqa: E402
from neocog.fit.descent import Descent  # noqa: E402
from neocog.fit.engine import Engine  # noqa: E402
from neocog.fit.history import Outcome, Row  # noqa: E402
from neocog.fit.loop import fit  # noqa: E402
from neocog.fit.plan import Plan  # noqa: E402
from neocog.fit.rules import rules_for  # noqa: E402
from neocog.networks import NETWORKS  # noqa: E402
from neocog.tasks.classify import Classify  # noqa: E402

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "simple-cnn": ("simple-cnn", {}),
    "mlp": ("mlp", {"widths": (512, 256), "dropout": 0.0}),
    "lenet5": ("lenet5", {}),
    "resnet8": ("resnet", {"depth": 8}),
}


class Clock:
    """Seconds of each epoch and segment; an observer of the loop."""

    def __init__(self, per_epoch: int) -> None:
        self.per_epoch = per_epoch
        self.epochs: list[float] = []
        self.segments: list[float] = []
        self._began = self._mark = time.perf_counter()

    def __call__(self, row: Row) -> Outcome | None:
        """Note a full segment or epoch."""
        place = row.step % self.per_epoch
        if place and place % SEGMENT:
            return None
        now = time.perf_counter()
        if place % SEGMENT == 0 and place:
            self.segments.append(now - self._mark)
        if not place:
            self.epochs.append(now - self._began)
            self._began = now
        self._mark = now
        return None


class Shortened(AbstractSource[ImageBatch]):
    """Only the first batches of each pass."""

    def __init__(self, source: ImageSource, size: int) -> None:
        self._source, self.size = source, size

    def batches(self, epoch: int, seed: int) -> Iterator[ImageBatch]:
        """One short pass."""
        yield from islice(self._source.batches(epoch, seed), self.size)


def read(root: str, part: str) -> ImagePart:
    """Images as stored, and labels."""
    folder = Path(root) / "MNIST" / "raw"
    images = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28, 1)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8)[8:].astype(np.int64)
    return ImagePart(images, labels, [str(i) for i in range(len(labels))])


def main() -> None:
    """Train, and print one line of JSON."""
    chosen = peer_arguments()
    train, test = read(chosen.root, "train"), read(chosen.root, "t10k")
    preparation = Preparation.measured(train.images)
    name, options = MODELS[chosen.model]
    takes = Image(1, 28, 28)
    engine = Engine(device="cpu", precision=chosen.precision or "auto").resolve(rules_for(name, takes, "cpu"))
    torch.manual_seed(chosen.seed)
    network = engine.place(NETWORKS[name](takes, Vector(10), **options))
    source: AbstractSource[ImageBatch] = ImageSource(
        train, preparation, batch_size=BATCH, channels_last=bool(engine.channels_last)
    )
    if chosen.steps:
        source = Shortened(source, chosen.steps)
    with engine.active():
        engine.compiled(network)
        descent = Descent(optimizer="adam", schedule="constant")
        classes = tuple(str(digit) for digit in range(10))
        learner = Classify(classes, tuple(np.bincount(train.labels).tolist()), descent).learner(network)
        steps = source.size or 0
        plan = Plan(steps * chosen.epochs, chosen.seed, evaluate_every=steps * chosen.epochs)
        clock = Clock(steps)
        fit(learner, source, plan, evaluate=lambda network: {}, observers=[clock])
        looking = ImageSource(test, preparation, batch_size=1000, shuffle=False)
        right = 0
        network.eval()
        with torch.inference_mode():
            for batch in looking.batches(0, 0):
                right += int((network(batch.images).argmax(1) == batch.labels).sum())
    result = {"epochs": clock.epochs, "segments": clock.segments, "accuracy": right / len(test)}
    print(json.dumps({**result, "engine": {"precision": engine.precision, "compile": engine.compile}}))


if __name__ == "__main__":
    main()
