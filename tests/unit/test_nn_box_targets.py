import pytest
import torch

from neocog.nn.box_targets import LONGEST, NOTHING, UNSURE, centre_ness, targets_for

STRIDES = (4, 8)


def places(side: int = 32) -> torch.Tensor:
    rows = []
    for stride in STRIDES:
        for y in range(side // stride):
            rows += [((x + 0.5) * stride, (y + 0.5) * stride, stride) for x in range(side // stride)]
    return torch.tensor(rows)


def one(boxes: list[tuple[float, ...]], labels: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    target = targets_for(places(), torch.tensor([boxes], dtype=torch.float32), torch.tensor([labels]))
    return target.labels[0], target.distances[0], target.centre[0]


def test_places_near_the_centre_answer_and_know_the_edges() -> None:
    labels, distances, _ = one([(4, 4, 20, 20)], [3])
    at = places()
    for place in torch.nonzero(labels >= 0).flatten():
        x, y, stride = at[place]
        assert stride == 4 and abs(x - 12) <= 6 and abs(y - 12) <= 6
        assert distances[place].tolist() == [x - 4, y - 4, 20 - x, 20 - y]
        assert labels[place] == 3
    assert (labels >= 0).sum() == 16
    assert (labels[labels < 0] == NOTHING).all()


def test_every_box_has_a_place_even_a_sliver() -> None:
    for x in range(1, 29):
        labels, _, _ = one([(x, 10, x + 0.5, 11)], [0])
        assert (labels == 0).any(), x


def test_long_boxes_belong_to_the_coarser_level() -> None:
    longest = LONGEST * STRIDES[0]
    short, _, _ = one([(0, 0, longest, 8)], [0])
    long, _, _ = one([(0, 0, longest + 1, 8)], [0])
    strides = places()[:, 2]
    assert set(strides[short >= 0].tolist()) == {4}
    assert set(strides[long >= 0].tolist()) == {8}


def test_of_two_boxes_the_smaller_one_has_the_place() -> None:
    both, _, _ = one([(0, 0, 24, 24), (8, 8, 16, 16)], [0, 1])
    turned, _, _ = one([(8, 8, 16, 16), (0, 0, 24, 24)], [1, 0])
    assert torch.equal(both, turned)
    middle = (places()[:, :2] - 10).abs().sum(1).argmin()
    assert both[middle] == 1


def test_rows_without_a_box_say_nothing_and_unsure_regions_are_neither() -> None:
    labels, _, _ = one([(0, 0, 8, 8), (16, 16, 32, 32)], [NOTHING, UNSURE])
    at = places()
    inside = (at[:, 0] >= 16) & (at[:, 1] >= 16)
    assert (labels[inside] == UNSURE).all()
    assert (labels[~inside] == NOTHING).all()


def test_an_object_within_an_unsure_region_is_still_learnt() -> None:
    labels, _, _ = one([(20, 20, 28, 28), (16, 16, 32, 32)], [2, UNSURE])
    assert (labels == 2).any()


def test_centre_ness_by_hand() -> None:
    found = centre_ness(torch.tensor([[5.0, 5, 5, 5], [1, 5, 9, 5], [0, 1, 2, 3]]))
    assert found.tolist() == pytest.approx([1, (1 / 9) ** 0.5, 0.1])
