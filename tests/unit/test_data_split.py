"""Split: what is given stays, what is missing is made."""

import numpy as np
import pytest

from neocog.core.errors import DataProblem, UsageProblem
from neocog.data.split import Split, split_rows


def labels(*counts):
    return np.repeat(np.arange(len(counts)), counts)


def test_hand_worked_shares():
    train, val, test = split_rows(labels(100, 50, 10))
    classes = labels(100, 50, 10)
    assert np.bincount(classes[val]).tolist() == [10, 5, 1]
    assert np.bincount(classes[test]).tolist() == [20, 10, 2]
    assert np.bincount(classes[train]).tolist() == [70, 35, 7]


def test_totals_are_right_where_classes_round():
    """40 classes of 4: a fifth of each would round to 1, and 0.2 x 160 is 32."""
    _, _, test = split_rows(labels(*[14] * 40))
    assert len(test) == round(0.2 * 40 * 14)


@pytest.mark.parametrize("count", range(3, 12))
def test_a_class_of_three_is_in_every_part(count):
    classes = labels(count, 200)
    for part in split_rows(classes):
        assert (classes[part] == 0).any()


@pytest.mark.parametrize("count", [1, 2])
def test_train_is_the_first_to_get_a_rare_class(count):
    classes = labels(count, 200)
    assert (classes[split_rows(classes)[0]] == 0).any()


def test_given_test_is_kept_and_val_is_made_from_train():
    given = ["train"] * 80 + ["test"] * 20
    train, val, test = split_rows(np.arange(100) % 2, given)
    assert test.tolist() == list(range(80, 100)) and len(val) == 8 and len(train) == 72


def test_given_val_is_kept_and_test_is_made_from_train():
    given = ["val"] * 30 + ["train"] * 70
    train, val, test = split_rows(np.arange(100) % 2, given)
    assert val.tolist() == list(range(30)) and len(test) == 14 and len(train) == 56


def test_all_given_are_kept_and_the_unassigned_go_to_train():
    given = ["train"] * 10 + [""] * 5 + ["val"] * 5 + ["test"] * 5
    train, val, test = split_rows(np.arange(25) % 2, given)
    assert [train.tolist(), val.tolist(), test.tolist()] == [list(range(15)), list(range(15, 20)), list(range(20, 25))]


def test_only_train_given_is_as_if_nothing_was():
    classes = np.arange(60) % 3
    for ours, theirs in zip(split_rows(classes, ["train"] * 60), split_rows(classes), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_fraction_of_0_makes_an_empty_part():
    train, val, test = split_rows(labels(50, 50), split=Split(test=0.0))
    assert len(test) == 0 and len(val) == 10 and len(train) == 90


def test_one_seed_is_one_split_and_another_is_another():
    classes = labels(100, 100)
    same = split_rows(classes, split=Split(seed=4))
    np.testing.assert_array_equal(same[2], split_rows(classes, split=Split(seed=4))[2])
    assert set(same[2].tolist()) != set(split_rows(classes, split=Split(seed=5))[2].tolist())


def test_the_split_does_not_hang_on_the_state_of_numpy_or_torch():
    import torch

    before = split_rows(labels(40, 60))
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    for ours, theirs in zip(before, split_rows(labels(40, 60)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_groups_of_one_class_reach_every_part():
    """Three patients per class, as small as it gets: one for each part."""
    classes = labels(30, 30)
    groups = np.repeat([f"patient {i}" for i in range(6)], 10)
    for part in split_rows(classes, groups=list(groups)):
        assert set(classes[part]) == {0, 1}


def test_many_groups_come_near_the_shares():
    random = np.random.default_rng(0)
    groups = random.integers(0, 200, 2000)
    classes = random.integers(0, 4, 2000)
    train, val, test = split_rows(classes, groups=groups.astype(str).tolist())
    for part, share in ((train, 0.7), (val, 0.1), (test, 0.2)):
        assert abs(len(part) / 2000 - share) < 0.01
        assert np.abs(np.bincount(classes[part]) / np.bincount(classes) - share).max() < 0.02


def test_train_gets_the_only_group_of_a_class():
    classes = np.array([0] * 50 + [1] * 5 + [0] * 50)
    groups = [str(i // 5) for i in range(105)]
    assert (classes[split_rows(classes, groups=groups)[0]] == 1).sum() == 5


def test_nothing_to_train_on():
    with pytest.raises(DataProblem, match="train on"):
        split_rows(np.array([0, 1]), ["test", "test"])
    with pytest.raises(UsageProblem, match="leave nothing"):
        split_rows(labels(10, 10), split=Split(val=0.5, test=0.5))


def test_a_part_with_an_unknown_name():
    with pytest.raises(DataProblem, match="'tset'"):
        split_rows(np.array([0, 1]), ["train", "tset"])
