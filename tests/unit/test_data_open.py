import csv
import tomllib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import tomli_w

from image_files import (
    class_files,
    encoded,
    idx_bytes,
    pixels,
    problems_of,
    write_folder,
    write_table,
    write_tar,
    write_zip,
)
from neocog.core.options import options_of
from neocog.core.progress import AbstractProgress
from neocog.data.open import DataChoice, from_arrays, open_images
from neocog.data.preparation import Preparation


def opened(path, keep=False, largest=64, **options):
    return open_images(DataChoice(name=str(path), **options), keep=keep, largest=largest)


def same(a, b):
    assert a.fingerprint == b.fingerprint
    assert a.classes == b.classes
    assert a.preparation == b.preparation
    for part in ("train", "val", "test"):
        left, right = getattr(a, part), getattr(b, part)
        np.testing.assert_array_equal(left.images, right.images)
        np.testing.assert_array_equal(left.labels, right.labels)


def test_digits_is_the_default_and_has_three_stratified_parts():
    data = open_images(DataChoice())
    assert data.classes == tuple("0123456789")
    assert (len(data.train), len(data.val), len(data.test)) == (1258, 180, 359)
    assert data.train.images.dtype == np.uint8 and data.train.images.max() == 255
    assert (data.takes.channels, data.takes.height, data.takes.width) == (1, 8, 8)
    for part in (data.val, data.test):
        assert set(part.labels) == set(range(10))
    all_names = [*data.train.names, *data.val.names, *data.test.names]
    assert len(set(all_names)) == len(all_names) == 1797


def test_a_choice_is_plain_values_that_survive_toml():
    choice = DataChoice(name="photos", ignore_class=("a", "b"), size=32, val=0.2)
    values = {key: value for key, value in asdict(choice).items() if value is not None}
    back = tomllib.loads(tomli_w.dumps({k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}))
    back["ignore_class"] = tuple(back["ignore_class"])
    assert DataChoice(**back) == choice
    assert all(option.help for option in options_of(DataChoice).values())


def test_options_are_checked(tmp_path):
    assert set(problems_of(lambda: open_images(DataChoice(size=2, val=0.95)))) == {"option-value"}


def test_folder_zip_tar_and_cache_give_the_same(tmp_path):
    files = class_files(parts=("train", "valid", "testing"), suffix=".jpg")
    folder = opened(write_folder(tmp_path / "photos", files))
    assert (len(folder.train), len(folder.val), len(folder.test)) == (12, 12, 12)
    assert folder.classes == ("bird", "cat")
    wrapped = {f"top/{name}": data for name, data in files.items()} | {"__MACOSX/top/train/cat/._00.jpg": b"x"}
    same(folder, opened(write_zip(tmp_path / "a.zip", wrapped)))
    for ending, mode in ((".tar", "w"), (".tar.gz", "w:gz"), (".tar.bz2", "w:bz2"), (".tar.xz", "w:xz")):
        same(folder, opened(write_tar(tmp_path / f"a{ending}", wrapped, mode)))
    same(folder, opened(tmp_path / "photos", keep=True))
    cached = opened(tmp_path / "photos", keep=True)
    same(folder, cached)
    assert any("hidden" in note for note in opened(tmp_path / "a.zip").notes)


def test_another_pixel_gives_another_fingerprint(tmp_path):
    files = class_files()
    before = opened(write_folder(tmp_path / "photos", files))
    changed = pixels(0)
    changed[0, 0, 0] ^= 1
    write_folder(tmp_path / "photos", {"bird/00.png": encoded(changed)})
    assert opened(tmp_path / "photos").fingerprint != before.fingerprint
    write_folder(tmp_path / "photos", {"bird/00.png": files["bird/00.png"]})
    assert opened(tmp_path / "photos").fingerprint == before.fingerprint
    (tmp_path / "photos" / "cat").rename(tmp_path / "photos" / "cats")
    assert opened(tmp_path / "photos").fingerprint != before.fingerprint


def test_numeric_class_names_are_sorted_by_number(tmp_path):
    data = opened(write_folder(tmp_path / "photos", class_files(("10", "9", "2", "other"))))
    assert data.classes == ("2", "9", "10", "other")


