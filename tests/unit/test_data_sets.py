import hashlib
import http.server
import tarfile
import threading

import numpy as np
import pytest

from image_files import idx_bytes, problems_of, write_tar
from neocog.core.progress import Silent
from neocog.data import cache
from neocog.data.open import DataChoice, open_images
from neocog.data.readers.findings import Findings
from neocog.data.sets import DATASETS
from neocog.data.sets.cifar import CIFAR10, CIFAR100
from neocog.data.sets.download import Remote, download
from neocog.data.sets.mnist import FILES, MNIST, IdxSet


def opened(name, root, **options):
    return open_images(DataChoice(name=name, root=str(root), **options), keep=False)


def cifar_records(count, labels, seed=0):
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    numbers = np.tile(np.arange(10, dtype=np.uint8), count // 10)[:, None]
    head = np.concatenate([np.zeros((count, labels - 1), np.uint8), numbers], axis=1)
    return images, np.concatenate([head, images.reshape(count, -1)], axis=1).tobytes()


def cifar_files(known):
    width = {}
    for number, file in enumerate(file for files in known.batches.values() for file in files):
        width[file] = cifar_records(20, known.labels, number)[1]
    return width


def idx_files(folder, *, packed=True, count=40):
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = np.arange(count) % 10
    halves = (slice(0, count // 2), slice(count // 2, count))
    for (images_file, labels_file), rows in zip((FILES[:2], FILES[2:]), halves):
        for file, array in ((images_file, images[rows]), (labels_file, labels[rows])):
            name = file if packed else file.removesuffix(".gz")
            (folder / name).write_bytes(idx_bytes(array, packed=packed))
    return images, labels


def test_every_set_says_what_it_is():
    assert list(DATASETS) == ["digits", "mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100"]
    for name, known in DATASETS.items():
        assert known.name == name and "class" in known.about
        for remote in known.remotes:
            assert len(remote.sha256) == 64 and remote.size > 4000
    assert len(CIFAR100.classes) == len(set(CIFAR100.classes)) == 100


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "kmnist"])
@pytest.mark.parametrize("packed", [True, False])
def test_idx_sets_keep_the_order_of_their_classes(tmp_path, name, packed):
    images, _ = idx_files(tmp_path, packed=packed)
    data = opened(name, tmp_path)
    assert data.classes == DATASETS[name].classes
    assert len(data.test) == 20
    np.testing.assert_array_equal(data.test.images[..., 0], images[20:])
    assert data.test.labels.tolist() == list(range(10)) * 2


def test_idx_sets_as_npz(tmp_path):
    images, labels = idx_files(tmp_path)
    expected = opened("kmnist", tmp_path)
    single, four = tmp_path / "single", tmp_path / "four"
    single.mkdir(), four.mkdir()
    arrays = {"x_train": images[:20], "y_train": labels[:20], "x_test": images[20:], "y_test": labels[20:]}
    np.savez(single / "kmnist.npz", **arrays)
    for part, rows in (("train", slice(0, 20)), ("test", slice(20, 40))):
        np.savez(four / f"kmnist-{part}-imgs.npz", images[rows])
        np.savez(four / f"kmnist-{part}-labels.npz", labels[rows])
    assert opened("kmnist", single).fingerprint == opened("kmnist", four).fingerprint == expected.fingerprint


@pytest.mark.parametrize("known", [CIFAR10, CIFAR100], ids=lambda known: known.name)
@pytest.mark.parametrize("form", ["folder", "inner", "archive", "npz"])
def test_cifar_without_unpickling(tmp_path, known, form):
    files = cifar_files(known)
    if known is CIFAR100:  # enough of each class: the first ten
        files = {"train.bin": cifar_records(40, 2, 1)[1], "test.bin": cifar_records(20, 2, 2)[1]}
    if form in ("folder", "inner"):
        place = tmp_path / known.inner if form == "inner" else tmp_path
        place.mkdir(exist_ok=True)
        for file, data in files.items():
            (place / file).write_bytes(data)
    elif form == "archive":
        write_tar(tmp_path / known.remotes[0].file, {f"{known.inner}/{f}": d for f, d in files.items()}, "w:gz")
    else:
        parts = {part: b"".join(files[file] for file in names) for part, names in known.batches.items()}
        arrays = {}
        for part, data in parts.items():
            records = np.frombuffer(data, np.uint8).reshape(-1, known.labels + 3072)
            arrays[f"x_{part}"] = records[:, known.labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            arrays[f"y_{part}"] = records[:, known.labels - 1]
        np.savez(tmp_path / f"{known.name}.npz", **arrays)
    data = opened(known.name, tmp_path)
    last = list(files)[-1]
    images = np.frombuffer(files[last], np.uint8).reshape(-1, known.labels + 3072)[:, known.labels :]
    np.testing.assert_array_equal(data.test.images, images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    assert data.classes == known.classes[:10]


def test_damaged_cifar(tmp_path):
    for file, data in cifar_files(CIFAR10).items():
        (tmp_path / file).write_bytes(data[:-1] if file == "data_batch_2.bin" else data)
    assert set(problems_of(lambda: opened("cifar10", tmp_path))) == {"data-cifar-damaged"}
    (tmp_path / "data_batch_2.bin").unlink()
    with tarfile.open(tmp_path / CIFAR10.remotes[0].file, "w:gz"):
        pass
    assert set(problems_of(lambda: opened("cifar10", tmp_path))) == {"data-cifar-damaged"}


def test_label_ten_of_ten_classes_is_out_of_range(tmp_path):
    _, labels = idx_files(tmp_path)
    labels[3] = 10
    (tmp_path / FILES[1]).write_bytes(idx_bytes(labels[:20], packed=True))
    problems = problems_of(lambda: opened("mnist", tmp_path))
    assert problems["labels-out-of-range"].where == ("train[3]: label 10",)


def test_files_that_are_not_here_are_named_and_nothing_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("NEOCOG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("urllib.request.urlopen", lambda *a, **k: pytest.fail("nobody asked for a download"))
    for call in (lambda: opened("mnist", tmp_path), lambda: open_images(DataChoice(name="cifar10"))):
        (problem,) = problems_of(call).values()
        assert problem.code == "data-not-here" and problem.exit_code == 2
        assert "--download" in problem.help and "looked for" in problem.where[0]
    assert "python version is a pickle" in problem.where[0]
    assert set(problems_of(lambda: opened("mnist", tmp_path / "nowhere"))) == {"data-missing"}
    nowhere = problems_of(lambda: open_images(DataChoice(name="mnist"), download=True, keep=False))
    assert set(nowhere) == {"download-nowhere"}


@pytest.fixture
def server(tmp_path):
    home = tmp_path / "home"
    home.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(home))

        def log_message(self, *arguments): ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield home, f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_downloads_are_shown_verified_and_found_again(server, tmp_path, monkeypatch):
    home, url = server
    idx_files(home)
    sums = [((home / f).stat().st_size, hashlib.sha256((home / f).read_bytes()).hexdigest()) for f in FILES]
    known = IdxSet("mnist", "for this test, 10 classes", MNIST.classes, url, sums)
    monkeypatch.setitem(DATASETS, "mnist", known)
    monkeypatch.setenv("NEOCOG_CACHE", str(tmp_path / "cache"))
    said = []

    class Telling(Silent):
        def say(self, text):
            said.append(text)

    data = open_images(DataChoice(name="mnist"), download=True, progress=Telling())
    assert len(data.test) == 20 and len(said) == 4
    assert all(part in said[0] for part in (url, f"{sums[0][0]:,}", sums[0][1]))
    (home / FILES[0]).unlink()
    assert open_images(DataChoice(name="mnist")).fingerprint == data.fingerprint
    cache.clear()
    assert open_images(DataChoice(name="mnist")).fingerprint == data.fingerprint


def test_a_download_that_differs_is_not_kept(server, tmp_path):
    home, url = server
    (home / "a.bin").write_bytes(b"x" * 1000)
    right = Remote(url + "a.bin", 1000, hashlib.sha256(b"x" * 1000).hexdigest())
    for wrong in (
        Remote(right.url, 1000, "0" * 64),
        Remote(right.url, 999, right.sha256),
        Remote(right.url, 1001, right.sha256),
    ):
        assert set(problems_of(lambda wrong=wrong: download([wrong], tmp_path / "to", Silent()))) == {
            "download-mismatch"
        }
        assert list((tmp_path / "to").iterdir()) == []
    gone = Remote(url + "b.bin", 1, "0" * 64)
    (problem,) = problems_of(lambda: download([gone], tmp_path / "to", Silent())).values()
    assert problem.code == "download-failed" and problem.exit_code == 74 and problem.where == (gone.url,)
    download([right], tmp_path / "to", Silent())
    assert (tmp_path / "to" / "a.bin").read_bytes() == b"x" * 1000


def test_digits_need_no_folder(tmp_path):
    assert DATASETS["digits"].read(tmp_path, Findings()).images.shape == (1797, 8, 8, 1)
