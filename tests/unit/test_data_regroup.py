"""--split-by-group: no group is divided, copies stay together, and a test part that is given is never touched."""

import numpy as np
import pytest

from image_files import encoded, only, opened, pixels, write_folder, write_table
from neocog.data.family import PARTS
from neocog.data.regroup import left_out
from photographs import copied, leaky_folder, photograph, saved, write


def groups_in_parts(data, group_of):
    seen = {}
    for part in PARTS:
        for name in data.part(part).names:
            seen.setdefault(group_of(name), set()).add(part)
    return seen


def divided(data, group_of):
    return [group for group, parts in groups_in_parts(data, group_of).items() if len(parts) > 1]


def undivided_folder(root):
    """No parts of its own: each scene is there twice, once as it is and once cropped."""
    for seed in range(24):
        for kind in ("equal", "cropped"):
            path = root / ("cat" if seed % 2 else "dog") / f"{chr(97 + seed)}q{kind}.png"
            write(path, saved(copied(photograph(seed), kind)))
    return root


def scene(name):
    return name.split("/")[-1][0]


def test_copies_are_never_divided(tmp_path):
    folder = undivided_folder(tmp_path / "photos")
    assert divided(opened(folder), scene) != []  # without it, some are
    data = opened(folder, group_column="duplicates")
    assert divided(data, scene) == []
    assert [len(data.part(part)) > 0 for part in PARTS] == [True] * 3
    assert any("48 images in 24 groups of copies are kept together" in note for note in data.notes)


def test_a_guess_is_applied_only_where_it_is_asked_for(tmp_path):
    files = {f"{'cat' if i % 2 else 'dog'}/patient_{i // 5}_{i}.png": encoded(pixels(i)) for i in range(60)}
    folder = write_folder(tmp_path / "photos", files)
    assert divided(opened(folder), lambda name: name.split("_")[1]) != []
    data = opened(folder, group_column="guess")
    assert divided(data, lambda name: name.split("_")[1]) == []
    assert any("60 files in 12 groups such as patient_" in note for note in data.notes)


def test_no_guess_is_told(tmp_path):
    folder = write_folder(
        tmp_path / "photos", {f"{label}/{i}.png": encoded(pixels(i)) for i in range(9) for label in "ab"}
    )
    only(lambda: opened(folder, group_column="guess"), "groups-not-guessed")
    assert "duplicates" in only(lambda: opened(folder, group_column="nonsense"), "data-column-unknown", 2).note


def test_a_column_takes_copies_along(tmp_path):
    files = {f"{i}.png": encoded(pixels(i % 32)) for i in range(64)}
    write_folder(tmp_path, files)
    rows = [["path", "label", "patient"], *([f"{i}.png", "ab"[i % 2], str(i // 4)] for i in range(64))]
    data = opened(write_table(tmp_path / "t.csv", rows), group_column="patient")
    assert divided(data, lambda name: int(name.split(".")[0]) // 4) == []
    assert divided(data, lambda name: int(name.split(".")[0]) % 32) == []


def test_a_given_test_part_is_never_touched(tmp_path):
    folder = leaky_folder(tmp_path / "photos", kinds={"equal": 2, "cropped": 2, "recompressed": 2})
    before, after = opened(folder), opened(folder, group_column="duplicates")
    assert list(after.test.names) == list(before.test.names)
    assert len(before.train) - len(after.train) == 6
    assert len(after.val) == len(before.val)
    gone = set(before.train.names) - set(after.train.names)
    assert all(f"{after.skipped[name]}".startswith("in one group with an image of test: test/") for name in gone)
    assert any("6 images were left out" in note for note in after.notes)


@pytest.mark.parametrize(
    ("parts", "groups", "gone"),
    [
        (["train", "val", "test"], "aaa", [0, 1]),
        (["train", "val", "test"], "aab", [0]),
        (["train", "val", "test"], "abc", []),
        (["", "", "test"], "aba", [0]),
        (["", "", ""], "aaa", []),
    ],
)
def test_what_leaves_for_which_part(parts, groups, gone):
    assert sorted(left_out(list(groups), parts, list("xyz"))) == gone


def test_the_division_does_not_depend_on_what_is_kept(tmp_path):
    from neocog.data.open import DataChoice, open_images

    folder = undivided_folder(tmp_path / "photos")
    choice = DataChoice(name=str(folder), group_column="duplicates")
    first, again, without = (open_images(choice, keep=keep) for keep in (True, True, False))
    assert first.fingerprint == again.fingerprint == without.fingerprint
    assert np.array_equal(first.train.digests, without.train.digests)
