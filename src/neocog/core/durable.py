"""Files that survive a crash: the one place that writes what must not be lost."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from neocog.core.errors import StorageProblem


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file at once and for good: afterwards it holds all of ``data``, or still what it held before.

    Temporary file in the same folder, fsync, rename, fsync of the folder (where the platform has that).

    Raises:
        StorageProblem: ``disk-full`` or ``file-unwritable``; the temporary file is gone again.
    """
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:  # not mkstemp, whose files only their owner may read
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException as problem:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            raise storage_problem(path, problem) from problem
        raise


def sync_folder(folder: Path) -> None:
    """Make renames inside the folder durable; nothing to do on Windows, which has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage_problem(path: Path, problem: OSError) -> StorageProblem:
    """What the operating system said, as one of our problems."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageProblem(
            "disk-full",
            f"no space is left to write {path.name}",
            where=str(path),
            note="what was there before is untouched",
            help="make room, then run the same command again; what was finished is kept",
        )
    return StorageProblem(
        "file-unwritable",
        f"{path.name} cannot be written: {problem.strerror or problem}",
        where=str(path),
        note="what was there before is untouched",
        help="choose another folder with --into, or mend its permissions",
    )
