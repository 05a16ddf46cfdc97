"""Links, hostile archives and arrays that lie: nothing outside is read or written, nothing is executed."""

import gzip
import os
import pickle
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

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
    write_tar,
    write_zip,
)
from neocog.data.readers import archive as archives


@pytest.fixture
def photos(tmp_path):
    return write_folder(tmp_path / "photos", class_files())


# --- links and hostile archives: no read and no write outside ------------------------------------------------------


def test_links_that_lead_outside_are_not_followed(photos):
    outside = photos.parent / "secret.png"
    outside.write_bytes(encoded(pixels(1)))
    (photos / "cat" / "inside.png").symlink_to(photos / "bird" / "00.png")
    assert problems_of(lambda: opened(photos)) == {}
    (photos / "cat" / "link.png").symlink_to(outside)
    (photos / "dog").symlink_to(photos / "bird", target_is_directory=True)
    (photos / "cat" / "loop.png").symlink_to("loop.png")
    problem = only(lambda: opened(photos), "data-link-outside")
    assert set(problem.where) == {"cat/link.png", "dog", "cat/loop.png"}
    data = opened(photos, skip_bad=True)
    assert data.classes == ("bird", "cat") and len(data.skipped) == 3


HOSTILE = [
    "../../evil.png", "/etc/evil.png", "cat/../../../evil.png", "C:/evil.png", "..\\..\\evil.png", "cat\\evil.png",
    "\\\\server\\share\\evil.png", "..", "cat/..", "//evil.png",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_hostile_names_in_archives_are_refused(tmp_path, name, kind):
    canary = tmp_path / "evil.png"
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    files = class_files() | {name: encoded(pixels(1))}
    path = write_zip(inner / "a.zip", files) if kind == "zip" else write_tar(inner / "a.tar", files)
    problem = only(lambda: opened(path), "data-archive-unsafe-name")
    assert problem.where == (name,)
    assert not canary.exists() and list(inner.iterdir()) == [path] and not Path("/etc/evil.png").exists()


def test_nul_in_a_zip_name_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", class_files() | {"cat/evilX.png": b"x"})
    path.write_bytes(path.read_bytes().replace(b"cat/evilX.png", b"cat/evil\0.png"))
    only(lambda: opened(path), "data-archive-unsafe-name")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_tars_are_refused(tmp_path, kind):
    path = write_tar(tmp_path / "a.tar", class_files())
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo("cat/link.png")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    only(lambda: opened(path), "data-archive-link")


def test_links_and_passwords_in_zips_are_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", class_files())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("cat/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    only(lambda: opened(path), "data-archive-link")
    path = write_zip(tmp_path / "b.zip", class_files())
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    only(lambda: opened(path), "data-archive-encrypted")


def test_archive_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", 2**20)
    zeros = bytes(3 * 2**20)
    only(lambda: opened(write_zip(tmp_path / "a.zip", class_files() | {"cat/zero.bmp": zeros})), "data-archive-bomb")
    for ending, mode in ((".gz", "w:gz"), (".bz2", "w:bz2"), (".xz", "w:xz")):
        path = write_tar(tmp_path / f"a.tar{ending}", class_files() | {"cat/zero.bmp": zeros}, mode)
        only(lambda path=path: opened(path), "data-archive-bomb")
    np.savez_compressed(tmp_path / "fine.npz", x=np.zeros((100, 64, 64, 3), np.uint8), y=np.arange(100) % 2)
    assert problems_of(lambda: opened(tmp_path / "fine.npz")) == {}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "npz", "npy", "idx", "idx.gz"])
