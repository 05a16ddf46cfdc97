"""Files that survive: a full disk, a broken one, an interruption."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neocog.core.durable import storage_problem, write_durably
from neocog.core.errors import StorageProblem

OPERATIONS = ("fsync", "replace")


def failing(number: int, kind: BaseException, calls: list[str]) -> Callable[[str], Callable[..., Any]]:
    """Operations that note themselves, of which one raises."""

    def make(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def operation(*args: Any, **options: Any) -> Any:
            calls.append(name)
            if len(calls) == number:
                raise kind
            return real(*args, **options)

        return operation

    return make


def planted(patch: pytest.MonkeyPatch, number: int, kind: BaseException) -> list[str]:
    calls: list[str] = []
    make = failing(number, kind, calls)
    for name in OPERATIONS:
        patch.setattr(os, name, make(name))
    return calls


def test_it_replaces_the_file_and_leaves_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    for data in (b"old", b"", b"new" * 100_000):
        write_durably(path, data)
        assert path.read_bytes() == data
        assert os.listdir(tmp_path) == ["run.json"]


def test_file_then_rename_then_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that survives a power cut; the synced handles are those of the new file and of its folder."""
    synced: list[str] = []
    real, replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"file of {os.fstat(handle).st_size}")
        real(handle)

    def rename(old: Any, new: Any) -> None:
        synced.append("rename")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", rename)
    write_durably(tmp_path / "a", b"12345")
    assert synced == ["file of 5", "rename", "folder"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EIO, "file-unwritable")],
)
@pytest.mark.parametrize("call", [1, 2])
def test_a_disk_that_refuses_leaves_what_was_there(
    call: int, number: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights"
    write_durably(path, b"old")
    with monkeypatch.context() as patch:
        planted(patch, call, OSError(number, os.strerror(number)))
        with pytest.raises(StorageProblem) as caught:
            write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["weights"]
    assert (caught.value.code, caught.value.exit_code) == (code, 74)
    assert caught.value.where == (str(path),)
    assert isinstance(caught.value, OSError)


def test_a_sync_of_the_folder_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rename is done and may be lost in a power cut: not acknowledged, and whole either way."""
    path = tmp_path / "weights"
    write_durably(path, b"old")
    with monkeypatch.context() as patch:
        planted(patch, 3, OSError(errno.EIO, "Input/output error"))
        with pytest.raises(StorageProblem):
            write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["weights"]


def test_control_without_a_fault_all_three_are_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        calls = planted(patch, 99, OSError())
        write_durably(tmp_path / "weights", b"new")
    assert calls == ["fsync", "replace", "fsync"]


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OSError) as caught, full.open("wb") as file:
        file.write(b"x" * 100_000)
    assert storage_problem(tmp_path / "a", caught.value).code == "disk-full"


def test_an_interruption_leaves_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    write_durably(path, b"old")
    with monkeypatch.context() as patch:
        planted(patch, 1, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["weights"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageProblem, match="No such file") as caught:
        write_durably(tmp_path / "nowhere" / "a", b"")
    assert caught.value.code == "file-unwritable"


def test_the_longest_name_a_file_may_have(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_others_may_read_as_the_umask_says(tmp_path: Path) -> None:
    for mask, mode in ((0o022, 0o644), (0o077, 0o600)):
        before = os.umask(mask)
        try:
            write_durably(tmp_path / "report.html", b"")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == mode
