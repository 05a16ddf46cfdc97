"""Bad data, promise by promise: each fault gets its code, its exit code and its place, before any training."""

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from image_files import (
    class_files,
    encoded,
    idx_bytes,
    npy_bytes,
    only,
    opened,
    pixels,
    problems_of,
    write_folder,
    write_table,
    write_tar,
    write_zip,
)
from neocog.core.errors import Problem, SeveralProblems
from neocog.data.open import DataChoice, from_arrays
from neocog.data.readers import archive as archives
from neocog.data.readers import survey
from neocog.data.readers.npy import read_npz


@pytest.fixture
def photos(tmp_path):
    return write_folder(tmp_path / "photos", class_files())


def test_the_same_data_without_a_fault_open(photos):
    assert problems_of(lambda: opened(photos)) == {}


# --- what is not there --------------------------------------------------------------------------------------------


def test_missing_path_and_near_matches(photos):
    problem = only(lambda: opened(photos.parent / "photoz"), "data-missing", 2)
    assert problem.help == f"did you mean `{photos}`?"
    assert only(lambda: opened("minst"), "data-missing", 2).help == "did you mean `mnist`?"
    assert only(lambda: opened(photos / "cat" / "00.png" / "x"), "data-missing", 2)
    assert only(lambda: opened("a\0b"), "data-missing", 2)


def test_empty_things(tmp_path):
    (tmp_path / "empty").mkdir()
    only(lambda: opened(tmp_path / "empty"), "data-empty")
    (tmp_path / "zero.zip").write_bytes(b"")
    only(lambda: opened(tmp_path / "zero.zip"), "data-empty")
    only(lambda: opened(write_zip(tmp_path / "none.zip", {})), "data-empty")
    (tmp_path / "a.csv").write_text("\n\n")
    only(lambda: opened(tmp_path / "a.csv"), "data-empty")
    (tmp_path / "b.csv").write_text("path,label\n")
    only(lambda: opened(tmp_path / "b.csv"), "data-empty")


def test_images_without_class_folders_and_parts_without_train(tmp_path):
    only(lambda: opened(write_folder(tmp_path / "flat", {"a.png": encoded(pixels(1))})), "data-no-classes")
    only(lambda: opened(write_folder(tmp_path / "parts", class_files(parts=("test", "val")))), "data-no-train")
    only(lambda: opened(write_folder(tmp_path / "x", {"a.png": encoded(pixels(1))}) / "a.png"), "data-single-image", 2)


def test_files_of_other_kinds(tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"what is this")
    only(lambda: opened(tmp_path / "a.xyz"), "data-format-unknown")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        only(lambda: opened(tmp_path / "pipe"), "data-format-unknown")


# --- labels -------------------------------------------------------------------------------------------------------


def test_a_class_that_is_only_in_test(tmp_path):
    files = class_files(("bird", "cat", "dog"), parts=("train", "test"))
    files |= {f"test/catt/{i}.png": encoded(pixels(i)) for i in range(4)}
    root = write_folder(tmp_path / "photos", files)
    problem = only(lambda: opened(root), "labels-unknown-class")
    assert problem.what == "the test set has a class that the model never saw"
    assert problem.where == ("test/catt/ (4 images)   known: bird, cat, dog",)
    assert problem.help == "did you mean `cat`? rename the folder, or pass --ignore-class catt"
    assert opened(root, ignore_class=("catt",)).classes == ("bird", "cat", "dog")


def test_label_faults_of_folders(tmp_path):
    only(lambda: opened(write_folder(tmp_path / "one", class_files(("cat",)))), "labels-single-class")
    twins = only(
        lambda: opened(write_folder(tmp_path / "twins", class_files(("Cat", "cat", "dog")))), "labels-case-twins"
    )
    assert twins.where == ("`Cat` and `cat`",)
    small = class_files() | {f"rare/{i}.png": encoded(pixels(i)) for i in range(2)}
    only(lambda: opened(write_folder(tmp_path / "small", small)), "labels-class-too-small")
    root = write_folder(tmp_path / "hole", class_files())
    (root / "dog").mkdir()
    (root / "fish").mkdir()
    (root / "fish" / ".hidden.png").write_bytes(b"x")
    assert only(lambda: opened(root), "data-class-empty").where == ("dog/", "fish/")
    data = opened(root, skip_bad=True)
    assert data.classes == ("bird", "cat") and "dog/" in data.skipped
    only(lambda: opened(write_zip(tmp_path / "hole.zip", class_files() | {"dog/": b""})), "data-class-empty")


