import numpy as np
import pytest
import torch

from neocog.core.errors import UsageProblem
from neocog.data.augment import Augmentation
from neocog.data.box_augment import moved_boxes
from neocog.data.box_data import NO_BOX, BoxData, BoxPart, padded
from neocog.data.box_frames import canvas_for, framed, frames_for, on_canvas, unframed
from neocog.data.box_mending import Mended, mend, rarest
from neocog.data.box_source import BoxSource
from neocog.data.family import Batching
from neocog.data.preparation import Preparation, fit_to
from neocog.nn.box_targets import UNSURE
from tiny_boxes import tiny_boxes

EVERY = {
    "shift": Augmentation(shift=0.2, fill="zeros"),
    "mirrored": Augmentation(flip="both", fill="zeros"),
    "scaled": Augmentation(scale=0.4, fill="zeros"),
    "all": Augmentation(shift=0.1, scale=0.3, flip="both", fill="zeros"),
}


def one_square(items: int = 24) -> BoxPart:
    """A bright square of its own in each image."""
    random = np.random.default_rng(1)
    images = np.zeros((items, 48, 64, 1), np.uint8)
    edges = []
    for image in images:
        x, y, side = int(random.integers(0, 44)), int(random.integers(0, 28)), int(random.integers(10, 20))
        image[y : y + side, x : x + side] = 255
        edges.append((x, y, x + side, y + side))
    frames = frames_for(np.full((items, 2), (48, 64)), (48, 64))
    return BoxPart(
        images, np.array(edges, np.float32), np.zeros(items, np.int64), np.arange(items + 1), frames, ["x"] * items
    )


def seen(image: torch.Tensor) -> np.ndarray:
    """The box around what is bright."""
    y, x = np.nonzero(image[0].numpy() > 0.5)
    return np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])


@pytest.mark.parametrize("name", EVERY)
def test_boxes_go_where_their_pixels_go(name: str) -> None:
    part = one_square()
    plain = Preparation(1, 48, 64, 255, (0.0,), (1.0,))
    (batch,) = BoxSource(part, plain, Batching(24), augmentation=EVERY[name]).batches(3, 5)
    moved = 0
    for row in range(24):
        if batch.labels[row, 0] < 0:
            continue
        np.testing.assert_allclose(batch.boxes[row, 0].numpy(), seen(batch.images[row]), atol=1.01)
        moved += int(np.abs(batch.boxes[row, 0].numpy() - part.edges[int(batch.rows[row])]).max() > 2)
    assert moved > 8


@pytest.mark.parametrize(
    "augmentation", [Augmentation(rotation=30, fill="zeros"), Augmentation(shear=30, fill="zeros")]
)
def test_turned_and_slanted_boxes_hold_all_of_their_pixels_and_little_more(augmentation: Augmentation) -> None:
    part = one_square()
    plain = Preparation(1, 48, 64, 255, (0.0,), (1.0,))
    (batch,) = BoxSource(part, plain, Batching(24), augmentation=augmentation).batches(3, 5)
    for row in range(24):
        if batch.labels[row, 0] == 0:
            np.testing.assert_allclose(batch.boxes[row, 0].numpy(), seen(batch.images[row]), atol=2.01)


def test_control_boxes_that_stay_would_be_noticed() -> None:
    part = one_square()
    plain = Preparation(1, 48, 64, 255, (0.0,), (1.0,))
    (batch,) = BoxSource(part, plain, Batching(24), augmentation=EVERY["all"]).batches(3, 5)
    stayed = part.edges[batch.rows.numpy()]
    far = [np.abs(stayed[row] - seen(batch.images[row])).max() for row in range(24) if batch.labels[row, 0] >= 0]
    assert max(far) > 5


def test_what_is_nearly_gone_is_unsure_and_what_is_gone_is_none() -> None:
    augmentation = Augmentation(shift=0.5)
    rows = torch.arange(200)
    boxes = torch.tensor([[0.0, 10, 20, 30]]).expand(200, 1, 4)
    labels = torch.zeros(200, 1, dtype=torch.long)
    placement = augmentation.placement(40, 40, rows, 9)
    moved, kept = moved_boxes(boxes, labels, placement, 40, 40)
    x = placement.geometry.right
    sizes = (moved[:, 0, 2:] - moved[:, 0, :2]).clamp(min=0).prod(1) / 400
    assert set(kept[:, 0].tolist()) == {0, UNSURE, NO_BOX}
    assert ((kept[:, 0] == 0) == (sizes >= 0.4)).all()
    assert ((kept[:, 0] == NO_BOX) == (sizes <= 0)).all()
    assert (x[kept[:, 0] == NO_BOX] <= -20).any()


