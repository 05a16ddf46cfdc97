"""Which items are copies of which, across parts and within them."""

import numpy as np

from neocog.audit.leakage import EQUAL, find_copies
from neocog.measures.look_alikes import LookAlikes

PARTS = {"train": 4, "val": 2, "test": 3}


def digests(*numbers):
    return np.repeat(np.array(numbers, np.uint8)[:, None], 32, axis=1)


def test_equal_and_alike_items_across_parts():
    hashes = digests(1, 2, 3, 4, 5, 6, 1, 7, 8)
    alike = LookAlikes(np.array([[1, 7], [2, 3]]), np.array([0.95, 0.99]))
    found = find_copies(PARTS, hashes, np.array([0, 0, 1, 1, 0, 0, 0, 1, 0]), alike)
    assert found.copied("test", ["train", "val"]).tolist() == [0, 1]
    assert found.copied("test", ["train", "val"], equal=True).tolist() == [0]
    assert found.copied("val", ["train"]).tolist() == []
    assert found.conflicts() == 1
    first, second = (found.pairs[place].tolist() for place in found.across())
    assert (first, second) == ([1, 7], [0, 6])  # that with two labels before the equal one
    assert found.pairs[found.within()].tolist() == [[2, 3]]
    assert found.surplus("train") == 1 and found.surplus("test") == 0
    assert found.place(7) == ("test", 1)
    assert found.likeness.max() == EQUAL


def test_a_copy_of_a_copy_leaks_too():
    found = find_copies(
        PARTS, digests(*range(9)), np.zeros(9, np.int64), LookAlikes(np.array([[0, 4], [4, 8]]), np.ones(2))
    )
    assert found.copied("test", ["train"]).tolist() == [2]


def test_nothing_is_found_where_nothing_is():
    found = find_copies(PARTS, digests(*range(9)), np.zeros(9, np.int64))
    assert len(found.pairs) == 0 and found.conflicts() == 0
    assert found.copied("test", ["train", "val"]).tolist() == []