def test_label_faults_of_arrays():
    images = np.stack([pixels(i) for i in range(12)])
    labels = np.arange(12) % 2.0
    labels[4], labels[7], labels[8] = np.nan, -1, 0.5
    found = problems_of(lambda: from_arrays(images, labels))
    assert set(found) == {"labels-missing", "labels-out-of-range"}
    assert found["labels-missing"].where == ("arrays[4]: label nan",)
    assert len(found["labels-out-of-range"].where) == 2
    kept = from_arrays(images, labels, choice=DataChoice(skip_bad=True))
    assert len(kept.skipped) == 3 and len(kept.train) + len(kept.val) + len(kept.test) == 9
    only(lambda: from_arrays(images, np.arange(11)), "labels-count")
    only(lambda: from_arrays(images, np.zeros((12, 3))), "labels-shape")
    only(lambda: from_arrays(images, np.zeros(12)), "labels-single-class")
    only(lambda: from_arrays(images[:5], [0, 0, 0, 1, 1]), "labels-class-too-small")
    unknown = only(lambda: from_arrays(images[:8], [0, 1] * 4, test=(images[8:], [0, 1, 2, 2])), "labels-unknown-class")
    assert unknown.where == ("test: 2 (2 images)   known: 0, 1",)


def test_pixel_faults_of_arrays():
    good, labels = np.stack([pixels(i) for i in range(12)]) / 255, [0, 1] * 6
    broken = good.copy()
    broken[3, 0, 0, 0], broken[5, 1, 1, 1] = np.nan, np.inf
    problem = only(lambda: from_arrays(broken, labels), "data-array-not-finite")
    assert problem.where == ("arrays[3]", "arrays[5]")
    assert len(from_arrays(broken, labels, choice=DataChoice(skip_bad=True)).skipped) == 2
    only(lambda: from_arrays(good * 2 - 1, labels), "data-array-range")
    only(lambda: from_arrays(good * 300, labels), "data-array-range")
    only(lambda: from_arrays(good.reshape(12, -1), labels), "data-array-shape")
    only(lambda: from_arrays(np.zeros((0, 8, 8)), []), "data-empty")
    only(lambda: from_arrays(good, labels, test=(good[:, :5], labels)), "data-array-shape")


def test_label_faults_of_tables(tmp_path):
    files = class_files(each=9)
    write_folder(tmp_path, files)
    rows = [["path", "label", "split"], *([name, name.split("/")[0], "train"] for name in files)]
    rows[1][1], rows[2][1], rows[3][0], rows[4][0], rows[5][2] = "", "nan", "cat/gone.png", "../../etc/passwd", "trian"
    rows += [["cat/00.png", "dog", "train"], ["cat/01.png", "cat", "train"]]
    found = problems_of(lambda: opened(write_table(tmp_path / "t.csv", rows)))
    assert set(found) == {
        "labels-missing", "data-file-missing", "data-path-outside", "data-part-unknown", "labels-conflict"
    }  # fmt: skip
    assert found["data-file-missing"].where == ("t.csv: line 4: cat/gone.png",)
    assert "`cat` in line 11" in found["labels-conflict"].where[0]
    assert found["labels-missing"].what == "2 of 20 images have no label (empty or NaN)"


def test_table_faults(tmp_path):
    write_folder(tmp_path, class_files())
    table = write_table(tmp_path / "t.csv", [["where", "what"], ["cat/00.png", "cat"]])
    only(lambda: opened(table), "data-column-missing", 2)
    problem = only(lambda: opened(table, path_column="were", label_column="what"), "data-column-unknown", 2)
    assert problem.help == "did you mean `where`?"
    for text in (
        b"path,label\na.png,cat,x\n",
        b'path,label\n"a.png,cat\n',
        b"path,path,label\n",
        b"path,label\n\xff\xfe,x\n",
    ):
        (tmp_path / "bad.csv").write_bytes(text)
        only(lambda: opened(tmp_path / "bad.csv"), "data-table-damaged")
    rows = [["path", "label"], *([name, name.split("/")[0]] for name in class_files())]
    only(lambda: opened(write_table(tmp_path / "g.csv", rows), group_column="patient"), "data-column-unknown", 2)


def test_everything_is_told_at_once_grouped_with_the_first_ten_places(tmp_path):
    files = class_files(("Cat", "cat", "dog"), each=20, parts=("train", "test"), suffix=".jpg")
    files |= {f"test/fox/{i}.jpg": encoded(pixels(i), "JPEG") for i in range(3)}
    for number in range(12):
        files[f"train/dog/{number:02}.jpg"] = files[f"train/dog/{number:02}.jpg"][:-30]
    files["train/dog/13.jpg"] = b""
    files["train/dog/14.jpg"] = b"not an image"
    root = write_folder(tmp_path / "photos", files)
    before = {path: path.read_bytes() for path in root.rglob("*.jpg")}
    with pytest.raises(SeveralProblems) as caught:
        opened(root)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == [
        "data-image-empty", "data-image-unknown", "data-image-truncated", "labels-case-twins", "labels-unknown-class"
    ]  # fmt: skip
    assert caught.value.exit_code == 65
    text = str(caught.value)
    assert "error[data-image-truncated]: 12 of 123 images cannot be decoded" in text
    assert "train/dog/09.jpg" in text and "train/dog/10.jpg" not in text and "... and 2 more" in text
    assert len(caught.value.problems[2].where) == 12
    assert "end-of-image marker missing" in text and "training has not started" in text
    assert before == {path: path.read_bytes() for path in root.rglob("*.jpg")}


