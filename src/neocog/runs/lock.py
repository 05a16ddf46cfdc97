"""One writer per folder."""

import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from neocog.core.durable import storage_problem
from neocog.core.errors import FolderInUse

if os.name == "nt":
    import msvcrt
else:
    import fcntl

_TRIES = 20
_BETWEEN_LOOKS = 0.1  # seconds


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder; the lock goes with the process, however it ends.

    Raises:
        FolderInUse: another process holds it; its process id and host are named.
    """
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b", buffering=0)
    except OSError as problem:
        raise storage_problem(path, problem) from problem
    with file:
        try:
            _take(file)
            file.truncate(0)
            file.write(json.dumps({"process": os.getpid(), "host": socket.gethostname()}).encode())
        except (BlockingIOError, PermissionError) as problem:
            raise _in_use(folder, file) from problem
        except OSError as problem:
            raise storage_problem(path, problem) from problem
        try:
            yield
        finally:
            file.truncate(0)


def wait_until_free(folders: Iterable[Path], seconds: float) -> None:
    """Wait for processes that are about to leave these folders, for all together so many seconds.

    Raises:
        FolderInUse: one is still held then.
    """
    until = time.monotonic() + seconds
    for folder in folders:
        while not _free(folder, last=time.monotonic() >= until):
            time.sleep(_BETWEEN_LOOKS)


def _free(folder: Path, *, last: bool) -> bool:
    try:
        with locked(folder):
            return True
    except FolderInUse:
        if last:
            raise
        return False


def _take(file: IO[bytes]) -> None:
    if os.name == "nt":
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _in_use(folder: Path, file: IO[bytes]) -> FolderInUse:
    return FolderInUse(
        "folder-in-use",
        f"{_holder(file)} is writing to this folder",
        where=str(folder),
        note="nothing was changed",
        help="wait until it is done, or choose another folder with --into",
    )


def _holder(file: IO[bytes]) -> str:
    """Who wrote itself into the file; one that only just took the lock is given a second to do so."""
    for _ in range(_TRIES):
        try:
            file.seek(0)
            holder = json.load(file)
            if _lives(int(holder["process"]), holder["host"]):
                return f"process {holder['process']} on {holder['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            pass
        time.sleep(1 / _TRIES)
    return "another process"


def _lives(process: int, host: str) -> bool:
    """Whether it is no leftover of a process of this machine that was killed."""
    if os.name == "nt" or host != socket.gethostname():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
