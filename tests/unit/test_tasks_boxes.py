from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from neocog.core.errors import UsageProblem
from neocog.data.box_frames import unframed
from neocog.data.family import Batching
from neocog.figures.png import to_png
from neocog.fit.descent import Descent
from neocog.measures.average_precision import average_precision
from neocog.nn.anchor_free import AnchorFree
from neocog.nn.box_decoding import Found, edges_of, found_boxes
from neocog.nn.box_targets import NOTHING, UNSURE, targets_for
from neocog.runs.build import predictions
from neocog.runs.train import train
from neocog.tasks.boxes import DetectBoxes
from neocog.tasks.boxes_answers import box_answers
from neocog.tasks.boxes_figures import judged
from neocog.tasks.boxes_record import found_in, truth_in
from neocog.tasks.task import Samples
from table_boxes import boxes_parts
from tiny_boxes import tiny_boxes


def said_rightly(network: AnchorFree, batch: Any, classes: int) -> torch.Tensor:
    """What a perfect network says of a batch."""
    target = targets_for(network.places, batch.boxes, batch.labels)
    ours = target.labels >= 0
    logits = torch.full((*ours.shape, classes), -12.0)
    logits[ours] = torch.nn.functional.one_hot(target.labels[ours], classes) * 24.0 - 12
    centre = torch.logit(target.centre.clamp(1e-3, 1 - 1e-3))
    return torch.cat([target.distances.clamp(min=0.1), centre[..., None], logits], dim=2)


class Says(torch.nn.Module):
    """A network that says what it was given."""

    def __init__(self, said: torch.Tensor, places: torch.Tensor) -> None:
        super().__init__()
        self.said, self.places = said, places

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.said


def test_what_is_said_rightly_is_found_exactly() -> None:
    _, task, learner, _, still = boxes_parts(0)
    (batch,) = still.batches(0, 0)
    said = said_rightly(learner.network, batch, 2)
    found = found_boxes(said, learner.network.places, batch.frames, least=0.1, overlap=0.5, most=100)
    meter = task.meter()
    meter.update(found, batch)
    scores = task.scores(meter.record())
    assert scores["ap50"] == scores["ap"] == pytest.approx(1)
    assert scores["missed"] == scores["false_alarms"] == 0
    assert len(found[-1].labels) == 0  # the image without objects


def test_the_loss_is_least_where_it_is_right() -> None:
    _, task, learner, _, still = boxes_parts(0)
    (batch,) = still.batches(0, 0)
    network = learner.network

    right = said_rightly(network, batch, 2)
    parts = {name: float(value) for name, value in task.loss(Says(right, network.places), batch).parts.items()}
    assert parts["classes"] < 1e-3 and parts["boxes"] < 1e-2
    for column, part in ((0, "boxes"), (4, "centre"), (5, "classes")):
        worse = right.clone()
        worse[..., column] += 14
        assert float(task.loss(Says(worse, network.places), batch).parts[part]) > parts[part] + 1e-3


def test_scores_and_items_of_a_record() -> None:
    _, task, learner, _, still = boxes_parts(0)
    record = predictions(task, learner.network, still)
    assert record["rows"].tolist() == list(range(16))
    assert record["found_scores"].min(initial=1) >= 0.1
    assert task.item_scores(record).mean() == pytest.approx(task.scores(record)["ap50"])
    assert len(truth_in(record)) == record["true_labels"].shape[0] == len(tiny_boxes().test.labels)


def test_an_unsure_region_weighs_nothing() -> None:
    """What is said of classes there changes the loss of an image where it is background, and not where it is unsure."""
    _, task, learner, _, still = boxes_parts(0)
    (batch,) = still.batches(0, 0)
    labels = batch.labels.clone()
    labels[0, 0] = UNSURE
    none = replace(batch, labels=torch.where(labels == UNSURE, NOTHING, labels))
    unsure = replace(batch, labels=labels)
    target = targets_for(learner.network.places, unsure.boxes, labels)
    plain = said_rightly(learner.network, none, 2)
    shouted = plain.clone()
    shouted[..., 5:][target.labels == UNSURE] = 9.0
    assert (target.labels[0] == UNSURE).any()
    losses = {
        name: [float(task.loss(Says(said, learner.network.places), case).parts["classes"]) for said in (plain, shouted)]
        for name, case in (("unsure", unsure), ("none", none))
    }
    assert losses["unsure"][0] == pytest.approx(losses["unsure"][1])
    assert losses["none"][1] > losses["none"][0] + 0.1


