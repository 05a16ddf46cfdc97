"""One writer per folder."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from neocog.core.durable import storage_problem
from neocog.core.errors import FolderInUse

if os.name == "nt":
    import msvcrt
else:
    import fcntl


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder; the lock goes with the process, however it ends.

    Raises:
        FolderInUse: another process holds it; its process id and host are named.
    """
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as problem:
        raise storage_problem(path, problem) from problem
    with file:
        try:
            _take(file)
        except OSError as problem:
            raise _in_use(folder, file) from problem
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "host": socket.gethostname()}))
        file.flush()
        yield


def _take(file: IO[str]) -> None:
    if os.name == "nt":
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _in_use(folder: Path, file: IO[str]) -> FolderInUse:
    try:
        file.seek(0)
        holder = json.load(file)
        who = f"process {holder['process']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return FolderInUse(
        "folder-in-use",
        f"{who} is writing to this folder",
        where=str(folder),
        note="nothing was changed",
        help="wait until it is done, or choose another folder with --into",
    )
