"""One writer per folder, and the others are told who it is."""

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from neocog.core.errors import FolderInUse, StorageProblem
from neocog.runs import lock
from neocog.runs.lock import locked, wait_until_free

HOLD = """
import sys
from pathlib import Path
from neocog.runs.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys
from pathlib import Path
from neocog.core.errors import FolderInUse
from neocog.runs.lock import locked
sys.stdin.readline()
try:
    with locked(Path(sys.argv[1])):
        print("won", flush=True)
        sys.stdin.read()
except FolderInUse as problem:
    print(problem.what, flush=True)
"""


@contextmanager
def process(code: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block."""
    command = [sys.executable, "-c", code, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def first_line(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def test_a_second_process_is_refused_with_process_host_and_folder(tmp_path: Path) -> None:
    with process(HOLD, tmp_path) as holder:
        assert first_line(holder) == "held"
        with pytest.raises(FolderInUse) as caught, locked(tmp_path):
            pass
        assert caught.value.what == f"process {holder.pid} on {socket.gethostname()} is writing to this folder"
        assert caught.value.where == (str(tmp_path),)
        assert (caught.value.code, caught.value.exit_code) == ("folder-in-use", 73)
        holder.kill()  # SIGKILL: nothing is tidied up
        holder.wait()
        with locked(tmp_path):
            pass


def test_waiting_for_one_that_is_about_to_leave(tmp_path: Path) -> None:
    with process(HOLD, tmp_path / "a") as holder:
        assert first_line(holder) == "held"
        threading.Timer(0.3, holder.kill).start()
        wait_until_free([tmp_path / "free", tmp_path / "a"], seconds=20)
        assert holder.wait(timeout=1) != 0


def test_control_waiting_is_bounded(tmp_path: Path) -> None:
    with process(HOLD, tmp_path) as holder:
        assert first_line(holder) == "held"
        with pytest.raises(FolderInUse, match=f"process {holder.pid} on"):
            wait_until_free([tmp_path, tmp_path], seconds=0.2)
        assert holder.poll() is None


def test_of_racing_processes_one_wins_and_the_others_name_it(tmp_path: Path) -> None:
    racers = 3
    (tmp_path / "lock").write_text(json.dumps({"process": _gone(), "host": socket.gethostname()}))
    with process(TRY, tmp_path) as a, process(TRY, tmp_path) as b, process(TRY, tmp_path) as c:
        for each in (a, b, c):
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        said = {each.pid: first_line(each) for each in (a, b, c)}
    (winner,) = (pid for pid, line in said.items() if line == "won")
    others = [line for pid, line in said.items() if pid != winner]
    assert others == [f"process {winner} on {socket.gethostname()} is writing to this folder"] * (racers - 1)


def _gone() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_twice_in_one_process(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FolderInUse, match=f"process {os.getpid()} on"), locked(tmp_path):
        pass


def test_one_after_the_other_and_after_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    with locked(folder):
        assert json.loads((folder / "lock").read_text()) == {"process": os.getpid(), "host": socket.gethostname()}
    with pytest.raises(ZeroDivisionError), locked(folder):
        _ = 1 / 0
    with locked(folder):
        pass
    assert (folder / "lock").read_bytes() == b""


def test_control_folders_do_not_lock_each_other(tmp_path: Path) -> None:
    with locked(tmp_path / "a"), locked(tmp_path / "b"):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"process": "x", "host": 1}', '{"process": 3}'])
def test_a_holder_that_has_not_written_itself_down(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_TRIES", 1000)
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: None)
    with locked(tmp_path):
        (tmp_path / "lock").write_text(content)
        with pytest.raises(FolderInUse, match="another process is writing"), locked(tmp_path):
            pass


def test_a_holder_on_another_machine_is_named(tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / "lock").write_text(json.dumps({"process": 1, "host": "elsewhere"}))
        with pytest.raises(FolderInUse, match="process 1 on elsewhere"), locked(tmp_path):
            pass


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageProblem), locked(tmp_path / "file" / "run"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="flock")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_no_other_process(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(StorageProblem), locked(tmp_path):
        pass