def test_right_missed_and_wrong() -> None:
    _, task, _, _, still = boxes_parts(0)
    (batch,) = still.batches(0, 0)
    edges, kinds = batch.boxes[1], batch.labels[1]
    meter = task.meter()
    wrong = torch.cat([edges[:1], edges[:1] + 0.5])
    found = Found(wrong, kinds[[0, 0]], torch.tensor([0.9, 0.8]))
    meter.update([found], batch.select(torch.tensor([1])))
    record = meter.record()
    assert judged(found_in(record), truth_in(record), 0.5) == ([0], [1], [1])
    assert judged(found_in(record), truth_in(record), 0.95) == ([], [], [0, 1])


def test_answers_are_in_pixels_of_the_original(tmp_path: Path) -> None:
    data, task, _, _, _ = boxes_parts(0)
    picture = np.random.default_rng(0).integers(0, 255, (48, 96, 3), dtype=np.uint8)
    paths = [tmp_path / "a" / "x.png", tmp_path / "b" / "x.png"]
    for path in paths:
        path.parent.mkdir()
        Pillow.fromarray(picture).save(path)
    batch = task.inputs(data, task.items(paths), "cpu")
    assert batch.frames[0].tolist() == [0, 8, 32, 16, 3, 3]
    found = [Found(torch.tensor([[2.0, 10, 12, 20]]), torch.tensor([1]), torch.tensor([0.75]))] * 2
    answers = box_answers(found, batch, data.classes, data.preparation, 0.5, True)
    box = {"label": "hollow", "score": 0.75, "left": 6.0, "top": 6.0, "right": 36.0, "bottom": 36.0}
    assert answers.values[0] == {"boxes": [box]}
    assert answers.words[0] == "1 hollow"
    assert len(answers.pictures) == 2 and "x.png.boxes.png" in answers.pictures
    none = box_answers(found, batch, data.classes, data.preparation, 0.8, False)
    assert none.values[0] == {"boxes": []} and none.words[0] == "nothing found" and not none.pictures


def test_boxes_at_the_border_are_clipped_to_the_picture() -> None:
    frame = np.array([0, 8, 32, 16, 3, 3], np.float32)
    assert unframed(np.array([[-5.0, 0, 40, 40]]), frame).tolist() == [[0, 0, 96, 48]]


def test_edges_and_distances_are_each_other_s_inverse() -> None:
    places = torch.tensor([[10.0, 12, 4]])
    assert edges_of(places, torch.tensor([[1.0, 2, 3, 4]])).tolist() == [[9, 10, 13, 16]]


def test_figures_of_two_runs() -> None:
    data, task, learner, _, still = boxes_parts(0)
    record = predictions(task, learner.network, still)
    pictures = {row: to_png(np.ascontiguousarray(data.test.images[row])) for row in (2, 5)}
    shown, curve = task.figures(Samples(data.test.names, {"resnet": [record, record]}, pictures))
    assert "missed" in shown.galleries["boxes"][0].caption and "#2" in shown.galleries["boxes"][0].caption
    assert {row[0].split(" ")[0] for row in curve.table.rows} == {"full", "hollow"}
    assert "precision" in curve.svg


def test_a_run_from_data_in_memory(tmp_path: Path) -> None:
    run = train(
        tiny_boxes(),
        "resnet[depth=8,width=8,stem=2]",
        task="boxes[width=8]",
        budget="steps=3",
        into=tmp_path / "run",
        augment="flip=both",
        settings={"plan.batch_size": 8},
    )
    assert set(run.facts["test_scores"]) == {"ap50", "ap", "ap75", "recall_100", "missed", "false_alarms"}
    image = np.zeros((40, 20, 1), np.uint8)
    (answer,) = run.predict(image, score="0.1", pictures="false")
    assert all(0 <= box["left"] <= box["right"] <= 20 and box["bottom"] <= 40 for box in answer["boxes"])
    assert isinstance(run.task, DetectBoxes) and isinstance(run.network, AnchorFree)


def test_batches_need_not_be_full() -> None:
    data, task, learner, _, _ = boxes_parts(0)
    whole = predictions(task, learner.network.eval(), task.still(data, "test", Batching(16)))
    small = predictions(task, learner.network.eval(), task.still(data, "test", Batching(3)))
    assert whole["found_labels"].tolist() == small["found_labels"].tolist()
    assert average_precision([]).shape == (0,)


@pytest.mark.parametrize("options", [{"strides": (4, 16)}, {"strides": ()}, {"width": 20}])
def test_levels_and_widths_that_do_not_fit_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem) as caught:
        DetectBoxes.for_data(tiny_boxes(), Descent(), **options)
    assert caught.value.code == "option-value"