def test_a_pass_can_be_repeated_and_no_item_depends_on_its_batch() -> None:
    data = tiny_boxes()
    made = [BoxSource(data.train, data.preparation, Batching(size), augmentation=EVERY["all"]) for size in (4, 16, 4)]
    small, large, again = (
        {
            int(row): (batch.images[i], batch.boxes[i], batch.labels[i])
            for batch in each.batches(2, 7)
            for i, row in enumerate(batch.rows)
        }
        for each in made
    )
    assert small.keys() == large.keys() == set(range(16))
    for row in range(16):
        assert all(torch.equal(a, b) for a, b in zip(small[row], again[row], strict=True))
        for a, b in zip(small[row], large[row], strict=True):
            torch.testing.assert_close(a, b)


def test_still_is_in_order_and_whole() -> None:
    data = tiny_boxes(10)
    source = BoxSource.still(data, "test", Batching(4))
    found = list(source.batches(0, 0))
    assert [batch.size for batch in found] == [4, 4, 2] and source.size == 3
    assert torch.cat([batch.rows for batch in found]).tolist() == list(range(10))


def test_mixing_is_refused() -> None:
    data = tiny_boxes()
    with pytest.raises(UsageProblem) as caught:
        BoxSource.training(data, Batching(4), Augmentation(mixup=0.2))
    assert caught.value.code == "augment-mixes-boxes"


def test_tables_of_boxes_are_padded() -> None:
    boxes, labels = padded(tiny_boxes(4).train)
    assert boxes.shape == (4, 2, 4)
    assert (labels == NO_BOX).tolist() == [[False, True], [False, False], [False, True], [True, True]]


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (333, 500), (17, 900), (64, 64)])
def test_frames_are_where_pictures_are_put(size: tuple[int, int]) -> None:
    canvas = canvas_for(np.array([size]), 96, 1)
    assert max(canvas) <= 96 and (canvas[0] % 16 == 0 or canvas[0] == 96)
    white = np.full((*size, 1), 255, np.uint8)
    put = fit_to(white, canvas)
    (frame,) = frames_for(np.array([size]), canvas)
    left, top, wide, high = frame[:4].astype(int)
    y, x = np.nonzero(put[..., 0] > 127)
    assert (x.min(), y.min(), x.max() + 1, y.max() + 1) == (left, top, left + wide, top + high)
    np.testing.assert_array_equal(on_canvas(fit_to(white, 96), size, canvas) > 127, put > 127)
    edges = np.array([[1.0, 2.0, size[1] - 3.0, size[0] - 4.0]])
    np.testing.assert_allclose(unframed(framed(edges, frame).astype(np.float64), frame), edges, atol=1e-2 * max(size))


def test_mending_by_hand() -> None:
    mended = Mended()
    given = np.array(
        [[1, 1, 5, 5], [5, 5, 5, 9], [6, 2, 3, 9], [30, 1, 40, 5], [-9, 1, 5, 99], [0, 0, 20.5, 10]], float
    )
    kept, rows = mend(given, (10, 20), "a.png", mended)
    assert rows.tolist() == [0, 4, 5]
    assert kept.tolist() == [[1, 1, 5, 5], [0, 1, 5, 10], [0, 0, 20, 10]]
    assert mended.counts() == {"turned": 1, "empty": 1, "outside": 1, "clipped": 1}
    assert len(mended.notes()) == 4 and all("1 of 6 boxes" in note and "a.png" in note for note in mended.notes())


def test_images_are_divided_by_their_rarest_class() -> None:
    labels = [np.array([0, 1]), np.array([0, 0]), np.zeros(0, np.int64)]
    assert rarest(labels, 2).tolist() == [1, 0, 0]


def test_what_a_run_remembers_is_enough() -> None:
    from neocog.data.box_data import boxes_like

    data = tiny_boxes()
    like = boxes_like({"name": data.name, "fingerprint": data.fingerprint, **data.facts()})
    assert isinstance(like, BoxData)
    assert like.takes == data.takes and like.classes == data.classes and len(like.train) == 0


def test_pictures_and_details() -> None:
    data = tiny_boxes()
    assert list(data.pictures("test", [3, 1], 10**6)) == [3, 1]
    assert data.pictures("test", [3, 1], 10) == {}
    assert data.details()["boxes"]["train"] == data.box_counts()["train"]
    assert len(data.figures()[0].galleries["boxes"]) == 12
    assert "boxes of 2 classes" in data.line()
