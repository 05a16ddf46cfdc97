import errno
import json
import os
import time

import numpy as np
import pytest

from image_files import class_files, encoded, pixels, problems_of, write_folder
from neocog.core.errors import StorageProblem
from neocog.data import cache
from neocog.data.open import DataChoice, open_images
from neocog.data.readers import pool, survey


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("NEOCOG_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def photos(tmp_path):
    root = write_folder(tmp_path / "photos", class_files(suffix=".jpg"))
    for path in [root, *root.rglob("*")]:
        os.utime(path, (1e9, 1e9))
    return root


def opened(path, **options):
    return open_images(DataChoice(name=str(path), **options))


def decodings(monkeypatch):
    calls = []
    real = survey.decode
    monkeypatch.setattr(survey, "decode", lambda *a, **k: calls.append(1) or real(*a, **k))
    return calls


def test_decoded_once_listed_and_cleared(photos, monkeypatch):
    calls = decodings(monkeypatch)
    first = opened(photos)
    assert len(calls) == 12
    second = opened(photos)
    assert len(calls) == 12
    assert first.fingerprint == second.fingerprint
    (entry,) = cache.entries()
    assert entry.name == str(photos) and entry.bytes > 12 * 12 * 12 * 3 and abs(entry.created - time.time()) < 60
    assert cache.clear() == entry.bytes
    assert cache.entries() == []
    assert opened(photos).fingerprint == first.fingerprint
    assert len(calls) == 24


def test_unchanged_files_are_not_even_read(photos, monkeypatch):
    monkeypatch.setattr(
        cache, "_RACY", -(10**18)
    )  # their ctime is now; control: without this line nothing is remembered
    opened(photos)
    monkeypatch.setattr(pool, "survey", lambda *a, **k: pytest.fail("files were read again"))
    opened(photos)


def test_fresh_files_are_read_again(photos, monkeypatch):
    opened(photos)
    calls = []
    real = pool.survey
    monkeypatch.setattr(pool, "survey", lambda *a, **k: calls.append(1) or real(*a, **k))
    opened(photos)
    assert calls == [1]


def test_changed_content_is_seen(photos, monkeypatch):
    monkeypatch.setattr(cache, "_RACY", -(10**18))
    first = opened(photos)
    path = photos / "cat" / "00.jpg"
    before = path.stat()
    data = encoded(pixels(77), "JPEG")
    path.write_bytes(data[: before.st_size].ljust(before.st_size, b"\0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    problems_or_other = problems_of(lambda: opened(photos))
    assert problems_or_other or opened(photos).fingerprint != first.fingerprint


def test_moved_and_relabelled_images_share_the_entry(photos, monkeypatch, tmp_path):
    opened(photos)
    calls = decodings(monkeypatch)
    (photos / "cat").rename(photos / "chat")
    photos.rename(tmp_path / "elsewhere")
    assert opened(tmp_path / "elsewhere").classes == ("bird", "chat")
    assert calls == []


def test_another_size_or_decoder_is_another_entry(photos, monkeypatch):
    opened(photos)
    opened(photos, size=8)
    monkeypatch.setattr(pool, "decoder", lambda: "another 1.0")
    opened(photos)
    assert len(cache.entries()) == 3


def test_keeping_nothing_writes_nothing(photos, tmp_path):
    open_images(DataChoice(name=str(photos)), keep=False)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "json", "digest"])
def test_a_damaged_entry_is_made_anew(photos, damage):
    first = opened(photos)
    (folder,) = (entry.path for entry in cache.entries())
    name = {"json": "entry.json", "digest": "digests.npy"}.get(damage, "images.npy")
    data = bytearray((folder / name).read_bytes())
    if damage == "cut":
        del data[-100:]
    elif damage == "json":
        data = data[: len(data) // 2]
    else:
        data[200] ^= 1
    (folder / name).write_bytes(data)
    assert cache.find(folder.name) is None
    again = opened(photos)
    np.testing.assert_array_equal(first.train.images, again.train.images)
    assert cache.find(folder.name) is not None


def test_a_full_disk_is_told_and_leaves_no_litter(photos, monkeypatch, tmp_path):
    real = os.fsync

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache.os, "fsync", full)
    with pytest.raises(StorageProblem) as caught:
        opened(photos)
    assert caught.value.code == "cache-unwritable" and caught.value.exit_code == 74
    assert "--no-cache" in caught.value.help and str(tmp_path / "cache") in caught.value.where[0]
    assert list((tmp_path / "cache" / "images").iterdir()) == []
    monkeypatch.setattr(cache.os, "fsync", real)
    assert len(opened(photos).train) > 0


def test_a_cache_that_cannot_be_made_is_told(photos, tmp_path):
    (tmp_path / "cache").write_text("a file is in the way")
    assert set(problems_of(lambda: opened(photos))) == {"cache-unwritable"}


def test_an_entry_appears_whole_or_not_at_all(photos, monkeypatch):
    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        opened(photos)
    assert cache.entries() == []


def test_old_litter_is_removed(photos):
    litter = cache.cache_folder() / "images" / ".unfinished-old"
    litter.mkdir(parents=True)
    os.utime(litter, (1e9, 1e9))
    opened(photos)
    assert not litter.exists()


def test_bad_images_stay_known(photos, monkeypatch):
    (photos / "cat" / "00.jpg").write_bytes(class_files(suffix=".jpg")["cat/00.jpg"][:-40])
    assert set(problems_of(lambda: opened(photos))) == {"data-image-truncated"}
    calls = decodings(monkeypatch)
    data = opened(photos, skip_bad=True)
    assert calls == [] and list(data.skipped) == ["cat/00.jpg"]


def test_resized_arrays_are_cached_too(tmp_path, monkeypatch):
    images = np.stack([pixels(i, 20, 30) for i in range(12)])
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(12) % 2)
    first = opened(tmp_path / "a.npz", size=16)
    assert first.takes.height == 16 and len(cache.entries()) == 1
    monkeypatch.setattr(pool, "fit_to", lambda *a: pytest.fail("fitted again"))
    assert opened(tmp_path / "a.npz", size=16).fingerprint == first.fingerprint


def test_the_folder_follows_the_platform(monkeypatch, tmp_path):
    assert cache.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("NEOCOG_CACHE")
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.cache_folder() == tmp_path / "xdg" / "neocog"
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache.cache_folder() == tmp_path / "local" / "neocog" / "cache"


def test_a_broken_index_is_not_trusted(photos, monkeypatch):
    monkeypatch.setattr(cache, "_RACY", -(10**18))
    first = opened(photos)
    for path in (cache.cache_folder() / "index").iterdir():
        values = json.loads(path.read_text())
        values["bad"] = {"x": 3}
        path.write_text(json.dumps(values))
    assert opened(photos).fingerprint == first.fingerprint


def test_tally_is_exact():
    random = np.random.default_rng(1)
    for dtype, top in ((np.uint8, 256), (np.uint16, 65536)):
        images = random.integers(0, top, (130, 5, 6, 3)).astype(dtype)
        digests, sums = cache.tally(images)
        singly = [cache.tally_one(image) for image in images]
        np.testing.assert_array_equal(digests, [digest for digest, _ in singly])
        np.testing.assert_array_equal(sums, [each for _, each in singly])
        wide = images.astype(np.int64)
        np.testing.assert_array_equal(sums[:, 0], wide.sum((1, 2)))
        np.testing.assert_array_equal(sums[:, 1], (wide**2).sum((1, 2)))
        assert len({bytes(digest) for digest in digests}) == 130
