"""Identities that hold for every split."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from neocog.data.split import Split, split_rows

CLASSES = st.lists(st.integers(0, 4), min_size=5, max_size=120).map(np.array)
FRACTIONS = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.33, 0.45])
SPLITS = st.builds(
    lambda val, test, seed: Split(val=val, test=test, seed=seed), FRACTIONS, FRACTIONS, st.integers(0, 99)
)


@given(CLASSES, SPLITS, st.data())
def test_parts_are_disjoint_complete_and_keep_what_is_given(classes, split, data):
    words = st.sampled_from(["train", "val", "test", ""])
    given_parts = data.draw(st.lists(words, min_size=len(classes), max_size=len(classes)))
    given_parts[0] = "train"
    parts = split_rows(classes, given_parts, split)
    together = np.concatenate(parts)
    assert sorted(together.tolist()) == list(range(len(classes)))
    for name, part in zip(("train", "val", "test"), parts, strict=True):
        assert (np.diff(part) > 0).all()
        kept = {i for i, word in enumerate(given_parts) if word == name}
        if name != "train" and kept:
            assert set(part.tolist()) == kept


@given(CLASSES, SPLITS)
def test_each_class_is_within_one_item_of_its_share(classes, split):
    train, val, test = split_rows(classes, split=split)
    for label in np.unique(classes):
        count = (classes == label).sum()
        for part, share in ((val, split.val), (test, split.test)):
            got = (classes[part] == label).sum()
            assert abs(got - share * count) <= 1 + 1e-9
            assert got >= 1 or share == 0 or count < 3
        assert (classes[train] == label).any()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 15)), min_size=5, max_size=120), SPLITS)
def test_groups_are_never_divided(items, split):
    classes, groups = (np.array(column) for column in zip(*items, strict=True))
    parts = split_rows(classes, None, split, [f"g{group}" for group in groups])
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(classes)))
    held = [set(groups[part].tolist()) for part in parts]
    assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])
    assert set(classes[parts[0]].tolist()) == set(classes.tolist())
    assert (len(parts[1]) == 0 or split.val > 0) and (len(parts[2]) == 0 or split.test > 0)


@given(st.integers(0, 1000))
def test_control_a_split_by_item_does_divide_groups(seed):
    classes = np.zeros(100, np.int64)
    parts = split_rows(classes, split=Split(seed=seed))
    groups = np.arange(100) // 10
    assert set(groups[parts[0]].tolist()) & set(groups[parts[2]].tolist())


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_seed_changes_the_split(one, other):
    classes = np.arange(200) % 2
    same = set(split_rows(classes, split=Split(seed=one))[2].tolist()) == set(
        split_rows(classes, split=Split(seed=other))[2].tolist()
    )
    assert same == (one == other)