def test_a_class_may_be_called_train(tmp_path):
    data = opened(write_folder(tmp_path / "vehicles", class_files(("train", "plane", "car"))))
    assert data.classes == ("car", "plane", "train")
    assert len(data.train) + len(data.val) + len(data.test) == 18


def test_subfolders_belong_to_their_class_and_other_files_are_counted(tmp_path):
    files = class_files()
    files["cat/more/deep.png"] = encoded(pixels(99))
    files |= {"README.txt": b"hello", "cat/notes.md": b"x", "stray.png": encoded(pixels(98)), "cat/.DS_Store": b"x"}
    data = opened(write_folder(tmp_path / "photos", files))
    names = [*data.train.names, *data.val.names, *data.test.names]
    assert "cat/more/deep.png" in names and "stray.png" not in names
    assert set(data.skipped) == {"README.txt", "cat/notes.md", "stray.png"}
    assert "2 files were left out: not an image by its name." in data.notes


def test_size_is_the_median_longer_side_at_most_the_largest(tmp_path):
    files = {f"{c}/{i}.png": encoded(pixels(i, 20, 10 + i)) for c in ("a", "b") for i in range(5)}
    root = write_folder(tmp_path / "photos", files)
    assert opened(root).takes.height == opened(root).takes.width == 20
    limited = opened(root, largest=16)
    assert limited.takes.height == 16 and any("at most 16" in note for note in limited.notes)
    assert opened(root, size=30).takes.height == 30
    narrow = opened(root, size=20)
    index = list(narrow.train.names).index("a/0.png") if "a/0.png" in narrow.train.names else None
    if index is not None:
        assert not narrow.train.images[index][:, :5].any() and narrow.train.images[index][:, 5:15].any()


def test_the_richest_kind_is_kept_and_said(tmp_path):
    files = class_files()
    files["cat/grey.png"] = encoded(pixels(50, channels=1))
    data = opened(write_folder(tmp_path / "rgb", files))
    assert data.takes.channels == 3 and any("several kinds" in note for note in data.notes)
    files["cat/alpha.png"] = encoded(pixels(51, channels=4))
    data = opened(write_folder(tmp_path / "rgba", files))
    assert data.takes.channels == 4
    part = next(p for p in (data.train, data.val, data.test) if "cat/grey.png" in p.names)
    grey = part.images[list(part.names).index("cat/grey.png")]
    assert (grey[..., 3] == 255).all() and (grey[..., 0] == grey[..., 2]).all()


def test_sixteen_bits_are_kept(tmp_path):
    rows = np.arange(144, dtype=np.uint16).reshape(12, 12, 1) * 400
    files = {f"{c}/{i}.png": encoded(rows + i) for c in "ab" for i in range(4)}
    files["a/eight.png"] = encoded(np.full((12, 12, 1), 200, np.uint8))
    data = opened(write_folder(tmp_path / "deep", files), keep=True)
    assert data.preparation.top == 65535 and data.train.images.dtype == np.uint16
    names = {name: image for p in (data.train, data.val, data.test) for name, image in zip(p.names, p.images)}
    np.testing.assert_array_equal(names["b/2.png"], rows + 2)
    assert (names["a/eight.png"] == 200 * 257).all()


def test_mean_and_std_are_those_of_train_alone(tmp_path):
    data = opened(write_folder(tmp_path / "photos", class_files(each=9)))
    expected = Preparation.measured(np.asarray(data.train.images))
    assert data.preparation.mean == pytest.approx(expected.mean, abs=1e-12)
    assert data.preparation.std == pytest.approx(expected.std, abs=1e-12)
    everything = np.concatenate([data.train.images, data.val.images, data.test.images])
    assert Preparation.measured(everything).mean != pytest.approx(data.preparation.mean, abs=1e-6)


