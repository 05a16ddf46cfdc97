"""Folds: every item is tested once in each repeat, classes are in even shares, groups are never divided."""

from pathlib import Path

import numpy as np
import pytest

from neocog.core.errors import DataProblem, Problem, UsageProblem
from neocog.data.folds import deal
from neocog.data.open import open_images
from neocog.data.readers.choice import DataChoice
from neocog.data.split import Split, split_rows

LABELS = np.repeat([0, 1, 2], [47, 23, 8])


def parts(labels, folds, repeat=0, groups=None, given=None, **options):
    """The three parts of every fold."""
    return [
        split_rows(labels, given, Split(folds=folds, fold=fold, repeat=repeat, **options), groups)
        for fold in range(folds)
    ]


@pytest.mark.parametrize("folds", [2, 5, 8])
@pytest.mark.parametrize("repeat", [0, 3])
def test_every_item_is_tested_once_and_every_class_evenly(folds, repeat):
    tested = np.zeros(len(LABELS), np.int64)
    for train, val, test in parts(LABELS, folds, repeat):
        assert np.array_equal(np.sort(np.concatenate([train, val, test])), np.arange(len(LABELS)))
        tested[test] += 1
        assert abs(len(test) - len(LABELS) / folds) < 1
        for label in range(3):
            assert abs((LABELS[test] == label).sum() - (label == LABELS).sum() / folds) < 1
            assert (LABELS[train] == label).any()
        assert abs(len(val) - 0.1 * (len(LABELS) - len(test))) <= 2
    assert (tested == 1).all()


def test_a_plain_split_is_no_such_division():
    """The control: test parts of independent random splits overlap and leave items out."""
    tested = np.zeros(len(LABELS), np.int64)
    for seed in range(5):
        tested[split_rows(LABELS, None, Split(seed=seed))[2]] += 1
    assert tested.min() == 0 and tested.max() > 1


def test_repeats_divide_anew_and_a_split_is_always_the_same():
    first, again, other = (parts(LABELS, 5, repeat)[2][2].tolist() for repeat in (0, 0, 1))
    assert first == again != other
    assert first != parts(LABELS, 5, seed=1)[2][2].tolist()


def test_groups_are_never_divided():
    random = np.random.default_rng(1)
    groups = random.integers(0, 40, 200)
    labels = random.integers(0, 3, 200)
    names = [f"patient {group}" for group in groups]
    tested = np.zeros(200, np.int64)
    for three in parts(labels, 5, groups=names):
        held = [set(groups[rows]) for rows in three]
        assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])
        assert len(held[1]) > 0 and 25 <= len(three[2]) <= 55
        tested[three[2]] += 1
    assert (tested == 1).all()
    alone = parts(labels, 5)[0]
    assert set(groups[alone[0]]) & set(groups[alone[2]])  # the control: without groups they are divided


def test_groups_of_one_class_each_fill_every_fold():
    groups = np.repeat(np.arange(10), 6)
    dealt = deal(groups // 5, 5, np.random.default_rng(0), groups)
    assert np.bincount(dealt, minlength=5).tolist() == [12] * 5
    assert all(len(set(groups[dealt == fold] // 5)) == 2 for fold in range(5))


def test_a_validation_part_of_the_data_is_dealt_out_too():
    given = np.where(np.arange(len(LABELS)) % 4, "train", "val").tolist()
    tested = np.concatenate([test for _, _, test in parts(LABELS, 3, given=given)])
    assert sorted(tested) == list(range(len(LABELS)))


@pytest.mark.parametrize(
    ("split", "given", "code"),
    [
        (Split(folds=3, fold=0), ["test"] * 3 + ["train"] * 75, "folds-test-part"),
        (Split(folds=3, fold=3), None, "fold-range"),
        (Split(folds=3), None, "fold-range"),
        (Split(folds=79, fold=0), None, "folds-too-many"),
    ],
)
def test_what_cannot_be_divided_is_told(split, given, code):
    with pytest.raises(UsageProblem) as caught:
        split_rows(LABELS, given, split)
    assert caught.value.code == code


def test_too_few_groups_are_told():
    with pytest.raises(UsageProblem, match="2 groups"):
        split_rows(LABELS, None, Split(folds=3, fold=0), [str(row % 2) for row in range(len(LABELS))])


def saved(path: Path, **parts: np.ndarray) -> str:
    np.savez(path, **parts)  # type: ignore[arg-type]
    return str(path)


def images(labels: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (len(labels), 6, 6)).astype(np.uint8)


def test_opened_folds_hold_every_image_once(tmp_path):
    own = saved(tmp_path / "own.npz", images=images(LABELS), labels=LABELS)
    opened = [open_images(DataChoice(name=own, folds=4, fold=fold), keep=False) for fold in range(4)]
    assert sorted(name for data in opened for name in data.test.names) == sorted(
        name for part in ("train", "val", "test") for name in opened[0].part(part).names
    )
    assert len({data.fingerprint for data in opened}) == 4 and {data.classes for data in opened} == {opened[0].classes}
    assert any(note.startswith("Fold 2 of 4, repeat 1, is the test part") for note in opened[1].notes)
    assert opened[0].test_made


def test_data_with_a_test_part_are_not_divided(tmp_path):
    labels = LABELS % 2
    own = saved(tmp_path / "own.npz", x_train=images(labels), y_train=labels, x_test=images(labels), y_test=labels)
    assert not open_images(DataChoice(name=own), keep=False).test_made
    with pytest.raises(Problem) as caught:
        open_images(DataChoice(name=own, folds=4, fold=0), keep=False)
    assert caught.value.code == "folds-test-part" and "compare without --folds" in caught.value.help


def test_a_class_of_one_item_is_told(tmp_path):
    labels = np.append(LABELS, 3)
    own = saved(tmp_path / "own.npz", images=images(labels), labels=labels)
    with pytest.raises(DataProblem):
        for fold in range(4):
            open_images(DataChoice(name=own, folds=4, fold=fold), keep=False)