def test_truncated_containers_are_named(tmp_path, kind):
    images, labels = np.stack([pixels(i, channels=1)[..., 0] for i in range(12)]), np.arange(12) % 2
    if kind == "zip":
        path = write_zip(tmp_path / "a.zip", class_files())
    elif kind.startswith("tar"):
        path = write_tar(tmp_path / f"a.{kind}", class_files(), "w:gz" if kind == "tar.gz" else "w")
    elif kind == "npz":
        path = tmp_path / "a.npz"
        np.savez(path, x=images, y=labels)
    elif kind == "npy":
        path = tmp_path / "a.npy"
        np.save(path, images)
        np.save(tmp_path / "a_labels.npy", labels)
    else:
        packed = kind == "idx.gz"
        path = tmp_path / f"train-images-idx3-ubyte{'.gz' if packed else ''}"
        path.write_bytes(idx_bytes(images, packed=packed))
        (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    assert problems_of(lambda: opened(path)) == {}
    whole = path.read_bytes()
    family = {"zip": "archive", "tar": "archive", "tar.gz": "archive", "npz": "archive", "npy": "array"}.get(
        kind, "idx"
    )
    tar_end = len(whole) - 10240 if kind == "tar" else len(whole)
    for cut in (tar_end - 1, len(whole) // 2, 100):
        path.write_bytes(whole[:cut])
        only(lambda: opened(path), f"data-{family}-damaged")


def test_a_damaged_header_in_the_middle_of_a_tar_is_noticed(tmp_path):
    path = write_tar(tmp_path / "a.tar", class_files())
    with tarfile.open(path) as archive:
        middle = archive.getmembers()[6].offset
    data = bytearray(path.read_bytes())
    data[middle : middle + 8] = b"\xff" * 8
    path.write_bytes(data)
    only(lambda: opened(path), "data-archive-damaged")


# --- arrays that lie ----------------------------------------------------------------------------------------------


def test_eight_tebibytes_are_not_asked_for(tmp_path):
    giant = npy_bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,)}", bytes(64))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", giant)
        archive.writestr("y.npy", giant)
    problem = only(lambda: opened(tmp_path / "a.npz"), "data-array-damaged")
    assert "8,796,093,022,208 bytes" in problem.what
    (tmp_path / "a.npy").write_bytes(giant)
    np.save(tmp_path / "a_labels.npy", np.zeros(3))
    only(lambda: opened(tmp_path / "a.npy"), "data-array-damaged")
    lying = bytearray(gzip.compress(b"\0\0\x08\x03" + struct.pack(">III", 2**31, 2**10, 2**9)))
    (tmp_path / "x-images-idx3-ubyte.gz").write_bytes(lying)
    (tmp_path / "x-labels-idx1-ubyte.gz").write_bytes(lying)
    only(lambda: opened(tmp_path / "x-images-idx3-ubyte.gz"), "data-idx-damaged")


def test_a_zip_that_lies_about_sizes_as_well(tmp_path):
    giant = npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000,)}")
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", giant + bytes(100))
        archive.writestr("y.npy", giant + bytes(100))
    data = (tmp_path / "a.npz").read_bytes()
    true_size, false_size = struct.pack("<I", len(giant) + 100), struct.pack("<I", len(giant) + 4_000_000_000)
    assert data.count(true_size) == 4
    (tmp_path / "a.npz").write_bytes(data.replace(true_size, false_size))
    only(lambda: opened(tmp_path / "a.npz"), "data-array-damaged")


BAD_HEADERS = [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2**70,)}",
    "{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}",
    "{'descr': [('a', 'O')], 'fortran_order': False, 'shape': (3,)}",
    "{'descr': 'V8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': 'u1,u1', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False}",
    "__import__('os').system('touch canary')",
    "[" * 4000,
    "",
]


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_headers_that_cannot_be_used(tmp_path, header, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(npy_bytes(header, bytes(24)))
    np.save(tmp_path / "a_labels.npy", np.zeros(3))
    only(lambda: opened(tmp_path / "a.npy"), "data-array-damaged")
    assert not (tmp_path / "canary").exists()


class Exploit:
    def __reduce__(self):
        return os.system, ("touch canary",)


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = np.array([Exploit()] * 6, dtype=object)
    np.savez(tmp_path / "a.npz", x=evil, y=np.arange(6) % 2)
    only(lambda: opened(tmp_path / "a.npz"), "data-array-pickled")
    np.save(tmp_path / "b.npy", evil)
    np.save(tmp_path / "b_labels.npy", np.arange(6) % 2)
    only(lambda: opened(tmp_path / "b.npy"), "data-array-pickled")
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(Exploit()))
    (tmp_path / "noname").write_bytes(pickle.dumps(Exploit()))
    write_zip(tmp_path / "d.pt", {"archive/data.pkl": pickle.dumps(Exploit())})
    write_zip(tmp_path / "e.zip", {"archive/data.pkl": pickle.dumps(Exploit())})
    for name in ("c.pkl", "noname", "d.pt", "e.zip"):
        problem = only(lambda name=name: opened(tmp_path / name), "data-pickle-refused")
        assert "weights_only=True" in problem.help
    assert not (tmp_path / "canary").exists()
    pickle.loads(pickle.dumps(Exploit()))  # the control: unpickling would have made it
    assert (tmp_path / "canary").exists()


AUDITED = """
import os, sys
os.environ["NEOCOG_CACHE"] = sys.argv[1] + "/cache"
from neocog.core.errors import Problem
from neocog.data.open import DataChoice, open_images
seen = []
watched = ("pickle.find_class", "subprocess.Popen", "os.system")
sys.addaudithook(lambda event, args: seen.append(event) if event in watched else None)
for name in sys.argv[2:]:
    try:
        open_images(DataChoice(name=name))
    except Problem as problem:
        print(problem.code)
print(seen)
"""


def test_no_event_of_unpickling_or_execution(tmp_path):
    np.savez(tmp_path / "good.npz", x=np.stack([pixels(i) for i in range(12)]), y=np.arange(12) % 2)
    np.savez(tmp_path / "evil.npz", x=np.array([Exploit()] * 6, dtype=object), y=np.arange(6) % 2)
    folder = write_folder(tmp_path / "photos", class_files())
    paths = [str(tmp_path / "good.npz"), str(tmp_path / "evil.npz"), str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(tmp_path), *paths], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["data-array-pickled", "[]"]