def test_table_with_metadata_parts_and_groups(tmp_path):
    root = write_folder(tmp_path, class_files(each=10))
    rows = [["file", "class", "patient", "age"]]
    rows += [[f"{c}/{i:02}.png", c, f"p{i // 2}", str(20 + i)] for c in ("bird", "cat") for i in range(10)]
    table = write_table(root / "photos.csv", rows)
    data = opened(table, group_column="patient")
    groups = [set(part.metadata["patient"]) for part in (data.train, data.val, data.test)]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    assert set(data.train.metadata) == {"patient", "age"}
    with_parts = [
        [*rows[0], "split"],
        *([*row, ("train", "train", "test", "val", "train")[n % 5]] for n, row in enumerate(rows[1:])),
    ]
    given = opened(write_table(root / "parts.csv", with_parts))
    assert (len(given.train), len(given.val), len(given.test)) == (12, 4, 4)
    assert "split" not in given.train.metadata


def test_table_with_semicolons_named_columns_and_root(tmp_path):
    write_folder(tmp_path / "images", class_files())
    (tmp_path / "tables").mkdir()
    with open(tmp_path / "tables" / "t.csv", "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["where", "what"])
        writer.writerows([[name.replace("/", "\\"), name.split("/")[0]] for name in class_files()])
    options = {"path_column": "where", "label_column": "what", "root": str(tmp_path / "images")}
    assert opened(tmp_path / "tables" / "t.csv", **options).classes == ("bird", "cat")


def test_a_folder_of_images_with_one_table(tmp_path):
    files = {name.replace("/", "_"): data for name, data in class_files().items()}
    write_folder(tmp_path / "flat", files)
    write_table(tmp_path / "flat" / "labels.csv", [["image", "label"], *([name, name.split("_")[0]] for name in files)])
    assert opened(tmp_path / "flat").classes == ("bird", "cat")


@pytest.mark.parametrize("form", ["x/y", "images/labels", "x_train", "train_images"])
def test_npz_in_its_usual_forms(tmp_path, form):
    images = np.stack([pixels(i, channels=1)[..., 0] for i in range(20)])
    labels = np.arange(20) % 2
    if "/" in form:
        a, b = form.split("/")
        np.savez(tmp_path / "a.npz", **{a: images, b: labels[:, None]})
    elif form == "x_train":
        np.savez_compressed(
            tmp_path / "a.npz", x_train=images[:12], y_train=labels[:12], x_test=images[12:], y_test=labels[12:]
        )
    else:
        kinds = {"train": slice(0, 12), "val": slice(12, 16), "test": slice(16, 20)}
        np.savez(
            tmp_path / "a.npz",
            **{f"{k}_images": images[s] for k, s in kinds.items()},
            **{f"{k}_labels": labels[s] for k, s in kinds.items()},
        )
    data = opened(tmp_path / "a.npz")
    assert data.classes == ("0", "1") and data.takes.channels == 1
    assert len(data.train) + len(data.val) + len(data.test) == 20
    if form == "train_images":
        np.testing.assert_array_equal(data.train.images[..., 0], images[:12])


def test_npz_class_names_and_groups(tmp_path):
    images = np.stack([pixels(i) for i in range(30)])
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(30) % 3, class_names=["z", "b", "a"], patient=np.arange(30) // 3)
    data = opened(tmp_path / "a.npz", group_column="patient")
    assert data.classes == ("z", "b", "a")
    assert not set(data.train.metadata["patient"]) & set(data.test.metadata["patient"])


def test_npy_with_labels_beside_is_memory_mapped(tmp_path):
    images = np.stack([pixels(i) for i in range(20)])
    np.save(tmp_path / "a.npy", images)
    np.save(tmp_path / "a_labels.npy", np.array(["x", "y"] * 10))
    data = opened(tmp_path / "a.npy")
    assert data.classes == ("x", "y")
    same(data, from_arrays(images, np.array(["x", "y"] * 10)))


@pytest.mark.parametrize("packed", [False, True])
def test_idx_folder_and_file(tmp_path, packed):
    images = np.stack([pixels(i, channels=1)[..., 0] for i in range(20)])
    labels = np.arange(20) % 2
    end = ".gz" if packed else ""
    for part, rows in (("train", slice(0, 14)), ("t10k", slice(14, 20))):
        (tmp_path / f"{part}-images-idx3-ubyte{end}").write_bytes(idx_bytes(images[rows], packed=packed))
        (tmp_path / f"{part}-labels-idx1-ubyte{end}").write_bytes(idx_bytes(labels[rows], packed=packed))
    data = opened(tmp_path)
    assert len(data.test) == 6
    np.testing.assert_array_equal(data.test.images[..., 0], images[14:])
    single = opened(tmp_path / f"train-images-idx3-ubyte{end}")
    assert len(single.train) + len(single.val) + len(single.test) == 14


def test_arrays_of_many_kinds_become_eight_or_sixteen_bits():
    base = np.stack([pixels(i) for i in range(12)])
    labels = [0, 1] * 6
    plain = from_arrays(base, labels)
    same(plain, from_arrays(base.astype(np.float32) / 255, labels))
    same(plain, from_arrays(base.astype(np.float64), labels))
    same(plain, from_arrays(base.astype(np.int64), labels))
    same(plain, from_arrays(base.transpose(0, 3, 1, 2), labels))
    fine = from_arrays(np.random.default_rng(0).random((12, 8, 8)), labels)
    assert fine.preparation.top == 65535 and any("16 bits" in note for note in fine.notes)
    assert from_arrays(base.astype(np.uint16) * 200, labels).preparation.top == 65535
    assert from_arrays(base > 100, labels).train.images.max() == 255
    assert (
        from_arrays(np.random.default_rng(0).integers(0, 256, (12, 8, 8, 7), dtype=np.uint8), labels).takes.channels
        == 7
    )
    one_hot = np.eye(2)[labels]
    same(plain, from_arrays(base, one_hot))


def test_given_arrays_are_not_divided_again():
    images = np.stack([pixels(i) for i in range(30)])
    labels = np.arange(30) % 3
    data = from_arrays(images[:18], labels[:18], val=(images[18:24], labels[18:24]), test=(images[24:], labels[24:]))
    assert (len(data.train), len(data.val), len(data.test)) == (18, 6, 6)
    np.testing.assert_array_equal(data.test.images, images[24:])


def test_ignored_classes_are_left_out(tmp_path):
    root = write_folder(tmp_path / "photos", class_files(("a", "b", "c")))
    assert opened(root, ignore_class=("b",)).classes == ("a", "c")
    problems = problems_of(lambda: opened(root, ignore_class=("bb",)))
    assert "did you mean `--ignore-class b`" in problems["labels-ignored-unknown"].help


class Counting(AbstractProgress):
    def __init__(self):
        self.started, self.last, self.open = [], 0.0, 0

    def say(self, text): ...

    def start(self, what, total, unit):
        self.started.append((what, total))
        self.open += 1

    def advance(self, done, score=""):
        self.last = done

    def end(self):
        self.open -= 1


def test_progress_is_told(tmp_path):
    progress = Counting()
    root = write_folder(tmp_path / "photos", class_files())
    open_images(DataChoice(name=str(root)), keep=False, progress=progress)
    assert progress.started == [("Reading images", 12), ("Decoding images", 12)]
    assert progress.last == 12 and progress.open == 0


def test_real_data(test_data: Path):
    clothing = opened(test_data / "clothing_small" / "clothing_small_160.zip")
    assert (len(clothing.train), len(clothing.val), len(clothing.test)) == (1000, 341, 372)
    assert len(clothing.classes) == 10 and clothing.takes.channels == 3 and clothing.takes.height == 64
    mnist = open_images(DataChoice(name="mnist", root=str(test_data / "mnist")))
    assert (len(mnist.train), len(mnist.val), len(mnist.test)) == (54000, 6000, 10000)
    assert mnist.preparation.mean[0] == pytest.approx(0.1307, abs=5e-4)
    assert mnist.preparation.std[0] == pytest.approx(0.3081, abs=5e-4)
    xray = opened(test_data / "pneumoniamnist" / "pneumoniamnist_balanced.npz")
    assert (len(xray.train), len(xray.val), len(xray.test)) == (2428, 270, 468)
