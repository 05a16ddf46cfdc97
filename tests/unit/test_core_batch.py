"""Batch: its tensors move and are selected together; what is no tensor stays."""

from dataclasses import FrozenInstanceError, dataclass

import pytest
import torch
from torch import Tensor

from neocog.core.batch import Batch


@dataclass(frozen=True)
class Pairs(Batch):
    left: Tensor
    right: Tensor
    extra: Tensor | None = None
    name: str = "pairs"

    @property
    def size(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Sizeless(Batch):
    left: Tensor


def pairs(extra=None):
    return Pairs(torch.arange(6.0).view(3, 2), torch.tensor([7, 8, 9]), extra)


def test_select_takes_rows_of_every_tensor_in_that_order():
    some = pairs(torch.tensor([[1.0], [2.0], [3.0]])).select(torch.tensor([2, 0, 2]))
    assert isinstance(some, Pairs) and some.size == 3 and some.name == "pairs"
    assert some.left.tolist() == [[4, 5], [0, 1], [4, 5]]
    assert some.right.tolist() == [9, 7, 9] and some.extra.tolist() == [[3], [1], [3]]


def test_select_by_a_mask_and_of_nothing():
    assert pairs().select(torch.tensor([True, False, True])).right.tolist() == [7, 9]
    assert pairs().select(torch.tensor([], dtype=torch.long)).size == 0


def test_what_is_no_tensor_stays():
    moved = pairs().to("meta")
    assert moved.left.is_meta and moved.right.is_meta
    assert moved.extra is None and moved.name == "pairs"


def test_to_the_same_device_copies_nothing():
    batch = pairs()
    assert batch.to("cpu").left.data_ptr() == batch.left.data_ptr()


def test_the_original_is_left_alone_and_cannot_be_changed():
    batch = pairs()
    batch.select(torch.tensor([0]))
    batch.to("meta")
    assert batch.size == 3 and not batch.left.is_meta
    with pytest.raises(FrozenInstanceError):
        batch.left = batch.right


def test_a_family_must_say_its_size():
    with pytest.raises(TypeError, match="size"):
        Sizeless(torch.zeros(2))


@pytest.mark.gpu
def test_to_a_gpu_and_back():
    back = pairs().to("cuda").to("cpu")
    assert torch.equal(back.left, pairs().left)