def test_bad_files_are_skipped_counted_and_listed(photos):
    (photos / "cat" / "00.png").write_bytes(b"")
    (photos / "cat" / "01.png").write_bytes(b"text")
    assert set(problems_of(lambda: opened(photos))) == {"data-image-empty", "data-image-unknown"}
    data = opened(photos, skip_bad=True)
    assert set(data.skipped) == {"cat/00.png", "cat/01.png"}
    assert "1 skipped: data-image-empty." in data.notes
    assert len(data.train) + len(data.val) + len(data.test) == 10
    for path in (photos / "cat").iterdir():
        path.write_bytes(b"")
    assert set(problems_of(lambda: opened(photos, skip_bad=True))) == {"labels-single-class"}


def test_a_file_that_vanishes_or_cannot_be_read(photos, monkeypatch):
    real = open

    def failing(path, *arguments, **options):
        if str(path).endswith("cat/03.png"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr("neocog.data.readers.folder.open", failing, raising=False)
    problem = only(lambda: opened(photos), "data-file-unreadable", 74)
    assert problem.where == ("cat/03.png: Permission denied",)


def test_hostile_names_are_shown_escaped(tmp_path):
    name = "a\x1b[31m\u202egnp"
    files = class_files() | {f"cat/{name}.png": b""}
    problem = only(lambda: opened(write_folder(tmp_path / "photos", files)), "data-image-empty")
    assert "\x1b" not in str(problem) and "\u202e" not in str(problem) and "\\x1b[31m" in str(problem)
    long = class_files() | {f"cat/{'n' * 251}.png": b""}
    only(lambda: opened(write_folder(tmp_path / "long", long)), "data-image-empty")


# --- any damage is answered ---------------------------------------------------------------------------------------


def _sources(folder: Path) -> dict[str, Path]:
    images, labels = np.stack([pixels(i, channels=1)[..., 0] for i in range(12)]), np.arange(12) % 2
    np.savez(folder / "a.npz", x=images, y=labels)
    np.savez_compressed(folder / "b.npz", x=images, y=labels)
    (folder / "train-images-idx3-ubyte").write_bytes(idx_bytes(images))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx_bytes(labels, packed=True))
    write_folder(folder, class_files())
    rows = [["path", "label"], *([name, name.split("/")[0]] for name in class_files())]
    return {
        "npz": folder / "a.npz",
        "packed npz": folder / "b.npz",
        "idx": folder / "train-images-idx3-ubyte",
        "zip": write_zip(folder / "c.zip", class_files(suffix=".jpg")),
        "tar": write_tar(folder / "d.tar", class_files(suffix=".jpg")),
        "tar.gz": write_tar(folder / "e.tar.gz", class_files(), "w:gz"),
        "csv": write_table(folder / "f.csv", rows),
    }


@pytest.mark.parametrize("kind", ["npz", "packed npz", "idx", "zip", "tar", "tar.gz", "csv"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damage_gives_data_or_a_named_problem(tmp_path_factory, kind, data):
    folder = tmp_path_factory.mktemp("damaged", numbered=True)
    path = _sources(folder)[kind]
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        opened(path)
    except Problem as problem:
        assert problem.exit_code in (2, 65) and problem.code
        json.dumps(problem.as_json())


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["", "PK\x03\x04", "\x93NUMPY\x01\0", "\x1f\x8b", "\0\0\x08\x03", "BZh9"])
)
def test_any_bytes_are_answered(tmp_path_factory, content, head):
    path = tmp_path_factory.mktemp("any", numbered=True) / "data.bin"
    path.write_bytes(head.encode("latin1") + content)
    with pytest.raises(Problem) as caught:
        opened(path)
    assert caught.value.exit_code in (2, 65)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.integers(0, 40))
def test_any_header_in_an_npz_is_answered(tmp_path_factory, text, count):
    header = text.encode("utf-8", "replace").decode("latin1")
    path = tmp_path_factory.getbasetemp() / "header.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", npy_bytes(header, bytes(count)))
    try:
        arrays = read_npz(path)
    except Problem as problem:
        assert problem.code == "data-array-damaged"
    else:
        assert all(array.read().nbytes == count for array in arrays.values())


def test_a_big_zip_member_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    big = io.BytesIO(encoded(pixels(1, 64, 64))).getvalue()
    path = write_zip(tmp_path / "a.zip", class_files() | {"cat/big.png": big})
    assert len(big) > 1000
    found = problems_of(lambda: opened(path))
    assert "cat/big.png" in found["data-image-bomb"].where[-1]


def test_files_that_change_between_the_two_passes_are_noticed(photos, monkeypatch):
    monkeypatch.setattr(survey, "HELD_BYTES", 0)
    assert problems_of(lambda: opened(photos)) == {}
    real = survey.decode_all

    def changed(*arguments, **options):
        (photos / "cat" / "00.png").write_bytes(encoded(pixels(321, channels=4)))
        return real(*arguments, **options)

    monkeypatch.setattr("neocog.data.readers.pool.decode_all", changed)
    only(lambda: opened(photos), "data-changed")
