"""Generate: what it refuses, what it records, what it answers."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import parse
from neocog.core.progress import Silent
from neocog.core.shapes import Vector
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.images import ImageData, ImagePart, images_like
from neocog.data.preparation import Preparation
from neocog.data.readers.choice import DataChoice
from neocog.fit.descent import Descent
from neocog.networks.gan import GAN, Realness
from neocog.networks.mlp import MLP
from neocog.runs.build import predictions
from neocog.tasks.classify import Classify
from neocog.tasks.generate import Generate
from neocog.tasks.task import Record, Samples

CLASSES = ("left", "right")


def data(classes: int = 2, items: int = 60) -> ImageData:
    random = np.random.default_rng(3)
    images = random.integers(0, 60, (items, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(items) % classes
    images[labels == 0, :, :4] += 180
    part = ImagePart(images, labels, [f"#{row}" for row in range(items)])
    return ImageData("easy", CLASSES[:classes], part, part, part, Preparation.measured(images), f"easy-{classes}")


def made(some: ImageData, **options: Any) -> tuple[Generate, GAN]:
    task = Generate.for_data(some, Descent(optimizer="adam"), **{"noise": 5, **options})
    torch.manual_seed(0)
    network = task.assemble(GAN(some.takes, task.gives(some), width=4))
    assert isinstance(network, GAN)
    return task, network


def record_of(some: ImageData, part: str = "test", **options: Any) -> tuple[Generate, Record]:
    task, network = made(some, **options)
    return task, predictions(task, network, task.still(some, part, Batching(25)))


def answer(some: ImageData, **options: Any) -> Any:
    task, network = made(images_like({"name": "easy", "fingerprint": "", **some.facts()}))
    batch = task.inputs(some, task.items(()), "cpu")
    with torch.inference_mode():
        return task.answer(network.eval(), batch, **parse(Generate.answer, options, name="predict"))


def test_asks_for_classes_where_there_are_several() -> None:
    assert made(data())[0].gives(data()) == Realness(2, noise=5)
    assert made(data(), conditional=False)[0].gives(data()) == Realness(1, noise=5)
    assert made(data(1))[0].gives(data(1)) == Realness(1, noise=5)


def test_a_network_that_draws_nothing_is_refused() -> None:
    task, _ = made(data())
    with pytest.raises(UsageProblem) as caught:
        task.assemble(MLP(data().takes, Vector(2)))
    assert caught.value.code == "network-draws-nothing"


def test_draws_span_the_range_of_prepared_pixels() -> None:
    some = data()
    _, network = made(some)
    ends = some.preparation.standardise(torch.tensor([0.0, 1.0]).view(2, 1, 1, 1)).flatten().tolist()
    generator = network.generator
    assert [float(generator.low), float(generator.high)] == pytest.approx(ends)  # type: ignore[arg-type]


def test_scores_of_the_test_part() -> None:
    task, record = record_of(data())
    scores = task.scores(record)
    assert list(scores) == [
        "frechet_distance",
        "real_distance",
        "gaussian_distance",
        "smallest_class_share",
        "drawn_as_asked",
        "nearest_training_image",
        "nearest_of_test_images",
    ]
    assert scores["nearest_of_test_images"] == pytest.approx(0, abs=1e-3)  # here they are the training images
    assert scores["frechet_distance"] > scores["real_distance"]
    assert record["features"].shape == (60, 64) and len(record["nearest"]) == 60
    assert task.item_scores(record).mean() == pytest.approx(scores["frechet_distance"])


def test_a_look_at_the_validation_part_is_short() -> None:
    task, record = record_of(data(), "val", look=40)
    assert len(record["features"]) == 40
    assert "nearest" not in record and "nearest_training_image" not in task.scores(record)


@pytest.mark.parametrize(("classes", "conditional"), [(1, True), (2, False)])
def test_without_classes_nothing_is_said_of_what_was_asked(classes: int, conditional: bool) -> None:
    task, record = record_of(data(classes), conditional=conditional)
    scores = task.scores(record)
    assert "drawn_as_asked" not in scores
    assert ("smallest_class_share" in scores) is (classes > 1)
    assert bool(record["judge_trained"]) is (classes > 1)
    keys = [figure.key for figure in task.figures(Samples([], {"gan": [record]}, {}))]
    assert keys == ["draws", "nearest", "distances"] + ["classes"] * (classes > 1)


def test_figures_show_draws_beside_their_nearest_training_images() -> None:
    task, record = record_of(data())
    draws, nearest, distances, classes = task.figures(Samples([], {"gan": [record]}, {}))
    assert len(draws.galleries["draws"]) == 36 and "asked for left" in str(draws.table.rows)
    assert len(nearest.galleries["nearest"]) == 24 and "nearer than test images are" in nearest.alt
    assert "Gaussian" in distances.alt and "other real images" in distances.alt
    assert [row[0] for row in classes.table.rows] == list(CLASSES)


def test_training_batches_carry_noise_and_classes() -> None:
    some = data()
    task, network = made(some)
    first = next(iter(task.source(some, network, Batching(8), Augmentation()).batches(0, 0)))
    assert first.noise.shape == (8, 5) and set(first.asked.tolist()) <= {0, 1}
    numbers = task.learner(network).step(first, 0.0)
    assert numbers["loss"].isfinite()


def test_a_folder_with_one_class_will_do(tmp_path: Path) -> None:
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    for place, image in enumerate(data(1).train.images):
        Pillow.fromarray(image[..., 0]).save(tmp_path / "photos" / "cats" / f"{place}.png")
    choice = DataChoice(name=str(tmp_path / "photos"))
    opened = Generate.family.open(choice, download=False, keep=False, largest=64, progress=Silent())
    assert opened.classes == ("cats",)
    with pytest.raises(DataProblem):  # control: a task that tells classes apart needs two
        Classify.family.open(choice, download=False, keep=False, largest=64, progress=Silent())


def test_nothing_may_be_given() -> None:
    task, _ = made(data())
    assert task.items(()) == [None]
    with pytest.raises(UsageProblem) as caught:
        task.items(("a.png", "b.png"))
    assert caught.value.code == "generate-takes-nothing" and caught.value.where == ("a.png", "b.png")


def test_answers_with_a_grid_single_draws_and_a_strip() -> None:
    found = answer(data(), samples=12, seed=4)
    (value,) = found.values
    assert value["samples"] == 12 and value["seed"] == 4 and value["label"] is None
    assert value["pictures"] == ["samples.png", "interpolation.png"]
    assert [name for name in found.pictures if name.startswith("samples/")] == [
        f"samples/{place:05d}.png" for place in range(12)
    ]
    single = Pillow.open(BytesIO(found.pictures["samples/00003.png"]))
    assert single.size == (8, 8)
    strip = Pillow.open(BytesIO(found.pictures["interpolation.png"]))
    assert strip.size == (10 * (56 + 2) + 2, 2 * (56 + 2) + 2)


def test_answers_are_seeded_and_do_not_depend_on_how_many() -> None:
    few, more, others = answer(data(), samples=3), answer(data(), samples=6), answer(data(), samples=3, seed=1)
    assert few.pictures["samples/00002.png"] == more.pictures["samples/00002.png"]
    assert few.pictures["samples/00002.png"] != others.pictures["samples/00002.png"]


def test_a_class_may_be_named() -> None:
    right, both = answer(data(), samples=4, label="right"), answer(data(), samples=4)
    assert right.pictures["samples/00001.png"] == both.pictures["samples/00001.png"]
    assert right.pictures["samples/00000.png"] != both.pictures["samples/00000.png"]
    assert answer(data(), samples=4, truncation=0.1).pictures != both.pictures


@pytest.mark.parametrize(("classes", "label", "says"), [(2, "rihgt", "did you mean `right`?"), (1, "left", "without")])
def test_an_unknown_class_is_named(classes: int, label: str, says: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        answer(data(classes), label=label)
    assert caught.value.code == "generate-label" and says in str(caught.value)


@pytest.mark.parametrize("option", [{"samples": "0"}, {"seed": "-1"}, {"truncation": "0"}, {"tilt": "3"}])
def test_bad_options_of_an_answer_are_refused(option: dict[str, str]) -> None:
    with pytest.raises(UsageProblem):
        answer(data(), **option)
